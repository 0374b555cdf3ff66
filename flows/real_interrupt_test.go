package flows_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// longSays takes six seconds.
const longSays = "01234012340"

// interruptGroup ends what AGI cannot end, and listens to what the caller hears.
func interruptGroup() realGroup {
	// Each caller hears the beginning of something long, and then at once the sound two.
	const ended = ": timeout: the step took longer than its timeout of 1s (on_error)\n  play\nDONE by dialplan"
	step := func(step string) string { return step + "\n  timeout: 1s\n  on_error: { play: two }" }
	scenes := []realScene{
		interrupts("tape", step("- play: count\n  keys: { pause: \"5\" }"), "play"+ended, "0s( 1s)? two"),
		interrupts("says", step("- say: \""+longSays+"\"\n  type: digits"), "say"+ended, "digits/0( digits/1)?( digits/2)? two"),
		interrupts("says_keys", step("- say: \""+longSays+"\"\n  type: digits\n  interrupt: \"#\""), "say"+ended, "digits/0( digits/1)?( digits/2)? two"),
		// The key that ended it is not taken for the caller's.
		interrupts("says_read", "- say: \""+longSays+"\"\n  type: digits\n  timeout: 1s\n  on_error: continue\n- read: two\n  timeout: 1s\n  on: { timeout: { log: nothing } }",
			"say: timeout: the step took longer than its timeout of 1s (on_error: continue)\nread → timeout (on)\n  log nothing\nDONE by dialplan", "digits/0( digits/1)?( digits/2)? two"),
		interrupts("sounds", step("- tone: \"475\"\n  for: 20s"), "tone"+ended, "one two"),
		interrupts("confers", "- conference: meeting\n  quiet: true\n  timeout: 1s\n  on: { timeout: { play: two } }",
			"conference → timeout (on)\n  play\nDONE by dialplan", "(. )*two"),
		interrupts("pages", "- page: Local/paged@phones\n  quiet: true\n  timeout: 2s\n  on_error: { play: two }",
			"page: timeout: the step took longer than its timeout of 2s (on_error)\n  play\nDONE by dialplan", "two"),
	}
	scenes = append(scenes,
		drains("drained", "- play: count\n  keys: { pause: \"5\" }\n- log: not reached", "play", "0s( 1s)? two"),
		drains("kept", "- record: kept\n  beep: false\n  end: \"\"\n- log: not reached", "record", "two"),
	)
	return realGroup{name: "interrupt", scenes: scenes, config: asterisktest.Config{
		Dialplan: asterisktest.Phone("paged", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
	}}
}

// drains is a call to a server that ends while a step runs. The dialplan then plays another
// sound.
func drains(name, flow, step, heard string) realScene {
	s := interrupts(name, flow, step+": agi: server closed\nERROR by shutdown", heard)
	s.dialplan = fmt.Sprintf("\n[scenes]\nexten => %s,1,Answer()\n same => n,AGI(agi://${DRAINED_%[1]s}/%[1]s)\n same => n,Playback(two)\n same => n,Hangup()\n", name) + hearer(name)
	compare := s.run
	s.run = func(t *testing.T, p *realPBX) {
		server := p.server()
		p.console(t, "dialplan set global DRAINED_"+name+" "+serve(t, server))
		var ending sync.WaitGroup
		ending.Go(func() {
			p.await(t, "the call", func() bool { return server.Sessions() == 1 })
			p.linger(t, time.Second)
			over, cancel := context.WithCancel(context.Background())
			cancel()
			if err := server.Shutdown(over); !errors.Is(err, context.Canceled) {
				t.Errorf("Shutdown: %v", err)
			}
		})
		compare(t, p)
		ending.Wait()
	}
	return s
}

// hearer is the phone that records what the caller hears.
func hearer(name string) string {
	return asterisktest.Phone(name+"-hears", asterisktest.Answer(), asterisktest.Record(name+"-hears"), asterisktest.Wait(time.Hour))
}

// interrupts is a call to a flow in which something is ended.
func interrupts(name, flow, trace, heard string) realScene {
	return realScene{
		name: name, flows: name + ":\n  " + strings.ReplaceAll(flow, "\n", "\n  "),
		dialplan: fmt.Sprintf("\n[scenes]\nexten => %s,1,Answer()\n same => n,Set(CHANNEL(language)=xx)\n same => n,AGI(agi://ADDR/%[1]s)\n same => n,Hangup()\n", name) + hearer(name),
		run: func(t *testing.T, p *realPBX) {
			p.place(t, name+"-hears", "scenes", name)
			p.ended(t, name, trace)
			want := regexp.MustCompile("^" + heard)
			if got := p.heard(t, name+"-hears"); want.FindString(got) != got || got == "" {
				t.Errorf("the caller heard %q, want %s", got, heard)
			}
		},
	}
}
