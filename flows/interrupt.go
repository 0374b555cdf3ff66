package flows

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
)

// Interrupt ends a command of a call that was given up and that AGI itself cannot end,
// over the manager session of the call's Asterisk: sounds with keys, what is said, a
// recording, and, unless the server shuts down, a conference, a page and a listening.
// It is for [agi.Server].Interrupt. Others go on until they end by themselves, such as
// the conversation of dial; for them, and without a manager session, it returns why.
func (e *Engine) Interrupt(ctx context.Context, s *agi.Session, line string) error {
	end := enderOf(line)
	switch {
	case end == nil:
		return errors.New("it goes on: nothing ends it but the caller")
	case end.talk && errors.Is(context.Cause(s.Context()), agi.ErrServerClosed):
		return errors.New("it goes on: who talks is not cut off")
	}
	server, err := e.serverOf(ctx, s)
	if err != nil {
		return fmt.Errorf("it goes on: %w", err)
	}
	return end.act(ctx, server.Manager, s, line)
}

// serverOf returns the Asterisk server that a session is on; its manager session is up.
func (e *Engine) serverOf(ctx context.Context, s *agi.Session) (server *Server, err error) {
	switch len(e.Servers) {
	case 0:
		return nil, errNoServer
	case 1: // actions name the call by its unique id, so they meet no other
		server = &e.Servers[0]
	default:
		server = e.homeServer(ctx, s.Env().UniqueID(), s.Env().Channel())
	}
	switch {
	case server == nil:
		return nil, errors.New("it is not known which Asterisk server the call is on")
	case !server.Manager.Connected():
		return nil, fmt.Errorf("the manager session to %s is down", server.Name)
	}
	return server, nil
}

// ender is how the manager ends a command.
type ender struct {
	command string // what its line begins with
	talk    bool   // people talk in it
	act     func(ctx context.Context, m Manager, s *agi.Session, line string) error
}

var enders = []ender{
	{`CONTROL STREAM FILE "`, false, stopSound},
	{`EXEC "Playback" "`, false, stopSound},
	{`EXEC "Background" "`, false, stopSound},
	{`SAY `, false, pressStop},
	{`RECORD FILE "`, false, pressStop},
	{`EXEC "ConfBridge" "`, true, leaveRoom},
	{`EXEC "Page" "`, true, leavePage},
	{`EXEC "ChanSpy" "`, true, stopListening},
}

// enderOf returns how a command is ended; nil if nothing ends it.
func enderOf(line string) *ender {
	for i, e := range enders {
		if len(line) >= len(e.command) && strings.EqualFold(line[:len(e.command)], e.command) {
			return &enders[i]
		}
	}
	return nil
}

// EndingActions returns the actions of the manager by which the step is ended at its time.
func (n *Node) EndingActions() []string {
	timed := n.Timeout.IsSet()
	switch step := n.Step.(type) {
	case *sayStep:
		if timed {
			return []string{"PlayDTMF"}
		}
	case *playStep:
		if timed && step.Keys != (transport{}) {
			return []string{"ControlPlayback"}
		}
	case *conferenceStep:
		if timed {
			return []string{"ConfbridgeKick"}
		}
	case *pageStep:
		if timed {
			return []string{"ConfbridgeListRooms", "ConfbridgeList", "ConfbridgeKick"}
		}
	case *spyStep:
		if timed || step.Limit.IsSet() {
			return []string{"PlayDTMF"}
		}
	}
	return nil
}

func stopSound(ctx context.Context, m Manager, s *agi.Session, _ string) error {
	_, err := m.Do(ctx, ami.Action{Name: "ControlPlayback"}.With("Channel", s.Env().UniqueID()).With("Control", "stop"))
	return err
}

// stopKey is no key of a usual telephone. Commands that only a key ends get it.
const stopKey = "D"

// press has Asterisk believe that the caller pressed a key.
func press(ctx context.Context, m Manager, s *agi.Session, key string) error {
	_, err := m.Do(ctx, ami.Action{Name: "PlayDTMF"}.With("Channel", s.Env().UniqueID()).With("Digit", key).With("Receive", "true"))
	return err
}

func pressStop(ctx context.Context, m Manager, s *agi.Session, _ string) error {
	p, ok := ctx.Value(pressedKey{}).(*bool)
	if !ok {
		return errors.New("it goes on: no key ends it")
	}
	*p = true
	return press(ctx, m, s, stopKey)
}

// pressedKey is the key of contexts in which stopKey ends the command: the value, a *bool,
// becomes true when that was pressed.
type pressedKey struct{}

// keyLeft is how long to look for a key that came too late. It is there at once.
const keyLeft = 50 * time.Millisecond

// endedByKey runs a command that only a key ends. The command gets the caller's keys,
// and with them the one that Interrupt presses; a caller who has such a key and presses
// it ends the command too.
func (c *Call) endedByKey(ctx context.Context, keys string, command func(ctx context.Context, keys string) error) error {
	if len(c.engine.Servers) == 0 {
		return command(ctx, keys)
	}
	var pressed bool
	err := command(context.WithValue(ctx, pressedKey{}, &pressed), keys+stopKey)
	if pressed && c.Session.Context().Err() == nil {
		// When the command had ended a moment before, the key is still on its way to
		// whatever listens next. An error comes again there.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = c.Session.WaitForDigit(after, keyLeft)
	}
	return err
}

func leaveRoom(ctx context.Context, m Manager, s *agi.Session, line string) error {
	room, _, _ := strings.Cut(strings.TrimSuffix(line[len(`EXEC "ConfBridge" "`):], `"`), ",")
	return kick(ctx, m, s, room)
}

func kick(ctx context.Context, m Manager, s *agi.Session, room string) error {
	_, err := m.Do(ctx, ami.Action{Name: "ConfbridgeKick"}.With("Conference", room).With("Channel", s.Env().Channel()))
	return err
}

// leavePage looks for the room that Page has made.
func leavePage(ctx context.Context, m Manager, s *agi.Session, _ string) error {
	rooms, err := m.List(ctx, ami.Action{Name: "ConfbridgeListRooms"})
	if err != nil {
		return err
	}
	for _, r := range rooms {
		room := r.Get("Conference")
		users, err := m.List(ctx, ami.Action{Name: "ConfbridgeList"}.With("Conference", room))
		if err != nil {
			continue // it is over
		}
		for _, u := range users {
			if u.Get("Channel") == s.Env().Channel() {
				return kick(ctx, m, s, room)
			}
		}
	}
	return errors.New("it goes on: the page is in no room")
}

// spyExit is the option of ChanSpy with the key that ends it.
var spyExit = regexp.MustCompile(`x\((.)\)`)

func stopListening(ctx context.Context, m Manager, s *agi.Session, line string) error {
	option := spyExit.FindStringSubmatch(line)
	if option == nil {
		return errors.New("it goes on: no key ends it")
	}
	return press(ctx, m, s, option[1])
}
