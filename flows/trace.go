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
	StatusReturn = "RETURN" // it went back by return, with what it says there
	StatusHangup = "HANGUP" // the caller or the flow hung up
	// StatusDrained: a reload gave it back to the dialplan, see [Engine.Retire].
	StatusDrained = "DRAINED"
	StatusError   = "ERROR" // a step failed and no handler took it
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
	// EndedBy is caller, flow, dialplan (the flow ended and gave the call back),
	// reload, shutdown or error.
	EndedBy string       `json:"ended_by"`
	Error   string       `json:"error,omitempty"`
	Steps   []*StepTrace `json:"steps"`
	// Dropped counts steps beyond the first 1,000, which are not kept.
	Dropped int `json:"dropped,omitempty"`
	// DroppedAGI counts exchanges beyond the first 5,000, which are not kept.
	DroppedAGI int `json:"dropped_agi,omitempty"`

	exchanges int // how many there were
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

// What bounds the memory of a trace: a call that loops keeps its beginning, and so
// does a long text.
const (
	maxTraceSteps = 1000
	maxTraceAGI   = 5000
	maxTraceText  = 2048 // bytes, of an argument or a reply
)

// newStepTrace returns an empty StepTrace. Most steps have one argument, and those
// that talk to Asterisk one command: both are given their place at once.
func newStepTrace(talks bool) *StepTrace {
	if !talks {
		var t struct {
			StepTrace
			arg [1]Arg
		}
		t.Args = t.arg[:0]
		return &t.StepTrace
	}
	var t struct {
		StepTrace
		arg      [1]Arg
		exchange [1]agi.Exchange
	}
	t.Args, t.AGI = t.arg[:0], t.exchange[:0]
	return &t.StepTrace
}

func (t *Trace) add(s *StepTrace) {
	if len(t.Steps) >= maxTraceSteps {
		t.Dropped++
		return
	}
	if t.Steps == nil {
		t.Steps = make([]*StepTrace, 0, 8)
	}
	t.Steps = append(t.Steps, s)
}

// addArg adds an argument to a step.
func (s *StepTrace) addArg(key string, value any) {
	if text, ok := value.(string); ok && len(text) > maxTraceText {
		value = shortened(text)
	}
	s.Args = append(s.Args, Arg{key, value})
}

// addAGI adds an exchange to a step. What is too long is cut in x.
func (t *Trace) addAGI(s *StepTrace, x *agi.Exchange) {
	if t.exchanges++; t.exchanges > maxTraceAGI {
		t.DroppedAGI++
		return
	}
	if len(x.Reply.Text) > maxTraceText {
		// Data is a part of Text, and would keep all of it.
		x.Reply.Text, x.Reply.Data = shortened(x.Reply.Text), shortened(strings.Clone(x.Reply.Data))
	}
	s.AGI = append(s.AGI, *x)
}

// shortened returns a copy of the beginning of a text that is too long to be kept,
// and any other as it is.
func shortened(text string) string {
	if len(text) <= maxTraceText {
		return text
	}
	return text[:maxTraceText] + "…"
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
	if t.DroppedAGI > 0 {
		fmt.Fprintf(&b, "  … and %d commands more\n", t.DroppedAGI)
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
			answer = "(" + strings.ReplaceAll(fmt.Sprint(x.Err), "\n", "; ") + ")"
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
