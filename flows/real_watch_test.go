package flows_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// patience is how long anything is waited for. It says that something went wrong, not how
// fast it should be: the machine may be busy.
const patience = time.Minute

// do runs a flow without a call and compares its trace.
func (p *realPBX) do(t *testing.T, flow string, vars map[string]any, want string) *flows.Trace {
	t.Helper()
	return doIn(t, p.engine, flow, vars, want)
}

func doIn(t *testing.T, engine *flows.Engine, flow string, vars map[string]any, want string) *flows.Trace {
	t.Helper()
	program := engine.Program()
	if vars == nil {
		vars = map[string]any{}
	}
	// How it ended is in the trace.
	trace, _ := engine.RunSteps(t.Context(), program, program.Flows[flow].Steps, vars, flows.Meta{})
	compareTrace(t, flow, trace, want)
	return trace
}

// ended waits for the end of a call in a flow and compares its trace.
func (p *realPBX) ended(t *testing.T, flow, want string) *flows.Trace {
	t.Helper()
	select {
	case trace := <-p.traces[flow]:
		compareTrace(t, flow, trace, want)
		return trace
	case <-time.After(patience):
		t.Fatalf("no call ended in flow %s", flow)
		return nil
	}
}

func compareTrace(t *testing.T, flow string, trace *flows.Trace, want string) {
	t.Helper()
	if diff := cmp.Diff(lines(want), summary(trace)); diff != "" {
		t.Errorf("trace of %s differs (-want +got):\n%s\n%s", flow, diff, traceText(t, trace))
	}
}

// originating keeps a burst of calls from the manager's port, which would refuse it.
var originating sync.Mutex

// call starts a call between a phone and an extension of the context scenes, and returns
// the name of the phone's channel: the half that runs in the context. The call's unique
// id is that of the channel.
func (p *realPBX) call(t *testing.T, phone, exten string) (channel, id string) {
	t.Helper()
	id = p.place(t, phone, "scenes", exten)
	p.await(t, "the call", func() bool { channel = p.channel(id).Name; return channel != "" })
	return channel, id
}

// place starts such a call and returns its unique id; it may be over by then.
func (p *realPBX) place(t *testing.T, phone, context, exten string) string {
	t.Helper()
	originating.Lock()
	defer originating.Unlock()
	id, err := p.Originate(t.Context(), asterisktest.Call{
		Channel: "Local/" + phone + "@phones", Context: context, Exten: exten, CallerID: `"Ann" <5550100>`, Timeout: patience,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// channel returns the channel of a unique id, by the live picture.
func (p *realPBX) channel(id string) live.Channel {
	for _, ch := range p.model.Channels() {
		if ch.Uniqueid == id {
			return ch
		}
	}
	return live.Channel{}
}

// talking returns the channel with that beginning of a name that is in a bridge.
func (p *realPBX) talking(t *testing.T, prefix string) (channel live.Channel) {
	t.Helper()
	p.await(t, "the conversation of "+prefix, func() bool {
		for _, ch := range p.model.Channels() {
			if strings.HasPrefix(ch.Name, prefix) && ch.Bridge != "" {
				channel = ch
				return true
			}
		}
		return false
	})
	return channel
}

// await waits until something is so, by looking every now and then.
func (p *realPBX) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s did not come about", what)
		}
	}
}

// linger lets a call go on: what is recorded must last.
func (p *realPBX) linger(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// console returns what a command of Asterisk's console prints.
func (p *realPBX) console(t *testing.T, command string) string {
	t.Helper()
	r, err := p.engine.Servers[0].Manager.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", command))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(strings.Join(r.Output(), "\n"))
}

// until waits until a command of the console prints a text.
func (p *realPBX) until(t *testing.T, command, text string) {
	t.Helper()
	p.await(t, fmt.Sprintf("%q in what %s prints", text, command), func() bool {
		return strings.Contains(p.console(t, command), text)
	})
}

// recording waits until a recording is complete and returns its samples; none if nothing
// was to be recorded. who is the phone whose end completes it.
func (p *realPBX) recording(t *testing.T, who, name string) []float64 {
	t.Helper()
	p.await(t, "the end of "+who, func() bool {
		return !slices.ContainsFunc(p.model.Channels(), func(ch live.Channel) bool {
			return strings.HasPrefix(ch.Name, "Local/"+who+"@")
		})
	})
	return p.samples(t, filepath.Join(p.SpoolDir, "monitor", name+".wav"))
}

// records waits until a phone has recorded so much under its own name. Asterisk writes two
// seconds at a time.
func (p *realPBX) records(t *testing.T, who string, d time.Duration) {
	t.Helper()
	p.await(t, "what "+who+" records", func() bool {
		info, err := os.Stat(filepath.Join(p.SpoolDir, "monitor", who+".wav"))
		return err == nil && info.Size() >= int64(2*samples(d))
	})
}

// samples waits until a file is complete and returns what is in it.
func (p *realPBX) samples(t *testing.T, file string) (wave []float64) {
	t.Helper()
	p.await(t, "the whole of "+file, func() bool {
		var whole bool
		var err error
		if wave, whole, err = readWAV(file); err != nil {
			t.Fatal(err)
		}
		return whole
	})
	return wave
}

// heard names the sounds that a phone has recorded under its own name, one after another.
func (p *realPBX) heard(t *testing.T, who string) string {
	t.Helper()
	return sounds.heard(p.recording(t, who, who))
}

// gone waits until the channels of these unique ids have ended.
func (p *realPBX) gone(t *testing.T, ids ...string) {
	t.Helper()
	p.await(t, "the end of the calls", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return p.channel(id).Name != "" })
	})
}

// hangUp ends a call.
func (p *realPBX) hangUp(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := p.engine.Servers[0].Manager.Do(t.Context(), ami.Action{Name: "Hangup"}.With("Channel", id)); err != nil {
			t.Error(err)
		}
	}
	p.gone(t, ids...)
}

// watch returns the events of these names as text from now on.
func (p *realPBX) watch(t *testing.T, names ...string) func(contains ...string) live.Event {
	t.Helper()
	sub := p.model.Subscribe(10_000, names...)
	t.Cleanup(sub.Close)
	return func(contains ...string) live.Event {
		t.Helper()
		limit := time.After(patience)
		var seen []string
		for {
			select {
			case e := <-sub.C():
				text := fmt.Sprint(e.Raw)
				if !slices.ContainsFunc(contains, func(s string) bool { return !strings.Contains(text, s) }) {
					return e
				}
				seen = append(seen, text)
			case <-limit:
				t.Fatalf("no %v with %q; there were\n%s", names, contains, strings.Join(seen, "\n"))
			}
		}
	}
}
