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

	// UUID is the id of the installation (the PBX UUID of "core show settings"). It is
	// kept in AstDB and stays the same across restarts.
	UUID string

	// Process is unlike that of any other run: the address and number of the thread
	// "listener", which lives as long as Asterisk does ("core show threads").
	Process string
}

// Identity asks Asterisk who it is. CoreSettings and CoreStatus need the write class
// system or reporting, UUID and Process need command. It is an error when Asterisk
// answers nothing of this; other errors are those of Do.
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
			id.UUID = uuidOf(r.Output())
		}},
		{Action{Name: "Command"}.With("Command", "core show threads"), func(r Response) {
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

func uuidOf(settings []string) string {
	for _, line := range settings {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "PBX UUID:"); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

// processOf takes lines such as "0x7f9eddac66c0 12112 listener started at …".
func processOf(threads []string) string {
	for _, line := range threads {
		if f := strings.Fields(line); len(f) > 2 && f[2] == "listener" {
			return f[0] + " " + f[1]
		}
	}
	return ""
}

// Restarted reports whether later, of the same address, is another run of Asterisk,
// and whether that can be told at all. Started alone makes two starts within the same
// second look like one, and two that are an hour apart when the clock was put back an
// hour in between; Process tells these apart as well.
func (id Identity) Restarted(later Identity) (restarted, known bool) {
	started := id.Started != "" && later.Started != ""
	process := id.Process != "" && later.Process != ""
	restarted = started && id.Started != later.Started || process && id.Process != later.Process
	return restarted, started || process
}

// StartTime returns Started as a time; zone is the server's, nil means UTC.
func (id Identity) StartTime(zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	return time.ParseInLocation(time.DateTime, id.Started, zone)
}
