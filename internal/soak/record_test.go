package soak

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow"
)

// call is what is kept of a call's trace.
type call struct {
	status, endedBy, revision, problem string

	started time.Time
	marks   map[string]int // how often a flow logged its edition, by "steps main 3"
}

// noteCall takes the trace of a call.
func (s *scene) noteCall(trace *pbxflow.CallTrace) {
	c := call{
		status: trace.Status, endedBy: trace.EndedBy, revision: trace.Revision, problem: trace.Error,
		started: trace.Started, marks: map[string]int{},
	}
	for _, step := range trace.Steps {
		if step.Verb != "log" || len(step.Args) == 0 {
			continue
		}
		if text, _ := step.Args[0].Value.(string); strings.HasPrefix(text, "soak ") {
			c.marks[strings.TrimPrefix(text, "soak ")]++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(trace)
	s.calls[trace.Caller] = append(s.calls[trace.Caller], c)
	if over := s.ended[trace.Caller]; over != nil {
		close(over)
		delete(s.ended, trace.Caller)
	}
}

// keep writes the trace to a file, for who has to find out what was wrong: thousands of
// them in memory would look like a leak.
func (s *scene) keep(trace *pbxflow.CallTrace) {
	file, err := os.OpenFile(s.traceFile(trace.Caller), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = trace.WriteTo(file)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		s.t.Error(err)
	}
}

func (s *scene) traceFile(caller string) string { return filepath.Join(s.traces, caller) }

// noteRule takes the trace of a rule.
func (s *scene) noteRule(trace *pbxflow.RuleTrace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if trace.Error != "" {
		s.t.Errorf("rule %s on %s: %s", trace.Rule, trace.Event, trace.Error)
	}
	if trace.Rule == "missed-call" && trace.Fired {
		s.fired[trace.Key]++
	}
}

// account is what Asterisk says of a call, by what its dialplan logged.
type account struct {
	hungUp   time.Time // when the caller had enough; zero if the call ended before
	flowOver time.Time // when the dialplan that the flow went back to was over
	rang     time.Time // when the first agent's phone began to ring
	answered time.Time // when an agent first answered
	last     time.Time // when the last channel ended
	told     map[string]string
}

var logLine = regexp.MustCompile(`(?m)^\[([^\]]+)\].* soak (\S+) ([a-z-]+)(.*)$`)

// accounts reads the log of Asterisk.
func accounts(t *testing.T, log string) map[string]*account {
	t.Helper()
	all := map[string]*account{}
	for _, m := range logLine.FindAllStringSubmatch(log, -1) {
		at, err := time.Parse("2006-01-02 15:04:05.000", m[1])
		if err != nil {
			t.Fatal(err)
		}
		a := all[m[2]]
		if a == nil {
			a = &account{told: map[string]string{}}
			all[m[2]] = a
		}
		first := func(when *time.Time) {
			if when.IsZero() {
				*when = at
			}
		}
		switch a.last = at; m[3] {
		case "hangs-up":
			first(&a.hungUp)
		case "rings":
			first(&a.rang)
		case "answers":
			first(&a.answered)
		case "dialplan":
			first(&a.flowOver)
			for _, word := range strings.Fields(m[4]) {
				name, value, _ := strings.Cut(word, "=")
				a.told[name] = value
			}
		}
	}
	return all
}

// String is for messages.
func (a *account) String() string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.Format("15:04:05.000")
	}
	return fmt.Sprintf("the caller hung up %s, the dialplan was over %s with %v, an agent rang %s and answered %s, all ended %s",
		at(a.hungUp), at(a.flowOver), a.told, at(a.rang), at(a.answered), at(a.last))
}
