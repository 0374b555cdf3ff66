package live

import (
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
)

// trunks are patterns of channel names.
type trunks []trunk

type trunk struct {
	pattern string // as it was written
	folded  string // prepared for match
}

func newTrunks(patterns []string, log hclog.Logger) trunks {
	var ts trunks
	for _, p := range patterns {
		t := fold(p)
		if _, err := path.Match(t, ""); err != nil {
			log.Warn("trunk pattern ignored", "pattern", p, "error", err)
			continue
		}
		ts = append(ts, trunk{p, t})
	}
	return ts
}

// match returns the first pattern that matches the channel; the channel leads outside
// if there is one.
func (ts trunks) match(channel string) (pattern string, ok bool) {
	if len(ts) == 0 {
		return "", false
	}
	channel = fold(channel)
	for _, t := range ts {
		if ok, _ := path.Match(t.folded, channel); ok { // the pattern was tried in newTrunks
			return t.pattern, true
		}
	}
	return "", false
}

// fold makes matching blind to case, and a slash a letter like any other.
func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "/", "\x00") }

// parseTimestamp reads a Timestamp header: seconds since 1970, a dot, microseconds.
func parseTimestamp(s string) (time.Time, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(frac) > 9 {
		frac = frac[:9]
	}
	nsec := 0
	if frac != "" {
		if nsec, err = strconv.Atoi(frac); err != nil || nsec < 0 {
			return time.Time{}, false
		}
		for range 9 - len(frac) {
			nsec *= 10
		}
	}
	return time.Unix(sec, int64(nsec)), true
}

// parseClock reads a Duration of CoreShowChannels, "01:02:03".
func parseClock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	total := 0
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return 0, false
		}
		total = total*60 + n
	}
	return time.Duration(total) * time.Second, true
}
