package flows_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// spying is a conversation between a caller and an agent, and a supervisor who listens in.
// Each says a sound of their own all the time, and each records what it hears.
type spying struct {
	name string
	// step is the step spy without its first line; at the end it presses keys.
	step string
	keys string // what the supervisor presses after 2 s, and 2 s apart
	want string // the trace
	// agent, caller and supervisor are the sounds that each hears.
	agent, caller, supervisor string
}

// The sounds that they say, far enough from each other.
const agentSays, callerSays, supervisorSays = "4s", "two", "swiss"

func (s spying) phone(who string) string { return "spy-" + s.name + "-" + who }

func (s spying) scene() realScene {
	talk := func(sound string, times int) asterisktest.Step {
		return asterisktest.Play(strings.TrimSuffix(strings.Repeat(sound+"&", times), "&"))
	}
	supervisor := []asterisktest.Step{asterisktest.Answer(), asterisktest.Record(s.phone("supervisor")), talk(supervisorSays, 4)}
	for key := range strings.SplitSeq(s.keys, "") {
		supervisor = append(supervisor, asterisktest.Press(key), talk(supervisorSays, 4))
	}
	supervisor = append(supervisor, asterisktest.Wait(time.Hour))
	return realScene{
		name: "spy " + s.name,
		flows: "spy-" + s.name + ":\n  - spy: Local/" + s.phone("agent") + "@phones\n    " + strings.ReplaceAll(lines(s.step), "\n", "\n    ") +
			"\n    as: heard\n    on: { else: [] }\n  - log: ${heard.mode} ${heard.duration > \"1s\"}",
		dialplan: "\n[scenes]\nexten => " + s.phone("talk") + ",1,Dial(Local/" + s.phone("agent") + "@phones/n)\n" +
			"exten => " + s.phone("listen") + ",1,AGI(agi://ADDR/spy-" + s.name + ")\n same => n,Hangup()\n" +
			asterisktest.Phone(s.phone("caller"), asterisktest.Answer(), asterisktest.Record(s.phone("caller")), talk(callerSays, 60)) +
			asterisktest.Phone(s.phone("agent"), asterisktest.Answer(), asterisktest.Record(s.phone("agent")), talk(agentSays, 60)) +
			asterisktest.Phone(s.phone("supervisor"), supervisor...),
		run: s.run,
	}
}

func (s spying) run(t *testing.T, p *realPBX) {
	started := p.watch(t, "ChanSpyStart")
	told := p.model.Subscribe(100, live.SpyStarted)
	defer told.Close()
	_, call := p.call(t, s.phone("caller"), s.phone("talk"))
	agent := "Local/" + s.phone("agent") + "@phones-"
	p.talking(t, agent)
	listener := p.place(t, s.phone("supervisor"), "scenes", s.phone("listen"))
	heard := s.supervisor != ""
	if heard {
		started("SpyeeChannel: "+agent, "SpyerUniqueid: "+listener)
		for e := range told.C() {
			if e.Spy.Uniqueid == listener {
				if !e.Spy.Ours {
					t.Error("rules take the listening for a stranger's")
				}
				break
			}
		}
	}
	if s.keys == "" && heard {
		p.records(t, s.phone("supervisor"), 4*time.Second)
		p.hangUp(t, call) // the end of the conversation is the end of the listening
	}
	p.ended(t, "spy-"+s.name, s.want)
	p.audited(t, agent, heard)
	if !heard {
		p.records(t, s.phone("agent"), 2*time.Second) // they hear each other
		p.records(t, s.phone("caller"), 2*time.Second)
	}
	if s.keys != "" || !heard {
		p.hangUp(t, call)
	}
	p.gone(t, listener)
	for who, want := range map[string]string{"agent": s.agent, "caller": s.caller, "supervisor": s.supervisor} {
		if got := tones(p.recording(t, s.phone(who), s.phone(who))); got != want {
			t.Errorf("the %s heard %q, want %q", who, got, want)
		}
	}
}

// audited compares the audit with whether somebody listened in to the agent.
func (p *realPBX) audited(t *testing.T, agent string, heard bool) {
	t.Helper()
	text, err := os.ReadFile(p.audit)
	if err != nil && (heard || !errors.Is(err, fs.ErrNotExist)) {
		t.Error(err)
	}
	if strings.Contains(string(text), `"to":"`+agent) != heard {
		t.Errorf("listened in to %s: %v, but the audit says\n%s", agent, heard, text)
	}
}

// tones names the three sounds that were heard for a good part of a recording, even at the
// same time.
func tones(wave []float64) string {
	var heard []string
	for _, sound := range []string{agentSays, callerSays, supervisorSays} {
		frames := 0
		for at := 0; at+frame <= len(wave); at += frame {
			if power(wave[at:at+frame], sounds.tone(sound))/frame > 0.005 {
				frames++
			}
		}
		if time.Duration(frames)*50*time.Millisecond > 700*time.Millisecond {
			heard = append(heard, sound)
		}
	}
	return strings.Join(heard, " ")
}

// spyGroup finds out who hears whom.
func spyGroup() realGroup {
	var scenes []realScene
	for _, s := range []spying{
		{
			name: "listen", step: "only: [spy-listen-agent@phones]", want: "spy → ended\nlog listen true\nDONE by dialplan",
			agent: "two", caller: "4s", supervisor: "4s two",
		},
		{
			name: "whisper", step: "only: listened\nmodes: [whisper]", want: "spy → ended\nlog whisper true\nDONE by dialplan",
			agent: "two swiss", caller: "4s", supervisor: "4s two",
		},
		{
			name: "barge", step: "only: listened\nmodes: [listen, whisper, barge]\nmode: barge", want: "spy → ended\nlog barge true\nDONE by dialplan",
			agent: "two swiss", caller: "4s swiss", supervisor: "4s two",
		},
		{
			name: "keys", step: "only: listened\nmodes: [listen, whisper, barge]", keys: "5*", want: "spy → ended\nlog listen true\nDONE by dialplan",
			agent: "two swiss", caller: "4s", supervisor: "4s two",
		},
		{
			name: "key-6", step: "only: listened\nmodes: [listen, whisper, barge]", keys: "64*", want: "spy → ended\nlog listen true\nDONE by dialplan",
			agent: "two swiss", caller: "4s swiss", supervisor: "4s two",
		},
		{
			name: "keys-not-allowed", step: "only: listened\nmodes: [listen]\nexit: \"7\"", keys: "6*7", want: "spy → ended\nlog listen true\nDONE by dialplan",
			agent: "two", caller: "4s", supervisor: "4s two",
		},
		{
			name: "limit", step: "only: listened\nlimit: 2s", want: "spy → ended\nlog listen true\nDONE by dialplan", keys: "0",
			agent: "two", caller: "4s", supervisor: "4s two",
		},
		{
			name: "forbidden", step: "only: empty", want: "spy → forbidden (on)\nlog  false\nDONE by dialplan",
			agent: "two", caller: "4s",
		},
		{
			name: "refused", step: "only: listened\ngroup: consented", want: "spy → refused (on)\nlog  false\nDONE by dialplan",
			agent: "two", caller: "4s",
		},
	} {
		scenes = append(scenes, s.scene())
	}
	scenes = append(scenes, realScene{
		name: "spy nobody", flows: "spy-nobody: { spy: Local/nobody@phones, only: nobody@phones, on: { not_found: [] } }",
		dialplan: "\n[scenes]\nexten => spy-nobody,1,AGI(agi://ADDR/spy-nobody)\n same => n,Hangup()\n",
		run: func(t *testing.T, p *realPBX) {
			p.place(t, "stays", "scenes", "spy-nobody")
			p.ended(t, "spy-nobody", "spy → not_found (on)\nDONE by dialplan")
		},
	})
	var members strings.Builder
	for _, s := range scenes {
		fmt.Fprintf(&members, "member => Local/spy-%s-agent@phones/n,0,%[1]s,Local/spy-%[1]s-agent@phones\n", strings.TrimPrefix(s.name, "spy "))
	}
	return realGroup{name: "spy", scenes: scenes, config: asterisktest.Config{
		Queues: "[listened]\nstrategy = ringall\n" + members.String(),
	}}
}
