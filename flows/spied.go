package flows

import (
	"context"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// allows reports whether the device is a member of one of the queues in only, or has one
// of its extensions.
func (s *spyStep) allows(c *Call, server *Server, device string) (bool, error) {
	if !s.Only.IsSet() {
		return true, nil
	}
	v, err := s.Only.Get(c)
	if err != nil {
		return false, err
	}
	only := words(v)
	if _, extension, _ := strings.Cut(device, "/"); slices.Contains(only, extension) {
		return true, nil
	}
	for _, q := range server.Live.Queues() {
		if slices.Contains(only, q.Name) && slices.ContainsFunc(q.Members, func(m live.Member) bool {
			return strings.EqualFold(m.Interface, device) || strings.EqualFold(m.StateInterface, device)
		}) {
			return true, nil
		}
	}
	return false, nil
}

// conversation returns the one channel of a device that is in a conversation. Who listens
// in is in none.
func (s *Server) conversation(device, not string) (live.Channel, bool) {
	var found []live.Channel
	for _, ch := range s.Live.Channels() {
		if strings.EqualFold(deviceOf(ch.Name), device) && ch.Bridge != "" && ch.Uniqueid != not && ch.Role != live.RoleListener {
			found = append(found, ch)
		}
	}
	if len(found) > 1 { // of several, the one that is not on hold
		found = slices.DeleteFunc(found, func(ch live.Channel) bool { return ch.Held })
	}
	if len(found) != 1 {
		return live.Channel{}, false
	}
	return found[0], true
}

// deviceOf returns the device of a channel: PJSIP/101 of PJSIP/101-00000007.
func deviceOf(channel string) string {
	if i := strings.LastIndexByte(channel, '-'); i > 0 {
		return channel[:i]
	}
	return channel
}

// consented reports whether the channel belongs to the group; Asterisk looks as well.
func (s *spyStep) consented(ctx context.Context, c *Call, server *Server, target live.Channel) (bool, error) {
	group, err := text(c, s.Group)
	if err != nil || group == "" {
		return err == nil, err
	}
	ask := ami.Action{Name: "Getvar"}.With("Channel", target.Name).With("Variable", "SPYGROUP")
	r, err := server.Manager.Do(ctx, ask)
	if refused(err, noChannel...) {
		return false, nil
	}
	return slices.Contains(strings.Split(r.Get("Value"), ":"), group), err
}
