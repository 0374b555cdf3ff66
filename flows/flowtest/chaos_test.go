package flowtest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/flows/flowtest"
)

// fragile is a verb of a host program that does not expect a caller to leave.
type fragile struct {
	Sound string `yaml:"fragile,required" doc:"A sound."`
}

func (f *fragile) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	key, _, err := c.Session.StreamFile(ctx, f.Sound, "123", 0)
	if err != nil {
		panic("nobody is there")
	}
	if key == "" {
		panic("no key")
	}
	return flows.Done, nil
}

var fragileVerb = flows.Verb{
	Name: "fragile", Summary: "Breaks.", NeedsCall: true, Media: true,
	New: func() flows.Step { return &fragile{} },
}

// TestChaosFinds has verbs that break only when something goes wrong: usual tests pass.
func TestChaosFinds(t *testing.T) {
	app := "flows:\n  main:\n    - answer\n    - fragile: a\n    - play: b\n"
	tests := oneTest("given: { sounds: { a: 5s } }\nscript: [{ hear: a, press: 1, after: 1s }, { hear: b }]")
	o := flowtest.Options{Verbs: []flows.Verb{fragileVerb}}
	if got := text(t, app, tests, o); got != passed {
		t.Fatalf("without chaos:\n%s", got)
	}
	o.Chaos = true
	want := `FAILED app/app.test.yaml:2:3: t
    chaos: when the caller presses nothing, app.yaml:4:7: panic: fragile panicked: no key
    chaos: when the caller hangs up in command 2, app.yaml:4:7: panic: fragile panicked: nobody is there

app: 0 passed, 1 failed
`
	if diff := cmp.Diff(want, text(t, app, tests, o)); diff != "" {
		t.Errorf("with chaos (-want +got):\n%s", diff)
	}
}

// TestHostVerb tests a verb of a host program, whose commands are items like others.
func TestHostVerb(t *testing.T) {
	app := "flows:\n  main:\n    - shout: hello\n"
	verb := flows.Verb{
		Name: "shout", Summary: "Shouts.", NeedsCall: true, Media: true, New: func() flows.Step { return &shout{} },
	}
	tests := oneTest("script: [{ exec: Shout, with: { shout: hello } }, { silence: 1m }, { hear: b }]\nexpect: { took: 1m }")
	if got := text(t, app, tests, flowtest.Options{Verbs: []flows.Verb{verb}, Chaos: true}); got != passed {
		t.Errorf("got:\n%s", got)
	}
	if got := text(t, app, tests, flowtest.Options{}); !strings.Contains(got, `there is no verb "shout"`) {
		t.Errorf("without the verb:\n%s", got)
	}
}

type shout struct {
	Text string `yaml:"shout,required" doc:"What to shout."`
}

func (s *shout) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	c.TraceValue("shout", s.Text)
	if _, err := c.Session.Exec(ctx, "Shout", s.Text); err != nil {
		return flows.Outcome{}, err
	}
	bounded, cancel := c.WithTimeout(ctx, 60e9)
	defer cancel()
	c.Sleep(bounded, 3600e9)
	_, _, err := c.Session.StreamFile(ctx, "b", "", 0)
	return flows.Done, err
}
