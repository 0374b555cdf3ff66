package agi

import (
	"context"
	"strconv"
	"time"
)

// Answer answers the channel. It is no error if it is answered already.
func (s *Session) Answer(ctx context.Context) error {
	_, err := s.run(ctx, "ANSWER")
	return err
}

// Hangup hangs a channel up: the session's own when channel is "". The error is an
// [*Error] with code 200 when there is no such channel.
//
// After hanging up its own channel the session lives on as after any hangup.
func (s *Session) Hangup(ctx context.Context, channel string) error {
	r, err := s.Do(ctx, "HANGUP", trim(channel)...)
	if err == nil && r.failed() {
		err = &Error{Code: r.Code, Command: "HANGUP", Text: "no such channel"}
	}
	return err
}

// ChannelState is a channel's state, in Asterisk's numbers.
type ChannelState int

// The states that CHANNEL STATUS tells.
const (
	ChannelDown           ChannelState = iota // down and available
	ChannelReserved                           // down, but reserved
	ChannelOffHook                            // off hook
	ChannelDialing                            // digits have been dialled
	ChannelRing                               // the line is ringing, seen from the caller
	ChannelRinging                            // the remote end is ringing
	ChannelUp                                 // up: answered
	ChannelBusy                               // busy
	ChannelDialingOffHook                     // digits have been dialled while off hook
	ChannelPreRing                            // detected an incoming call and waits for ring
)

// ChannelStatus returns the state of a channel, the session's own when channel is
// "". The error is an [*Error] with code 200 when there is no such channel.
func (s *Session) ChannelStatus(ctx context.Context, channel string) (ChannelState, error) {
	r, err := s.Do(ctx, "CHANNEL STATUS", trim(channel)...)
	if err != nil {
		return 0, err
	}
	if r.failed() {
		return 0, &Error{Code: r.Code, Command: "CHANNEL STATUS", Text: "no such channel"}
	}
	n, err := r.Int()
	return ChannelState(n), err
}

// SetContext sets the dialplan context in which the call goes on afterwards.
// Asterisk does not check that it exists.
func (s *Session) SetContext(ctx context.Context, name string) error {
	_, err := s.run(ctx, "SET CONTEXT", name)
	return err
}

// SetExtension sets the dialplan extension at which the call goes on afterwards.
// Asterisk does not check that it exists.
func (s *Session) SetExtension(ctx context.Context, extension string) error {
	_, err := s.run(ctx, "SET EXTENSION", extension)
	return err
}

// SetPriority sets the dialplan priority, a number or a label of the present
// extension, at which the call goes on afterwards. The error is an [*Error] with code
// 520 when the label does not exist.
func (s *Session) SetPriority(ctx context.Context, priority string) error {
	_, err := s.run(ctx, "SET PRIORITY", priority)
	return err
}

// SetCallerID sets the caller id of the channel, as in `"Alice" <5550100>`. A number
// alone leaves no name, "" neither. Asterisk cuts it after 255 bytes.
func (s *Session) SetCallerID(ctx context.Context, callerID string) error {
	_, err := s.run(ctx, "SET CALLERID", callerID)
	return err
}

// SetAutoHangup makes Asterisk hang the channel up after a time, whatever it does
// then; within the session that is a hangup like any other. 0 or less switches it off.
func (s *Session) SetAutoHangup(ctx context.Context, after time.Duration) error {
	_, err := s.run(ctx, "SET AUTOHANGUP", strconv.FormatFloat(max(after, 0).Seconds(), 'f', -1, 64))
	return err
}

// SetMusic switches music on hold on or off, without waiting for its end. class ""
// is the channel's class. Asterisk reports success too when there is no such class.
// A command that plays a file ends the music.
func (s *Session) SetMusic(ctx context.Context, on bool, class string) error {
	state := "off"
	if on {
		state = "on"
	}
	_, err := s.run(ctx, "SET MUSIC", trim(state, class)...)
	return err
}

// TDDMode switches the channel to a telecommunications device for the deaf: mode is
// "on" (or "tdd"), "off" or "mate". It reports whether the channel can do that, which
// only DAHDI channels can.
func (s *Session) TDDMode(ctx context.Context, mode string) (ok bool, err error) {
	r, err := s.Do(ctx, "TDD MODE", mode)
	return err == nil && r.Result == "1", err
}

// String returns the state's name.
func (c ChannelState) String() string {
	names := [...]string{"down", "reserved", "off hook", "dialing", "ring", "ringing", "up", "busy", "dialing off hook", "pre-ring"}
	if c >= 0 && int(c) < len(names) {
		return names[c]
	}
	return "state " + strconv.Itoa(int(c))
}
