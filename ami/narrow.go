package ami

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// narrow is what Asterisk is asked to send: the events that one of these selects and
// that are of these classes; nil means all of them.
type narrow struct {
	selected []selector
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
		for _, w := range *c.wants.Load() {
			wants = append(wants, &w)
		}
	}
	for _, s := range *c.subs.Load() {
		wants = append(wants, &s.want)
	}
	n.selected, n.classes = []selector{{name: "OriginateResponse"}}, []string{"call"} // for Originate
	for _, w := range wants {
		n.selected = union(n.selected, w.selectors(), selector.compare)
		n.classes = union(n.classes, w.Classes, strings.Compare)
	}
	if len(wants) == 0 {
		n.classes = nil // leave it to the filters
	}
	return n
}

// union adds b to a; nil is everything.
func union[T comparable](a, b []T, compare func(T, T) int) []T {
	if a == nil || b == nil {
		return nil
	}
	all := slices.Concat(a, b)
	slices.SortFunc(all, compare)
	return slices.Compact(all)
}

// mask returns the Events header for the login.
func (n *narrow) mask() string { return cmp.Or(n.login, strings.Join(n.classes, ",")) }

// filter sets the filters of a new connection.
func (c *Client) filter(l *link, n *narrow) error {
	if n.selected == nil {
		return nil
	}
	settings, err := c.ask(l, Action{Name: "CoreSettings"})
	if refusal := (*Error)(nil); err != nil && !errors.As(err, &refusal) {
		return err
	}
	n.advanced = knowsMatchCriteria(settings.Get("AsteriskVersion"))
	for _, a := range filters(n.selected, n.advanced) {
		_, err := c.ask(l, a)
		if refusal := (*Error)(nil); errors.As(err, &refusal) {
			// All are refused, or none.
			if !c.unfiltered {
				c.log.Info("Asterisk sends all events, for it sets no filter", "error", err)
			}
			c.unfiltered = true
			n.selected = nil
			return nil
		}
		if err != nil {
			return err
		}
	}
	c.unfiltered = false
	return nil
}

// keepNarrow asks for what later subscriptions want, until ctx ends. Asterisk cannot
// take a filter back, so it never asks for less.
func (c *Client) keepNarrow(ctx context.Context, s *session) {
	for {
		for _, a := range s.narrow.widen(c.narrowFor()) {
			if _, err := c.Do(ctx, a); err != nil {
				if ctx.Err() != nil {
					return // the next session asks for all at once
				}
				c.log.Warn("a later subscription may miss events", "action", a.Name, "error", err)
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
	if n.selected != nil {
		switch wider := union(n.selected, now.selected, selector.compare); {
		case wider == nil:
			actions = append(actions, Action{Name: "Filter"}.With("Operation", "Add").With("Filter", "^Event: "))
			n.selected = nil
		case len(wider) > len(n.selected):
			added := slices.DeleteFunc(slices.Clone(wider), func(s selector) bool { return slices.Contains(n.selected, s) })
			actions = append(actions, filters(added, n.advanced)...)
			n.selected = wider
		}
	}
	if n.classes != nil && n.login == "" {
		switch wider := union(n.classes, now.classes, strings.Compare); {
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
