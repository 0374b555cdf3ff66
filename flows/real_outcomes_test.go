package flows_test

import (
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// outcomes are those in which verbs ended on a real Asterisk.
type outcomes struct{ seen sync.Map }

// verbOutcome is one way in which a verb can end; without an outcome it is that it ran.
type verbOutcome struct{ verb, outcome string }

// note remembers what the steps of a trace ended in.
func (o *outcomes) note(trace *flows.Trace) {
	for _, s := range trace.Steps {
		if s.Skipped != "" {
			continue
		}
		o.seen.Store(verbOutcome{verb: s.Verb}, true)
		switch {
		case s.Outcome != "":
			o.seen.Store(verbOutcome{s.Verb, s.Outcome}, true)
		case s.Error == "" && s.Handled != "": // it did what it says, and that leaves the flow
			o.seen.Store(verbOutcome{s.Verb, flows.Done.Name}, true)
		}
	}
}

// realExceptions are the outcomes that no call on a real Asterisk has, and why.
var realExceptions = []struct {
	verbOutcome
	only string // the version of which that is so; empty for all
	why  string
}{
	{verbOutcome{"fail", "done"}, "", "it ends in the error that it makes"},
	{verbOutcome{"page", "done"}, "", "it ends when the caller hangs up, which is the end of the flow"},
	{verbOutcome{"dial", "cancelled"}, "", "the flow of a caller who gives up is over"},
	{verbOutcome{"queue", "withdrawn"}, "16", "this Asterisk cannot take callers out of a queue"},
	{verbOutcome{"voicemail", "left"}, "16", "Debian's package lacks app_voicemail"},
	{verbOutcome{"voicemail", "cancelled"}, "16", "Debian's package lacks app_voicemail"},
	{verbOutcome{"voicemail", "failed"}, "16", "Debian's package lacks app_voicemail"},
	{verbOutcome{"voicemail_main", "done"}, "16", "Debian's package lacks app_voicemail"},
}

// wantAll wants every outcome of every verb, but for the exceptions: and of those none, so
// that the table tells the truth.
func (o *outcomes) wantAll(t *testing.T, v asterisktest.Version) {
	t.Helper()
	excepted := map[verbOutcome]string{}
	for _, e := range realExceptions {
		if e.only == "" || e.only == v.Name {
			excepted[e.verbOutcome] = e.why
		}
	}
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range verbs.Names() {
		all := append([]flows.Outcome{{}}, verbs.Lookup(name).Outcomes...)
		for _, outcome := range all {
			pair := verbOutcome{name, outcome.Name}
			_, ran := o.seen.Load(pair)
			why, except := excepted[pair]
			delete(excepted, pair)
			switch {
			case ran && except:
				t.Errorf("%s → %s came about, although %s", name, outcome.Name, why)
			case !ran && !except && outcome.Name == "":
				t.Errorf("no call has %s", name)
			case !ran && !except:
				t.Errorf("no call has %s → %s", name, outcome.Name)
			}
		}
	}
	for pair := range excepted {
		t.Errorf("there is no %s → %s to except", pair.verb, pair.outcome)
	}
}
