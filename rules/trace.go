package rules

import (
	"fmt"
	"io"
	"time"

	"github.com/pbxflow/pbxflow/flows"
)

// Trace is one decision of a rule: why it fired, or why it kept silent although
// its condition was true.
type Trace struct {
	Rule   string    `json:"rule"`
	Event  string    `json:"event"`
	Server string    `json:"server"`
	Call   string    `json:"call,omitempty"`
	Key    string    `json:"key,omitempty"`
	Time   time.Time `json:"time"`
	Fired  bool      `json:"fired"`
	// Silent says why the rule did not fire.
	Silent string `json:"silent,omitempty"`
	Error  string `json:"error,omitempty"`
	// Actions is the run of the rule's steps; nil when it did not fire.
	Actions *flows.Trace `json:"actions,omitempty"`
}

func newTrace(r *Rule, v *vars) *Trace {
	t := &Trace{Rule: r.Name, Event: v.event.Name, Server: v.event.Server, Time: v.now}
	if v.event.Call != nil {
		t.Call = v.event.Call.ID
	}
	return t
}

// WriteTo writes the trace for people.
func (t *Trace) WriteTo(w io.Writer) (int64, error) {
	what := "fired"
	switch {
	case t.Error != "" && t.Actions == nil:
		what = "failed: " + t.Error
	case t.Silent != "":
		what = "kept silent: " + t.Silent
	}
	n, err := fmt.Fprintf(w, "rule %s on %s of %s, case %q: %s\n", t.Rule, t.Event, t.Server, t.Key, what)
	if err != nil || t.Actions == nil {
		return int64(n), err
	}
	m, err := t.Actions.WriteTo(w)
	return int64(n) + m, err
}
