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

// startingTime is how long Identity waits for the console of an Asterisk that starts.
const startingTime = 3 * time.Second

// Identity asks Asterisk who it is. CoreSettings and CoreStatus need the write class
// system or reporting, UUID and Process need command. Asterisk tells these two some
// milliseconds after FullyBooted; Identity waits up to three seconds for that. It is an
// error when Asterisk answers nothing of this; other errors are those of Do.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	var id Identity
	var refusals []error
	for _, question := range []struct {
		ask    func(context.Context, Action) (Response, error)
		action Action
		answer func(Response)
	}{
		{c.Do, Action{Name: "CoreSettings"}, func(r Response) {
			id.SystemName, id.Version = r.Get("SystemName"), r.Get("AsteriskVersion")
		}},
		{c.Do, Action{Name: "CoreStatus"}, func(r Response) {
			id.Started = strings.TrimSpace(r.Get("CoreStartupDate") + " " + r.Get("CoreStartupTime"))
		}},
		{c.doStarted, Action{Name: "Command"}.With("Command", "core show settings"), func(r Response) {
			id.UUID = uuidOf(r.Output())
		}},
		{c.Do, Action{Name: "Command"}.With("Command", "core show threads"), func(r Response) {
			id.Process = processOf(r.Output())
		}},
	} {
		r, err := question.ask(ctx, question.action)
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

// doStarted does a command that every Asterisk has, again and again as long as there is
// no such command: Asterisk adds its own as the last step of its start.
func (c *Client) doStarted(ctx context.Context, a Action) (Response, error) {
	const pause = 50 * time.Millisecond
	for until := time.Now().Add(startingTime); ; {
		r, err := c.Do(ctx, a)
		refusal, refused := errors.AsType[*Error](err)
		starting := refused && strings.HasPrefix(refusal.Message, "No such command")
		if !starting || time.Until(until) < pause || !sleep(ctx, pause) {
			return r, err
		}
	}
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
// and whether that can be told at all: not when nothing else differs and one of the two,
// from when Asterisk was starting, lacks Process. Started alone makes two starts within the same
// second look like one, and two that are an hour apart when the clock was put back an
// hour in between; Process tells these apart as well.
func (id Identity) Restarted(later Identity) (restarted, known bool) {
	started := id.Started != "" && later.Started != ""
	process := id.Process != "" && later.Process != ""
	restarted = started && id.Started != later.Started || process && id.Process != later.Process
	half := (id.Process == "") != (later.Process == "")
	return restarted, restarted || process || started && !half
}

// StartTime returns Started as a time; zone is the server's, nil means UTC.
func (id Identity) StartTime(zone *time.Location) (time.Time, error) {
	if zone == nil {
		zone = time.UTC
	}
	return time.ParseInLocation(time.DateTime, id.Started, zone)
}
