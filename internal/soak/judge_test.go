package soak

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// verdict counts what the calls came to, for the report.
type verdict struct {
	placed, served, byCaller, byFlow, byDialplan, missed, close int
}

// String is for the report.
func (v verdict) String() string {
	return fmt.Sprintf("%d calls placed and %d served; %d hung up by the caller and %d by the flow, %d went back to the dialplan; %d missed calls told, %d too close to call",
		v.placed, v.served, v.byCaller, v.byFlow, v.byDialplan, v.missed, v.close)
}

// mostFaults is of how many calls more is said than that they are wrong.
const mostFaults = 10

// judge compares what the server says of each call with what Asterisk does.
func (s *scene) judge(plans []plan) (v verdict) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	told := accounts(s.t, s.pbx.Log())
	faulty := 0
	for _, p := range plans {
		v.placed++
		a := told[p.caller]
		if a == nil {
			s.t.Errorf("Asterisk knows nothing of call %s", p.caller)
			continue
		}
		faults := s.faults(p, a, &v)
		if len(faults) == 0 {
			continue
		}
		if faulty++; faulty <= mostFaults {
			trace, err := os.ReadFile(s.traceFile(p.caller))
			if err != nil {
				trace = []byte(err.Error())
			}
			s.t.Errorf("call %s: %s\nplan %+v\n%v\n%s", p.caller, strings.Join(faults, "; "), p, a, trace)
		}
	}
	if faulty > mostFaults {
		s.t.Errorf("%d calls are wrong in all", faulty)
	}
	for _, line := range s.log.lines {
		s.t.Errorf("the server logged: %s", line)
	}
	if s.log.more > 0 {
		s.t.Errorf("the server logged %d lines more", s.log.more)
	}
	least(s.t, v)
	return v
}

// least fails the test when the soak did not bring about what it is there for.
func least(t *testing.T, v verdict) {
	t.Helper()
	if v.served < atOnce || v.byCaller < 20 || v.byFlow+v.byDialplan < 10 || v.missed < 5 {
		t.Errorf("too little happened: %v", v)
	}
}

// faults says what is wrong with a call.
func (s *scene) faults(p plan, a *account, v *verdict) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	calls := s.calls[p.caller]
	want := 1
	if a.told["AGISTATUS"] == "" {
		want = 0 // the caller was gone before the dialplan came to AGI
	}
	if len(calls) != want {
		fault("it has %d traces, want %d", len(calls), want)
	}
	s.judgeRule(p, a, v, fault)
	if len(calls) == 0 {
		return faults
	}
	c := calls[0]
	v.served++
	switch c.status + " by " + c.endedBy {
	case "HANGUP by caller":
		v.byCaller++
		if a.hungUp.IsZero() {
			fault("the caller did not hang up")
		}
	case "HANGUP by flow":
		v.byFlow++
		a.mustOutlast(fault)
	case "DONE by dialplan":
		v.byDialplan++
		a.mustOutlast(fault)
	default:
		fault("it ended %s by %s %s", c.status, c.endedBy, c.problem)
	}
	if told := a.told["FLOWSTATUS"]; told != c.status || a.told["FLOWERROR"] != "" {
		fault("the dialplan was told %s %s, want %s", told, a.told["FLOWERROR"], c.status)
	}
	s.judgeMarks(c, fault)
	return faults
}

// On a busy machine something takes at most slack to become known, and what two of
// Asterisk's threads do less than blur apart may have been in any order.
const (
	slack = 3 * time.Second
	blur  = 500 * time.Millisecond
)

// mustOutlast checks that the caller was there until the flow was over.
func (a *account) mustOutlast(fault func(string, ...any)) {
	if !a.hungUp.IsZero() && a.flowOver.Sub(a.hungUp) > slack {
		fault("the caller hung up %v before the flow was over, which did not notice", a.flowOver.Sub(a.hungUp))
	}
}

// judgeMarks checks which edition the call ran, and what ran at the end of its flows.
func (s *scene) judgeMarks(c call, fault func(string, ...any)) {
	var e edition
	for i, candidate := range s.author.editions {
		if candidate.revision != c.revision {
			continue
		}
		e = candidate
		replaced := time.Now()
		if i+1 < len(s.author.editions) {
			replaced = s.author.editions[i+1].settled
		}
		if c.started.Before(e.asked) || c.started.After(replaced.Add(slack)) {
			fault("it began with edition %d, which was in force from %v to %v, at %v", e.number, e.asked, replaced, c.started)
		}
	}
	if e.settled.IsZero() {
		fault("nobody knows its revision %s", c.revision)
	}
	hangups, flows := 0, map[string][2]int{}
	for mark, n := range c.marks {
		var key, flow string
		var number int
		if _, err := fmt.Sscan(mark, &key, &flow, &number); err != nil || number != e.number || n != 1 {
			fault("it logged %q %d times in edition %d", mark, n, e.number)
		}
		counts := flows[flow]
		switch key {
		case "steps":
			counts[0]++
		case "finally":
			counts[1]++
		case "on_hangup":
			hangups++
		}
		flows[flow] = counts
	}
	for flow, counts := range flows {
		if counts[1] != 1 || counts[0] > 1 {
			fault("flow %s began %d times and its finally ran %d times", flow, counts[0], counts[1])
		}
	}
	if flows["main"][1] != 1 {
		fault("the finally of main did not run")
	}
	if (c.endedBy == "caller") != (hangups == 1) {
		fault("on_hangup ran %d times", hangups)
	}
}

// judgeRule checks that missed-call fired if the call rang for more than a second and
// nobody answered, and only then.
func (s *scene) judgeRule(p plan, a *account, v *verdict, fault func(string, ...any)) {
	fired, told := s.fired[p.caller], s.notices["missed-call "+p.caller]
	if fired != told || fired > 1 {
		fault("missed-call fired %d times and the office got %d notices", fired, told)
	}
	v.missed += fired
	rang := a.last.Sub(a.rang)
	near := func(d, at time.Duration) bool { return d > at-blur && d < at+blur }
	missed := !a.rang.IsZero() && a.answered.IsZero() && rang > time.Second
	switch {
	case missed == (fired == 1):
	case !a.rang.IsZero() && near(rang, time.Second), // the manager's clock is another one
		!a.answered.IsZero() && !a.hungUp.IsZero() && near(a.hungUp.Sub(a.answered), 0): // who was first?
		v.close++
	default:
		fault("missed-call fired %d times, it rang for %v", fired, rang)
	}
}
