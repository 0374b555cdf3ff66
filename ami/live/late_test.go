package live_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// late lets a second model come now, which has only Asterisk's lists. It must see what
// the first one sees. Events may be under way, so it may take some attempts.
func (d *desk) late() {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, 10*time.Second)
	defer cancel()
	var diff string
	same := func() bool {
		m := live.New(live.Options{Server: "pbx1"})
		m.HandleState(ami.Connected, nil)
		if err := m.Resync(d.ctx, d.client); err != nil {
			d.t.Fatal(err)
		}
		if unknown := m.Server().Unknown; len(unknown) > 0 {
			d.t.Errorf("unknown parts %v", unknown)
		}
		d.fence()
		diff = cmp.Diff(picture(m), picture(d.model))
		return diff == ""
	}
	if d.changed.until(ctx, same) != nil {
		d.t.Errorf("from lists -, from events +\n%s", diff)
	}
}

// picture tells all that Asterisk's lists and its events both tell.
func picture(m *live.Model) (lines []string) {
	s := m.Snapshot()
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, c := range s.Calls {
		lasting := 0
		for _, l := range c.Channels {
			if l.Ended.IsZero() {
				lasting++
			}
		}
		add("call %s %v %s legs=%d", c.ID, c.Caller, c.Direction, lasting)
	}
	for _, ch := range s.Channels {
		add("channel %s %s %s %v %v %s@%s:%s %s(%s) in %s", ch.Name, ch.State, ch.CallID, ch.Caller, ch.Connected,
			ch.Exten, ch.Context, ch.Priority, ch.App, ch.AppData, ch.Bridge)
	}
	for _, b := range s.Bridges {
		add("bridge %s %s %s %s %s %v %d", b.ID, b.Type, b.Technology, b.Creator, b.Name, b.Channels, b.Size)
	}
	for _, p := range s.Parked {
		add("parked %s %d %s %s %v %v", p.Lot, p.Space, p.Channel, p.By, p.Party, p.Timeout)
	}
	for _, l := range s.ListenIns {
		add("listen-in %s %s %v", l.Channel, l.Target, l.By)
	}
	for _, q := range s.Queues {
		if len(q.Members)+len(q.Callers) == 0 {
			continue // events do not tell of it
		}
		add("queue %s %d %d", q.Name, q.Completed, q.Abandoned)
		for _, c := range q.Callers {
			add("queue %s caller %s %d", q.Name, c.Channel, c.Position)
		}
		for _, row := range q.Members {
			add("queue %s member %s %s %s %d %d %v %v %q %d %v", q.Name, row.Name, row.Interface, row.Membership, row.Penalty,
				row.Status, row.InCall, row.Paused, row.Reason, row.CallsTaken, row.LastCall)
		}
	}
	for _, c := range s.Conferences {
		add("conference %s %s", c.Name, c.Bridge)
		for _, p := range c.Participants {
			add("conference %s %s %v %v", c.Name, p.Channel, p.Admin, p.Muted)
		}
	}
	for _, dev := range s.Devices {
		if !strings.HasPrefix(dev.Name, "Local/") {
			add("device %s %s", dev.Name, dev.State)
		}
	}
	for _, p := range s.Endpoints {
		add("endpoint %s %s %s %v %d", p.Name, p.State, p.Device, p.Contacts, p.Channels)
	}
	slices.Sort(lines)
	return lines
}
