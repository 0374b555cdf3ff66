package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// pbxGroup looks at what verbs that need no call do in Asterisk.
func pbxGroup() realGroup {
	return realGroup{name: "pbx", config: asterisktest.Config{
		Queues: "[support]\nstrategy = ringall\n[sales]\nstrategy = ringall\n",
		Dialplan: "\n[scenes]\nexten => stay,1,Answer()\n same => n,Wait(3600)\n" +
			"exten => there,1,Answer()\n same => n,UserEvent(Arrived,Phone: ${CHANNEL(name)})\n same => n,Wait(3600)\n" +
			asterisktest.Phone("stays", asterisktest.Answer(), asterisktest.Wait(time.Hour)) +
			asterisktest.Phone("jammed", "Congestion(10)") + asterisktest.Phone("dialled", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
	}, scenes: []realScene{
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
				      then: { mute: "${channel}", direction: out, on: { not_found: { log: gone } } }
				      else: { mute: "${channel}", direction: out, state: off }`,
			// The phone hears one, but not two, which is played meanwhile.
			dialplan: "\n[scenes]\nexten => muted,1,Answer()\n same => n(on),Wait(0.1)\n same => n,GotoIf($[\"${DB(mute/is)}\" != \"on\"]?on)\n same => n,Playback(two)\n" +
				" same => n,Set(DB(mute/is)=over)\n same => n(off),Wait(0.1)\n same => n,GotoIf($[\"${DB(mute/is)}\" != \"off\"]?off)\n same => n,Playback(one)\n same => n,Hangup()\n" +
				asterisktest.Phone("mute-hears", asterisktest.Answer(), asterisktest.Record("mute-hears"), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "mute-hears", "muted")
				p.do(t, "silence", map[string]any{"channel": channel, "state": "on"}, "if\n  mute\nDONE by flow")
				p.console(t, "database put mute is on")
				p.until(t, "database get mute is", "over")
				p.do(t, "silence", map[string]any{"channel": channel, "state": "off"}, "if\n  mute\nDONE by flow")
				p.console(t, "database put mute is off")
				p.gone(t, id)
				p.do(t, "silence", map[string]any{"channel": channel, "state": "on"}, "if\n  mute → not_found (on)\n    log gone\nDONE by flow")
				if heard := p.heard(t, "mute-hears"); heard != "one" {
					t.Errorf("the phone heard %q, want one", heard)
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
			dialplan: asterisktest.Phone("bridge-hears", asterisktest.Answer(), asterisktest.Record("bridge-hears"), asterisktest.Wait(time.Hour)) +
				asterisktest.Phone("bridge-says", asterisktest.Answer(), asterisktest.Play(strings.Repeat("two&", 100)+"two")),
			run: func(t *testing.T, p *realPBX) {
				first, one := p.call(t, "bridge-hears", "stay")
				second, two := p.call(t, "bridge-says", "stay")
				p.do(t, "connect", map[string]any{"first": first, "second": second}, "bridge\nDONE by flow")
				p.await(t, "the bridge", func() bool {
					a, b := p.channel(one).Bridge, p.channel(two).Bridge
					return a != "" && a == b
				})
				p.records(t, "bridge-hears", 2*time.Second)
				p.hangUp(t, one) // the other goes with it
				p.gone(t, two)
				if heard := p.heard(t, "bridge-hears"); !strings.Contains(heard, "two") {
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
			dialplan: "\n[scenes]\nexten => back,1,AGI(agi://ADDR/back)\n same => n,Hangup()\n" +
				"[phones]\nexten => 0441234567,1,GotoIf($[${DB_EXISTS(tried/back)}]?again)\n same => n,Set(DB(tried/back)=1)\n same => n,Congestion(1)\n" +
				" same => n(again),Answer()\n same => n,Wait(3600)\n",
			run: func(t *testing.T, p *realPBX) {
				joined := p.watch(t, "QueueCallerJoin")
				p.place(t, "stays", "scenes", "back")
				p.ended(t, "back", "callback → taken\nDONE by dialplan")
				// The first try finds no way through; the second is put into the queue.
				event := joined("Queue: support", "Local/0441234567@phones")
				p.hangUp(t, event.Raw.Get("Uniqueid"))
			},
		},
		{
			name: "forbidden", flows: `
				abroad:
				  params: { number: string }
				  steps:
				    - originate: Local/${number}@outside
				      context: scenes
				      on: { forbidden: { log: not called } }
				    - callback: ${number}
				      queue: support
				      on: { forbidden: { log: not called back } }`,
			run: func(t *testing.T, p *realPBX) {
				p.do(t, "abroad", map[string]any{"number": "0012125550100"}, "originate → forbidden (on)\n  log not called\n"+
					"callback → forbidden (on)\n  log not called back\nDONE by flow")
			},
		},
		{
			name: "too many callbacks", flows: `
				many:
				  - repeat: 500
				    do: { callback: 044 123 45 00, queue: support, delay: 1h }
				one-more:
				  - callback: 044 123 45 00
				    queue: support
				    on: { full: { log: full } }`,
			run: func(t *testing.T, p *realPBX) {
				// The other scenes are not to be kept from calling back.
				engine := &flows.Engine{Program: p.engine.Program, Servers: p.engine.Servers, Background: background(t), OnTrace: p.ran.note}
				many := "repeat" + strings.Repeat("\n  callback → taken", 500) + "\nDONE by flow"
				doIn(t, engine, "many", nil, many)
				doIn(t, engine, "many", nil, many)
				doIn(t, engine, "one-more", nil, "callback → full (on)\n  log full\nDONE by flow")
			},
		},
		{name: "queue members", flows: memberFlows, run: realMembers},
	}}
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
