package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// lists are the answers of Asterisk.
type lists struct {
	id      ami.Identity           // which run of Asterisk it is; empty when it would not tell
	rows    map[string][]ami.Event // by action
	asked   map[string]time.Time   // when they were asked for, by the clock of this machine
	read    map[string]time.Time   // when they were in
	now     func() time.Time
	unknown map[string]*Part // what it would not tell
}

// has reports whether a part could be had.
func (l lists) has(part string) bool { return l.unknown[part] == nil }

// ask gets the lists, one after another: an answer is read faster than it is written.
// Only the channels are indispensable: a user may lack the right for the rest, or no
// module may have it.
func ask(ctx context.Context, c *ami.Client, now func() time.Time) (lists, error) {
	l := lists{rows: make(map[string][]ami.Event), asked: make(map[string]time.Time), read: make(map[string]time.Time), now: now, unknown: make(map[string]*Part)}
	id, err := c.Identity(ctx)
	if refused := (*ami.Error)(nil); err != nil && !errors.As(err, &refused) {
		return l, err
	}
	l.id = id
	for _, q := range questions {
		if err := l.ask(ctx, c, q, ami.Action{Name: q.action}); err != nil {
			return l, err
		}
	}
	participants := question{part: PartConferences, action: "ConfbridgeList", right: "reporting", module: "app_confbridge.so"}
	for _, room := range l.rows["ConfbridgeListRooms"] {
		a := ami.Action{Name: "ConfbridgeList"}.With("Conference", room.Get("Conference"))
		if err := l.ask(ctx, c, participants, a); err != nil {
			return l, err
		}
	}
	return l, l.askStatic(ctx, c)
}

// askStatic asks about the contacts that are written in pjsip.conf, mostly of trunks:
// the list of contacts does not have them.
func (l *lists) askStatic(ctx context.Context, c *ami.Client) error {
	listed := make(map[string]bool)
	for _, row := range l.rows["PJSIPShowContacts"] {
		listed[row.Get("Uri")] = true
	}
	q := question{part: PartEndpoints, action: "PJSIPShowEndpoint", right: "system", module: "res_pjsip.so"}
	for _, row := range l.rows["PJSIPShowEndpoints"] {
		for contact := range strings.SplitSeq(row.Get("Contacts"), ",") { // "trunk/sip:203.0.113.1,"
			if _, uri, ok := strings.Cut(contact, "/"); !ok || listed[uri] {
				continue
			}
			if err := l.ask(ctx, c, q, ami.Action{Name: q.action}.With("Endpoint", row.Get("ObjectName"))); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// ask puts one question. It fails when the session does, or without the channels.
func (l *lists) ask(ctx context.Context, c *ami.Client, q question, a ami.Action) error {
	l.asked[q.action] = l.now()
	rows, err := c.List(ctx, a)
	l.rows[q.action] = append(l.rows[q.action], rows...)
	l.read[q.action] = l.now()
	var refused *ami.Error
	if err == nil {
		return nil
	}
	if !errors.As(err, &refused) {
		return err
	}
	p := q.refused(refused.Message)
	switch {
	case q.part == PartChannels && p != nil && p.Needs != "":
		return fmt.Errorf("%w: %s", err, p.Needs)
	case q.part == PartChannels:
		return err
	case p != nil:
		l.unknown[q.part] = p
	}
	return nil
}
