package ami

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// narrow is what Asterisk is asked to send: the events of these names and of these
// classes; nil means all of them.
type narrow struct {
	names    []string
	classes  []string
	login    string // Options.Events, which stands above classes
	advanced bool   // this Asterisk knows MatchCriteria
}

// narrowFor sums up what Handler and the subscriptions want.
func (c *Client) narrowFor() narrow {
	n := narrow{login: c.opts.Events}
	if !c.opts.ServerFilter {
		return n
	}
	var wants []*Want
	if c.opts.Handler != nil {
		wants = append(wants, &c.opts.Wants)
	}
	for _, s := range *c.subs.Load() {
		wants = append(wants, &s.want)
	}
	n.names, n.classes = []string{}, []string{}
	for _, w := range wants {
		n.names = union(n.names, w.Names)
		n.classes = union(n.classes, w.Classes)
	}
	if slices.ContainsFunc(n.names, func(name string) bool { return !plainName(name) }) {
		n.names = nil
	}
	if n.names != nil {
		n.names = union(n.names, []string{"OriginateResponse"}) // for Originate
	}
	if len(n.classes) == 0 {
		n.classes = nil // nobody wants anything: leave it to the filters
	}
	return n
}

// union adds b to a; nil is everything.
func union(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// plainName reports whether an event's name means itself in a filter.
func plainName(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// mask returns the Events header for the login.
func (n *narrow) mask() string { return cmp.Or(n.login, strings.Join(n.classes, ",")) }

// filter sets the filters of a new connection.
func (c *Client) filter(l *link, n *narrow) error {
	if n.names == nil {
		return nil
	}
	settings, err := c.ask(l, Action{Name: "CoreSettings"})
	if refusal := (*Error)(nil); err != nil && !errors.As(err, &refusal) {
		return err
	}
	n.advanced = knowsMatchCriteria(settings.Get("AsteriskVersion"))
	for _, a := range filters(n.names, n.advanced) {
		_, err := c.ask(l, a)
		if refusal := (*Error)(nil); errors.As(err, &refusal) {
			// All are refused, or none.
			c.log.Warn("Asterisk sends all events, for it sets no filter", "error", err)
			n.names = nil
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keepNarrow asks for what later subscriptions want, until ctx ends. Asterisk cannot
// take a filter back, so it never asks for less.
func (c *Client) keepNarrow(ctx context.Context, s *session) {
	for {
		for _, a := range s.narrow.widen(c.narrowFor()) {
			if _, err := c.Do(ctx, a); err != nil {
				if ctx.Err() == nil {
					c.log.Warn("a later subscription may miss events", "action", a.Name, "error", err)
				}
				break
			}
		}
		select {
		case <-s.wider:
		case <-ctx.Done():
			return
		}
	}
}

// widen takes what is wanted now and returns the actions that make it come.
func (n *narrow) widen(now narrow) []Action {
	var actions []Action
	if n.names != nil {
		switch wider := union(n.names, now.names); {
		case wider == nil:
			actions = append(actions, Action{Name: "Filter"}.With("Operation", "Add").With("Filter", "^Event: "))
			n.names = nil
		case len(wider) > len(n.names):
			added := slices.DeleteFunc(slices.Clone(wider), func(name string) bool { return slices.Contains(n.names, name) })
			actions = append(actions, filters(added, n.advanced)...)
			n.names = wider
		}
	}
	if n.classes != nil && n.login == "" {
		switch wider := union(n.classes, now.classes); {
		case wider == nil:
			actions = append(actions, Action{Name: "Events"}.With("EventMask", "on"))
			n.classes = nil
		case len(wider) > len(n.classes):
			actions = append(actions, Action{Name: "Events"}.With("EventMask", strings.Join(wider, ",")))
			n.classes = wider
		}
	}
	return actions
}

// filters returns the actions that let events of these names through. MatchCriteria
// compares a hash of the name; before it there were only regular expressions, which
// search the whole event.
func filters(names []string, advanced bool) []Action {
	const room = 900 // of the 1,024 bytes of a line
	add := Action{Name: "Filter"}.With("Operation", "Add")
	var actions []Action
	if advanced {
		for _, name := range names {
			actions = append(actions, add.With("MatchCriteria", "action(include),name("+name+"),method(none)"))
		}
		return actions
	}
	for len(names) > 0 {
		n, size := 1, len(names[0])
		for n < len(names) && size+len(names[n]) < room {
			size += 1 + len(names[n])
			n++
		}
		actions = append(actions, add.With("Filter", "^Event: ("+strings.Join(names[:n], "|")+")[[:space:]]"))
		names = names[n:]
	}
	return actions
}

// knowsMatchCriteria tells by the version: Asterisk 18.26, 20.11, 21.6 and 22.1
// brought it. Elsewhere the header is ignored, and the filter would match everything.
func knowsMatchCriteria(version string) bool {
	first := map[int]int{18: 26, 20: 11, 21: 6, 22: 1}
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err := strconv.Atoi(major)
	if err != nil {
		return false // certified/…, GIT-…
	}
	b, err := strconv.Atoi(strings.TrimRight(minor, "abcdefghijklmnopqrstuvwxyz-~+"))
	since, listed := first[a]
	return err == nil && (listed && b >= since || a > 22)
}
