package ami

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Identity says which Asterisk it is that answers, and which run of it. What the
// user may not ask stays empty.
type Identity struct {
	// SystemName is the systemname of asterisk.conf, often empty. Version is as
	// Asterisk writes it: "22.10.1".
	SystemName, Version string

	// Started is when it was started, by its own clock and in its own time zone, to
	// the second: "2026-11-21 11:43:48".
	Started string

	// Process is an id that Asterisk makes anew at each start (the PBX UUID of "core
	// show settings").
	Process string
}

// Identity asks Asterisk who it is. CoreSettings and CoreStatus need the write class
// system or reporting, Process needs command. It is an error when Asterisk answers
// none of the three; other errors are those of Do.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	var id Identity
	var refusals []error
	for _, question := range []struct {
		action Action
		answer func(Response)
	}{
		{Action{Name: "CoreSettings"}, func(r Response) {
			id.SystemName, id.Version = r.Get("SystemName"), r.Get("AsteriskVersion")
		}},
		{Action{Name: "CoreStatus"}, func(r Response) {
			id.Started = strings.TrimSpace(r.Get("CoreStartupDate") + " " + r.Get("CoreStartupTime"))
		}},
		{Action{Name: "Command"}.With("Command", "core show settings"), func(r Response) {
			id.Process = processOf(r.Output())
		}},
	} {
		r, err := c.Do(ctx, question.action)
		switch refusal := (*Error)(nil); {
		case err == nil:
			question.answer(r)
		case errors.As(err, &refusal):
			refusals = append(refusals, err)
		default:
			return Identity{}, err
		}
	}
	if id == (Identity{}) {
		return id, errors.Join(refusals...)
	}
	return id, nil
}

func processOf(settings []string) string {
	for _, line := range settings {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "PBX UUID:"); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

// Restarted reports whether later, of the same address, is another run of Asterisk,
// and whether that can be told at all. With Process known on both sides it is
// certain. With Started alone, two starts within the same second look like one, and
// so do starts an hour apart when the server's clock is put back an hour.
func (id Identity) Restarted(later Identity) (restarted, known bool) {
	switch {
	case id.Process != "" && later.Process != "":
		return id.Process != later.Process, true
	case id.Started != "" && later.Started != "":
		return id.Started != later.Started, true
	}
	return false, false
}

// StartTime returns Started as a time; zone is the server's, nil means UTC.
func (id Identity) StartTime(zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	return time.ParseInLocation(time.DateTime, id.Started, zone)
}
