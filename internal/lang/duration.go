package lang

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseDuration reads a duration with units, such as 30s, 5m or 1h30m.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err == nil && d < 0:
		return 0, &textError{hint: "a duration cannot be negative"}
	case err == nil && text != "0":
		return d, nil
	}
	instead := durationFrom(text)
	switch _, numberErr := strconv.ParseFloat(text, 64); {
	case instead == "":
		return 0, &textError{hint: "write 500ms, 30s, 5m or 1h30m"}
	case numberErr == nil:
		return 0, &textError{hint: "write the unit: " + instead, instead: instead}
	case strings.HasSuffix(strings.ToLower(text), "d"), strings.Contains(strings.ToLower(text), "day"):
		return 0, &textError{hint: "write days as hours: " + instead, instead: instead}
	}
	return 0, &textError{hint: "write " + instead, instead: instead}
}

var (
	wordyDuration = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)$`)
	clockDuration = regexp.MustCompile(`^([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?$`)
)

// units are the ways to write a unit, each with ours.
var units = map[string]string{
	"": "s", "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
	"ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms",
	"m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
}

// durationFrom guesses which duration a text means that is none; "" when it cannot be
// guessed.
func durationFrom(text string) string {
	if m := clockDuration.FindStringSubmatch(text); m != nil && m[3] != "" {
		return strings.TrimLeft(m[1], "0") + "h" + m[2] + "m" + m[3] + "s"
	}
	m := wordyDuration.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	unit := strings.ToLower(m[2])
	if n, err := strconv.Atoi(m[1]); err == nil && (unit == "d" || unit == "day" || unit == "days") {
		return fmt.Sprintf("%dh", 24*n)
	}
	ours, known := units[unit]
	if !known {
		return ""
	}
	return m[1] + ours
}
