package flows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// How a run of steps ended.
const (
	StatusDone   = "DONE"   // it reached its end and went back to the dialplan
	StatusHangup = "HANGUP" // the caller or the flow hung up
	StatusError  = "ERROR"  // a step failed and no handler took it
)

// Trace is the record of one run: a call's flow, or the steps of a rule. It is
// complete and immutable when the engine hands it out.
type Trace struct {
	Flow     string        `json:"flow,omitempty"` // the flow that it began in
	Rule     string        `json:"rule,omitempty"`
	Revision string        `json:"revision"`
	Call     string        `json:"call,omitempty"` // Asterisk's unique id
	Channel  string        `json:"channel,omitempty"`
	Caller   string        `json:"caller,omitempty"`
	Dialed   string        `json:"dialed,omitempty"`
	Started  time.Time     `json:"started"`
	Took     time.Duration `json:"took"`
	Status   string        `json:"status"`
	// EndedBy is caller, flow, dialplan (the flow ended and gave the call back)
	// or error.
	EndedBy string       `json:"ended_by"`
	Error   string       `json:"error,omitempty"`
	Steps   []*StepTrace `json:"steps"`
	// Dropped counts steps beyond the first 1,000, which are not kept.
	Dropped int `json:"dropped,omitempty"`
}

// StepTrace is one step of a trace.
type StepTrace struct {
	Pos     string         `json:"pos"` // file:line:col
	Verb    string         `json:"verb"`
	Depth   int            `json:"depth"`
	Flow    string         `json:"flow,omitempty"` // the flow that the step belongs to
	Args    []Arg          `json:"args,omitempty"`
	Start   time.Duration  `json:"start"` // since the trace began
	Took    time.Duration  `json:"took"`
	Outcome string         `json:"outcome,omitempty"`
	Skipped string         `json:"skipped,omitempty"` // why it did not run
	Error   string         `json:"error,omitempty"`
	Handled string         `json:"handled,omitempty"` // what took the error or the outcome
	AGI     []agi.Exchange `json:"-"`
}

// Arg is an option of a step with the value it came to.
type Arg struct {
	Key   string
	Value any
}

// MarshalJSON writes the argument as {key: value}; what JSON cannot hold becomes
// text.
func (a Arg) MarshalJSON() ([]byte, error) {
	if b, err := json.Marshal(map[string]any{a.Key: a.Value}); err == nil {
		return b, nil
	}
	return json.Marshal(map[string]string{a.Key: fmt.Sprint(a.Value)})
}

// maxTraceSteps bounds the memory of a trace; a call that loops keeps its
// beginning.
const maxTraceSteps = 1000

func (t *Trace) add(s *StepTrace) {
	if len(t.Steps) >= maxTraceSteps {
		t.Dropped++
		return
	}
	t.Steps = append(t.Steps, s)
}

// WriteTo writes the trace for people: a line for the call, a line for each step
// and, indented below, its exchanges with Asterisk.
func (t *Trace) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if t.Rule != "" {
		fmt.Fprintf(&b, "rule %s", t.Rule)
	} else {
		fmt.Fprintf(&b, "call %s flow %s caller %q dialed %q", t.Call, t.Flow, t.Caller, t.Dialed)
	}
	fmt.Fprintf(&b, " revision %s: %s by %s after %s", t.Revision, t.Status, t.EndedBy, shortTime(t.Took))
	if t.Error != "" {
		fmt.Fprintf(&b, ": %s", t.Error)
	}
	b.WriteByte('\n')
	for _, s := range t.Steps {
		s.write(&b)
	}
	if t.Dropped > 0 {
		fmt.Fprintf(&b, "  … and %d steps more\n", t.Dropped)
	}
	return b.WriteTo(w)
}

func (s *StepTrace) write(b *bytes.Buffer) {
	indent := strings.Repeat("  ", s.Depth+1)
	fmt.Fprintf(b, "%s+%-7s %s %s", indent, shortTime(s.Start), s.Pos, s.Verb)
	for _, a := range s.Args {
		fmt.Fprintf(b, " %s=%s", a.Key, argText(a.Value))
	}
	switch {
	case s.Skipped != "":
		fmt.Fprintf(b, " skipped: %s", s.Skipped)
	case s.Error != "":
		fmt.Fprintf(b, " failed: %s", s.Error)
	case s.Outcome != "":
		fmt.Fprintf(b, " → %s", s.Outcome)
	}
	if s.Handled != "" {
		fmt.Fprintf(b, " (%s)", s.Handled)
	}
	fmt.Fprintf(b, " %s\n", shortTime(s.Took))
	for _, x := range s.AGI {
		answer, _, _ := strings.Cut(fmt.Sprintf("%d %s", x.Reply.Code, x.Reply.Text), "\n")
		if x.Reply.Code == 0 {
			answer = fmt.Sprintf("(%v)", x.Err)
		}
		fmt.Fprintf(b, "%s    > %s\n%s    < %s %s\n", indent, x.Command, indent, answer, shortTime(x.Took))
	}
}

func argText(v any) string {
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	if reflect.ValueOf(v).Kind() == reflect.String {
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// shortTime rounds for reading: 1.234s, 56.7ms, 890µs.
func shortTime(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
