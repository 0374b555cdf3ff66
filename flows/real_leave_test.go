package flows_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// leaveGroup has calls that are given away in all the ways there are, and callers who
// leave.
func leaveGroup() realGroup {
	phone := asterisktest.Phone
	plan := leavePlan +
		phone("taker", "Answer()", "Read(KEY,,1,,1,10)", tell("park", "heard ${KEY}")) +
		phone("rings", "Ringing()", "Wait(60)") +
		phone("chats", "Answer()", asterisktest.Play("two&two&two&two&two&two&two&two&two&two&two&two")) +
		phone("pageone", append([]asterisktest.Step{"Answer()"}, hears("page")...)...) +
		phone("pagetwo", append([]asterisktest.Step{"Answer()"}, hears("page")...)...)
	return realGroup{
		name: "leave", scenes: callScenes(append(leaveCalls(), leavingCalls()...)),
		config: asterisktest.Config{Dialplan: plan, Queues: "[chats]\nmember => Local/chats@phones\n", Files: map[string]string{"res_parking.conf": leaveParking}},
	}
}

const leavePlan = `
[places]
exten => 100,1,AGI(agi://ADDR/tell,${NAME},100 priority 1)
 same => n(there),AGI(agi://ADDR/tell,${NAME},100 there ${FLOWSTATUS})
 same => n,Hangup()
exten => h,1,AGI(agi://ADDR/tell,${NAME}/ended,${FLOWSTATUS},${FLOWERROR})

[takes]
exten => s,1,ParkedCall(default,710)
`

const leaveParking = `
[general]
[default]
parkext => 700
parkpos => 701-720
context => parkedcalls
parkingtime => 45
`

func leaveCalls() []realCall {
	const parked, ringing = "parking show default", "core show channels concise"
	return []realCall{
		{
			name: "sip_busy", flow: "- ring: 300ms\n- busy: 2s", sip: asterisktest.SIPCall{Exten: "sip_busy"}, answer: 486,
			want: "ring\nbusy (hung up by the flow)\nHANGUP by flow", status: "HANGUP", told: []string{"SIP/2.0 180 Ringing"},
		},
		{
			name: "congestion", flow: "- congestion", sip: asterisktest.SIPCall{Exten: "congestion"}, answer: 503,
			want: "congestion (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "busy_answered", flow: "- answer\n- wait: 200ms\n- busy: 1s", caller: append([]asterisktest.Step{"Answer()"}, "Wait(60)"),
			want: "answer\nwait\nbusy (hung up by the flow)\nHANGUP by flow", status: "HANGUP",
		},
		{
			name: "wait", flow: "- wait: 30s", caller: stays(1),
			want: "wait: agi: the call was hung up\nHANGUP by caller", status: "HANGUP",
		},
		{
			name: "transfer", flow: "- transfer: PJSIP/sip:transfer@127.0.0.9", sip: asterisktest.SIPCall{Exten: "transfer"}, answer: 302,
			want: "transfer (transferred to PJSIP/sip:transfer@127.0.0.9)\nHANGUP by flow", status: "HANGUP",
			told: []string{"Contact: <sip:transfer@127.0.0.9>"},
		},
		{
			name: "transfer_local", flow: "- transfer: PJSIP/nobody\n  on: { failed: { log: not taken } }", caller: stays(60),
			want: "transfer → failed (on)\n  log not taken\nDONE by dialplan", status: "DONE",
		},
		{
			name: "transfer_unsupported", flow: "- transfer: somebody\n  on: { unsupported: { play: two } }", caller: patient(), listens: true, heard: "two",
			want: "transfer → unsupported (on)\n  play\nDONE by dialplan", status: "DONE",
		},
		{
			name: "transfer_forbidden", caller: patient(), listens: true, heard: "two", flow: `
				params: { number: string = "0012125550100" }
				steps:
				  - transfer: Local/${number}@outside
				    on: { forbidden: { play: two } }`, want: "transfer → forbidden (on)\n  play\nDONE by dialplan", status: "DONE",
		},
		{
			name: "dialplan", flow: "- dialplan: places,100", caller: stays(60),
			want: "dialplan (goes on in the dialplan at places,100)\nDONE by dialplan", status: "DONE",
			told: []string{"100 priority 1", "100 there DONE"},
		},
		{
			name: "dialplan_label", flow: "- dialplan: places,100,there", caller: stays(60),
			want: "dialplan (goes on in the dialplan at places,100,there)\nDONE by dialplan", status: "DONE",
			told: []string{"100 there DONE"},
		},
		{
			name: "dialplan_missing", flow: "- dialplan: places,999\n  on_error: continue", caller: stays(60),
			want: "dialplan: dialplan.missing: there is no such place in the dialplan (on_error: continue)\nDONE by dialplan", status: "DONE",
		},
		{
			name: "park", flow: "- park:\n  space: 710\n- log: back", caller: keepsPressing("5"),
			during: func(t *testing.T, p *realPBX) {
				p.until(t, parked, "710")
				p.place(t, "taker", "takes", "s")
			},
			want: "park → retrieved\nlog back\nDONE by dialplan", status: "DONE", told: []string{"heard 5"},
		},
		{
			name: "park_timeout", flow: "steps:\n  - park:\n    timeout: 1s\n    then: places,100,there\n  - log: not reached\non_hangup: { log: gone }\nfinally: { log: finally }", caller: stays(60),
			want: "park (nobody took the call: it goes on in the dialplan)\nlog finally\nDONE by dialplan", status: "DONE", told: []string{"100 there DONE"},
		},
		{
			name: "park_behind", flow: "- park:\n  timeout: 1s", caller: stays(60),
			want: "park (nobody took the call: it goes on in the dialplan)\nDONE by dialplan", status: "DONE",
		},
		{
			name: "park_nowhere", flow: "- park: nowhere\n  on_error: continue", caller: stays(60),
			want: "park: park.failed: there is no such parking lot, or no place in it (on_error: continue)\nDONE by dialplan", status: "DONE",
		},
		{
			name: "park_leaves", flow: "- park", caller: stays(2),
			want: "park: agi: the call was hung up\nHANGUP by caller", status: "HANGUP",
		},
		{
			name: "rung", flow: "- dial: Local/rings@phones\n- log: talked", caller: keepsPressing("7"),
			want: "dial → answered\nlog talked\nDONE by dialplan", status: "DONE",
		},
		{
			name: "picks", flow: "- pickup: Local/rings@phones",
			caller: []asterisktest.Step{"Answer()", "Read(KEY,,1,,1,10)", tell("picks", "heard ${KEY}")},
			before: func(t *testing.T, p *realPBX) { p.until(t, ringing, "Local/rings@phones") },
			want:   "pickup (picked up Local/rings@phones)\nHANGUP by flow", told: []string{"heard 7"},
		},
		{
			name: "picks_nothing", flow: "- pickup: 999@calls\n  on: { nothing: { log: nothing } }", caller: stays(60),
			want: "pickup → nothing (on)\n  log nothing\nDONE by dialplan", status: "DONE",
		},
		{
			name: "page", flow: "steps:\n  - page: [Local/pageone@phones, Local/pagetwo@phones]\n    quiet: true\non_hangup: { log: gone }",
			caller: []asterisktest.Step{"Answer()", asterisktest.HangupAfter(8 * time.Second), "Playback(demo-congrats)"},
			want:   "page: agi: the call was hung up\nlog gone\nHANGUP by caller", status: "HANGUP", told: []string{"NOISE", "NOISE"},
		},
	}
}

// leavingCalls hang up anywhere.
func leavingCalls() []realCall {
	leaves := func(verb, name, step string) realCall {
		return realCall{
			name: "leaves_" + name, flow: `
				steps: [` + step + `, { log: not reached }]
				on_hangup: { log: gone }
				finally: { log: finally }`, caller: []asterisktest.Step{"Answer()", "WaitForNoise(50,1,60)"},
			want: verb + ": agi: the call was hung up\nlog gone\nlog finally\nHANGUP by caller", status: "HANGUP",
		}
	}
	return []realCall{
		leaves("play", "play", "{ play: demo-congrats }"),
		leaves("menu", "menu", "{ menu: beep, timeout: 1m, options: { 1: hangup } }"),
		leaves("read", "read", "{ read: beep, timeout: 1m, digits: 4 }"),
		leaves("dial", "dial", "{ dial: Local/announces@phones }"),
		leaves("dial", "talk", "{ dial: Local/chats@phones }"),
		leaves("queue", "queue", "{ queue: ringing }"),
		leaves("queue", "agent", "{ queue: chats, ring: true }"),
	}
}
