package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

const allRights = "system,call,agent,user,reporting,dialplan,dtmf,originate,command"

// TestRealPBX looks at what verbs that need no call do in real Asterisks.
func TestRealPBX(t *testing.T) {
	runScenes(t, asterisktest.Config{
		ManagerRead: allRights, ManagerWrite: allRights, Sounds: sounds.files(),
		Queues: "[support]\nstrategy = ringall\n[sales]\nstrategy = ringall\n",
		Dialplan: "[scenes]\nexten => stay,1,Answer()\n same => n,Wait(3600)\n" +
			"exten => there,1,Answer()\n same => n,UserEvent(Arrived,Phone: ${CHANNEL(name)})\n same => n,Wait(3600)\n" +
			asterisktest.Phone("stays", asterisktest.Answer(), asterisktest.Wait(time.Hour)) +
			asterisktest.Phone("jammed", "Congestion(10)") + asterisktest.Phone("dialled", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
	}, "queues: { support: {}, sales: {} }", []realScene{
		{name: "originate", flows: originateFlows, run: realOriginate},
		{
			name: "hangup_channel", flows: `
				hang:
				  params: { channel: string }
				  steps:
				    - hangup_channel: ${channel}
				      cause: 21
				      on: { not_found: { log: gone } }`,
			run: func(t *testing.T, p *realPBX) {
				hangups := p.watch(t, "Hangup")
				channel, id := p.call(t, "stays", "stay")
				p.do(t, "hang", map[string]any{"channel": channel}, "hangup_channel\nDONE by flow")
				if cause := hangups("Uniqueid: " + id + "\n").Raw.Get("Cause"); cause != "21" {
					t.Errorf("the cause is %s, want 21", cause)
				}
				p.gone(t, id)
				p.do(t, "hang", map[string]any{"channel": channel}, "hangup_channel → not_found (on)\n  log gone\nDONE by flow")
				// By its unique id as well.
				_, id = p.call(t, "stays", "stay")
				p.do(t, "hang", map[string]any{"channel": id}, "hangup_channel\nDONE by flow")
				p.gone(t, id)
			},
		},
		{
			name: "redirect", flows: `
				send:
				  params: { channel: string }
				  steps:
				    - redirect: ${channel}
				      context: scenes
				      exten: there
				      on: { not_found: { log: gone } }`,
			run: func(t *testing.T, p *realPBX) {
				arrived := p.watch(t, "UserEvent")
				channel, id := p.call(t, "stays", "stay")
				p.do(t, "send", map[string]any{"channel": channel}, "redirect\nDONE by flow")
				arrived("UserEvent: Arrived", "Phone: "+channel)
				p.hangUp(t, id)
				p.do(t, "send", map[string]any{"channel": channel}, "redirect → not_found (on)\n  log gone\nDONE by flow")
			},
		},
		{
			name: "mute", flows: `
				silence:
				  params: { channel: string, state: string }
				  steps:
				    - if: state == "on"
				      then: { mute: "${channel}", direction: out }
				      else: { mute: "${channel}", direction: out, state: off }`,
			dialplan: "\n[scenes]\nexten => tones,1,Answer()\n same => n,Playback(one)\n same => n,Goto(2)\n" +
				asterisktest.Phone("mute-hears", asterisktest.Answer(), asterisktest.Record("mute"), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "mute-hears", "tones")
				p.do(t, "silence", map[string]any{"channel": channel, "state": "on"}, "if\n  mute\nDONE by flow")
				p.linger(t, 2*time.Second)
				p.do(t, "silence", map[string]any{"channel": channel, "state": "off"}, "if\n  mute\nDONE by flow")
				p.linger(t, 1200*time.Millisecond)
				p.hangUp(t, id)
				p.complete(t, "mute-hears")
				// 3.2 s of 0.52 s each would be six notes.
				if n := len(strings.Fields(p.heard(t, "mute"))); n < 1 || n > 4 {
					t.Errorf("the phone heard %d notes, want those before and after 2 s of silence", n)
				}
			},
		},
		{
			name: "bridge", flows: `
				connect:
				  params: { first: string, second: string }
				  steps:
				    - bridge: ${first}
				      with: ${second}
				      on: { not_found: { log: gone } }`,
			dialplan: asterisktest.Phone("bridge-hears", asterisktest.Answer(), asterisktest.Record("bridge"), asterisktest.Wait(time.Hour)) +
				asterisktest.Phone("bridge-says", asterisktest.Answer(), asterisktest.Wait(time.Second), asterisktest.Play("two"), asterisktest.Play("two"), asterisktest.Play("two"), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				first, one := p.call(t, "bridge-hears", "stay")
				second, two := p.call(t, "bridge-says", "stay")
				p.do(t, "connect", map[string]any{"first": first, "second": second}, "bridge\nDONE by flow")
				p.await(t, "the bridge", func() bool {
					a, b := p.channel(one).Bridge, p.channel(two).Bridge
					return a != "" && a == b
				})
				p.linger(t, 2500*time.Millisecond)
				p.hangUp(t, one) // the other goes with it
				p.gone(t, two)
				p.complete(t, "bridge-hears")
				if heard := p.heard(t, "bridge"); !strings.Contains(heard, "two") {
					t.Errorf("the phone heard %q, want the other's two", heard)
				}
				p.do(t, "connect", map[string]any{"first": first, "second": second}, "bridge → not_found (on)\n  log gone\nDONE by flow")
			},
		},
		{
			name: "callback", flows: `
				back:
				  - callback: 044 123 45 67
				    queue: support
				    delay: 100ms
				    tries: 2
				    between: 100ms`,
			dialplan: "\n[scenes]\nexten => back,1,AGI(agi://%s/back)\n same => n,Hangup()\n" +
				"[phones]\nexten => 0441234567,1,GotoIf($[${DB_EXISTS(tried/back)}]?again)\n same => n,Set(DB(tried/back)=1)\n same => n,Congestion(1)\n" +
				" same => n(again),Answer()\n same => n,Wait(3600)\n",
			run: func(t *testing.T, p *realPBX) {
				joined := p.watch(t, "QueueCallerJoin")
				p.place(t, "stays", "back")
				p.ended(t, "back", "callback → taken\nDONE by dialplan")
				// The first try finds no way through; the second is put into the queue.
				event := joined("Queue: support", "Local/0441234567@phones")
				p.hangUp(t, event.Raw.Get("Uniqueid"))
			},
		},
		{name: "queue members", flows: memberFlows, run: realMembers},
	})
}

// linger lets a call go on: what is recorded must last.
func (p *realPBX) linger(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// complete waits until a phone has no channel any more, so that its recording is written.
func (p *realPBX) complete(t *testing.T, phone string) {
	t.Helper()
	p.await(t, "the end of "+phone, func() bool {
		return !strings.Contains(p.console(t, "core show channels concise"), "Local/"+phone+"@")
	})
}

const originateFlows = `
dialled:
  params: { device: string }
  steps:
    - originate: ${device}
      context: scenes
      exten: there
      timeout: 1s
      caller_id: Support <100>
      variables: { GREETING: "hello, you" }
      as: new
      on_error: continue
    - log: ${new.id != ""}
entered:
  params: { device: string }
  steps:
    - originate: ${device}
      flow: entry
      with: { who: "a, b&c" }
      on_error: continue
entry:
  params: { who: string }
  steps:
    - log: ${who} ${call.caller.num}
`

func realOriginate(t *testing.T, p *realPBX) {
	arrived := p.watch(t, "UserEvent")
	failed := func(id, text string) string {
		return "originate: originate." + id + ": " + text + " (on_error: continue)\nlog true\nDONE by flow"
	}
	dial := func(device, want string) {
		t.Helper()
		p.do(t, "dialled", map[string]any{"device": "Local/" + device + "@phones"}, want)
	}
	dial("dialled", "originate → answered\nlog true\nDONE by flow")
	event := arrived("UserEvent: Arrived", "Local/dialled@phones")
	channel := p.channel(event.Raw.Get("Uniqueid"))
	if channel.Caller.Num != "100" || !strings.HasPrefix(channel.Uniqueid, "pbxflow-") {
		t.Errorf("the new channel is %+v, want the caller id 100 and our id", channel)
	}
	if got := p.console(t, "core show channel "+channel.Name); !strings.Contains(got, "GREETING=hello, you") {
		t.Errorf("the channel has not the variable:\n%s", got)
	}
	p.hangUp(t, channel.Uniqueid)
	dial("ring", failed("no_answer", "nobody answered in time"))
	dial("busy", failed("busy", "the device is busy"))
	dial("jammed", failed("congestion", "the network has no way through"))
	dial("nowhere", failed("failed", "the device does not exist, is not registered or refused the call"))
	p.do(t, "dialled", map[string]any{"device": "PJSIP/nobody"}, failed("failed", "the device does not exist, is not registered or refused the call"))
	p.do(t, "entered", map[string]any{"device": "Local/answer@phones"}, "originate → answered\nDONE by flow")
	p.ended(t, "entry", "log a, b&c \nDONE by dialplan")
}

const memberFlows = `
join:
  params: { device: string, name: string }
  steps:
    - queue_add: ${device}
      queue: ${name}
      name: Ann
      penalty: 2
      on: { unknown: { log: no queue } }
leave:
  params: { device: string, name: string }
  steps:
    - queue_remove: ${device}
      queue: ${name}
      on: { not_member: { log: no member } }
pause:
  params: { device: string, paused: bool }
  steps:
    - queue_pause: ${device}
      paused: ${paused}
      reason: lunch
      on: { not_member: { log: no member } }
penalty:
  params: { device: string, name: string }
  steps:
    - queue_penalty: ${device}
      penalty: 7
      queue: ${name}
      on: { not_member: { log: no member } }
`

func realMembers(t *testing.T, p *realPBX) {
	vars := func(queue string) map[string]any { return map[string]any{"device": "Local/9@phones", "name": queue} }
	paused := func(on bool) map[string]any { return map[string]any{"device": "Local/9@phones", "paused": on} }
	// member is what Asterisk's own list says of it.
	member := func(queue, want string) {
		t.Helper()
		show := p.console(t, "queue show "+queue)
		if !strings.Contains(show, want) {
			t.Errorf("asterisk says\n%s\nwant %q", show, want)
		}
	}
	p.do(t, "join", vars("support"), "queue_add\nDONE by flow")
	p.do(t, "join", vars("sales"), "queue_add\nDONE by flow")
	p.do(t, "join", vars("support"), "queue_add → already\nDONE by flow")
	p.do(t, "join", vars("nix"), "queue_add → unknown (on)\n  log no queue\nDONE by flow")
	member("support", "Ann (Local/9@phones) with penalty 2")
	p.do(t, "pause", paused(true), "queue_pause\nDONE by flow")
	member("support", "paused:lunch")
	member("sales", "paused:lunch")
	p.do(t, "pause", paused(false), "queue_pause\nDONE by flow")
	if show := p.console(t, "queue show sales"); strings.Contains(show, "paused:lunch") {
		t.Errorf("the pause goes on:\n%s", show)
	}
	p.do(t, "penalty", vars("support"), "queue_penalty\nDONE by flow")
	member("support", "with penalty 7")
	member("sales", "with penalty 2")
	p.do(t, "penalty", vars("nix"), "queue_penalty → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("support"), "queue_remove\nDONE by flow")
	member("support", "No Members")
	p.do(t, "leave", vars("support"), "queue_remove → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("nix"), "queue_remove → not_member (on)\n  log no member\nDONE by flow")
	p.do(t, "leave", vars("sales"), "queue_remove\nDONE by flow")
	p.do(t, "pause", paused(true), "queue_pause → not_member (on)\n  log no member\nDONE by flow")
}
