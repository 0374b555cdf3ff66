package flows_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realCall is a scene that is a call to a flow, from the context calls.
type realCall struct {
	name   string
	flow   string
	caller []asterisktest.Step
	// before holds the call back, and during runs beside it.
	before, during func(t *testing.T, p *realPBX)
	// sip is a caller by SIP instead, and its answer what the caller was told.
	sip    asterisktest.SIPCall
	answer int
	// want is the trace's summary, and status FLOWSTATUS and FLOWERROR; empty when the
	// dialplan does not run for the channel afterwards.
	want, status string
	// only is the one version that can do it; empty for all.
	only string
	// told is what legs said of the call by tell, sorted.
	told []string
	// listens has the caller answer and record from the beginning, in a language that has
	// no other sounds than those of the test. heard is a regular expression for what the
	// caller heard; empty: whatever.
	listens bool
	heard   string
	// after looks at what there is when all that is over.
	after func(t *testing.T, p *realPBX)
}

// tell is a step of a leg that says something about a call.
func tell(call, what string) asterisktest.Step {
	return asterisktest.Step("AGI(agi://ADDR/tell," + call + "," + what + ")")
}

// hears waits until there is something to hear, and tells.
func hears(call string) []asterisktest.Step {
	return []asterisktest.Step{"WaitForNoise(100,1,12)", tell(call, "${WAITSTATUS}")}
}

// stays is a caller who stays on the line for a time; presses presses
// keys as soon as there is something to hear, and keepsPressing presses a key again and again.
func stays(seconds float64) []asterisktest.Step {
	return []asterisktest.Step{asterisktest.Answer(), asterisktest.Wait(time.Duration(seconds * float64(time.Second)))}
}

func presses(keys string) []asterisktest.Step {
	return append([]asterisktest.Step{"Answer()"}, presser(0, keys)...)
}

func keepsPressing(key string) []asterisktest.Step {
	return []asterisktest.Step{"Answer()", asterisktest.Step("SendDTMF(" + key + ")"), "Wait(0.3)", "Goto(2)"}
}

// ended is what the dialplan tells of a call at its very end.
const ended = "/ended"

// realEnds tells FLOWSTATUS and FLOWERROR at the end of a call in these contexts.
const realEnds = "\n[calls]\nexten => h,1,AGI(agi://ADDR/tell,${NAME}" + ended + ",${FLOWSTATUS},${FLOWERROR})\n" +
	"\n[from-carrier]\nexten => h,1,AGI(agi://ADDR/tell,${NAME}" + ended + ",${FLOWSTATUS},${FLOWERROR})\n"

// callScenes are the scenes of calls.
func callScenes(calls []realCall) []realScene {
	scenes := make([]realScene, len(calls))
	for i, c := range calls {
		scenes[i] = c.scene()
	}
	return scenes
}

func (c realCall) scene() realScene {
	context, language, phone, tail := "calls", "", "", ""
	if c.answer != 0 {
		context = "from-carrier"
	} else {
		steps := c.caller
		if c.listens {
			language = " same => n,Set(CHANNEL(language)=xx)\n"
			tail = " same => n,Wait(0.5)\n" // for what is on its way
			steps = append([]asterisktest.Step{asterisktest.Answer(), asterisktest.Record(c.name)}, steps...)
		}
		phone = asterisktest.Phone(c.name, steps...)
	}
	return realScene{
		name: c.name, only: c.only, run: c.run,
		flows: c.name + ":\n  " + strings.ReplaceAll(lines(c.flow), "\n", "\n  "),
		dialplan: "\n[" + context + "]\nexten => " + c.name + ",1,Set(NAME=" + c.name + ")\n" + language +
			" same => n,AGI(agi://ADDR/" + c.name + ")\n" + tail + " same => n,Hangup()\n" + phone,
	}
}

func (c realCall) run(t *testing.T, p *realPBX) {
	if c.before != nil {
		c.before(t, p)
	}
	var beside sync.WaitGroup
	defer beside.Wait()
	if c.during != nil {
		beside.Go(func() { c.during(t, p) })
	}
	if c.answer != 0 {
		beside.Go(func() { c.bySIP(t, p) })
	} else {
		p.place(t, c.name, "calls", c.name)
	}
	p.ended(t, c.name, c.want)
	beside.Wait()
	if c.status != "" {
		p.await(t, "the end of "+c.name+" in the dialplan", func() bool { return p.tells(c.name+ended) != nil })
		if got := p.tells(c.name + ended)[0]; got != c.status {
			t.Errorf("the dialplan got FLOWSTATUS and FLOWERROR %q, want %q", got, c.status)
		}
	}
	p.await(t, "what is told of the call", func() bool { return len(p.tells(c.name)) >= len(c.told) })
	if diff := cmp.Diff(c.told, p.tells(c.name)); diff != "" {
		t.Errorf("what others told of the call differs (-want +got):\n%s", diff)
	}
	if want := regexp.MustCompile("^" + c.heard); c.heard != "" {
		if heard := p.heard(t, c.name); want.FindString(heard) != heard {
			t.Errorf("the caller heard %q, want %s", heard, c.heard)
		}
	}
	if c.after != nil {
		c.after(t, p)
	}
}

// bySIP makes the call by SIP, and tells of provisional answers and of where the caller
// was sent.
func (c realCall) bySIP(t *testing.T, p *realPBX) {
	// A final answer that SIPp does not know, such as 302, is an error to it.
	res, err := p.SIPp(t.Context(), c.sip)
	if res.Status != c.answer {
		t.Errorf("the caller was answered %d, want %d (%v)\n%s", res.Status, c.answer, err, res.Messages)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.SplitSeq(res.Messages, "\n") {
		line = strings.TrimSpace(line)
		asked := strings.HasPrefix(line, "SIP/2.0 18") || strings.HasPrefix(line, "Contact: <sip:transfer")
		if asked && !slices.Contains(p.told[c.name], line) {
			p.told[c.name] = append(p.told[c.name], line)
		}
	}
}
