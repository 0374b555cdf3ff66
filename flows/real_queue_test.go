package flows_test

import (
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// queueGroup has what callers and agents hear, and the ways in which visits end.
func queueGroup() realGroup {
	phone := asterisktest.Phone
	plan := phone("agent", append([]asterisktest.Step{"Wait(1)", "Answer()", "Read(KEY,,1,,1,60)"}, tell("queue_talk", "agent heard ${KEY}"))...) +
		phone("announced", append([]asterisktest.Step{"Answer()"}, append(hears("queue_announced"), "Wait(10)")...)...) +
		"\n[fills]\nexten => full,1,Queue(full)\n" +
		phone("slow", "Ringing()", "Wait(600)") +
		"\n[exits]\nexten => 5,1,Set(FLOWERROR=went to ${EXTEN})\n same => n,Hangup()\n" +
		"exten => h,1,AGI(agi://ADDR/tell,${NAME}" + ended + ",${FLOWSTATUS},${FLOWERROR})\n"
	return realGroup{name: "queue", scenes: callScenes(append(queueStatuses(), queueCalls()...)), config: asterisktest.Config{
		Dialplan: plan, Queues: realQueues,
		Files: map[string]string{"queuerules.conf": "[wider]\npenaltychange => 60,10\n"},
	}}
}

const realQueues = `
[ringing]
strategy = ringall
member => Local/ring@phones

[empty]
joinempty = no

[full]
maxlen = 1
member => Local/ring@phones

[exits]
context = exits
member => Local/ring@phones

[talk]
setinterfacevar = yes
setqueueentryvar = yes
member => Local/agent@phones

[announced]
member => Local/announced@phones

[emptied]
joinempty = yes
leavewhenempty = yes

[unreachable]
joinempty = yes
leavewhenempty = unavailable,invalid,unknown
member => PJSIP/nobody

[closed]
joinempty = unavailable,invalid,unknown
member => PJSIP/nobody

[withdrawn]
timeout = 1
member => Local/slow@phones

[places]
timeout = 1
member => Local/slow@phones
`

// queueStatuses are the ways in which Queue ends.
func queueStatuses() []realCall {
	queue := func(name, queue, text, status string) realCall {
		return realCall{
			name: "queue_" + name, flow: `
				- queue: ` + queue + `
				  timeout: 2s
				  as: q
				  on_error: continue
				- log: ${q.status} ${q.agent}.`,
			caller: patient(), listens: true, status: "DONE",
			want: "queue: queue." + name + ": " + text + " (on_error: continue)\nlog " + status + " .\nDONE by dialplan",
		}
	}
	timeout := queue("timeout", "ringing", "no agent took the call in time", "TIMEOUT")
	timeout.heard = "swiss( swiss)*" // the music
	full := queue("full", "full", "the queue takes no more callers", "FULL")
	full.before = func(t *testing.T, p *realPBX) {
		p.place(t, "answer", "fills", "full")
		p.until(t, "queue show full", "Local/answer@phones")
	}
	full.after = func(t *testing.T, p *realPBX) {
		if show := p.console(t, "queue show full"); !strings.Contains(show, "full has 1 calls") {
			t.Errorf("asterisk says\n%s\nwant the one caller who was there before", show)
		}
	}
	return []realCall{
		timeout, full,
		queue("no_agents", "empty", "the queue has nobody who could take the call", "JOINEMPTY"),
		queue("unknown", "forgotten", "there is no such queue in Asterisk", "UNKNOWN"),
		{
			name: "queue_left", flow: `
				- queue: exits
				  timeout: 1m
				  on: { left: { log: left with a key } }`, caller: presses("5"),
			want: "queue → left (on)\n  log left with a key\nDONE by dialplan", status: "DONE went to 5",
		},
	}
}

func queueCalls() []realCall {
	ends := func(name, queue, options, want string) realCall {
		return realCall{
			name: name, flow: "- queue: " + queue + "\n  as: q\n" + options + "  on_error: continue\n- log: ${q.status} ${q.position} ${q.waited >= \"1s\"}",
			caller: stays(60), want: want + "\nDONE by dialplan", status: "DONE",
		}
	}
	const noAgents = "queue: queue.no_agents: the queue has nobody who could take the call (on_error: continue)\n"
	talk := ends("queue_talk", "talk", "", "queue → completed\nlog CONTINUE 1 true")
	talk.caller, talk.told = keepsPressing("8"), []string{"agent heard 8"}
	announced := ends("queue_announced", "announced", "  agent_announcement: demo-thanks\n  ring: true\n", "queue → completed\nlog CONTINUE 1 false")
	announced.flow, announced.want = "- queue: announced\n  agent_announcement: demo-thanks\n  ring: true", "queue → completed\nDONE by dialplan"
	announced.told = []string{"NOISE"}
	// Without position the second would be behind the first. It is the last argument: with
	// a rule before it, both are where this version reads them.
	const late = "queue: queue.timeout: no agent took the call in time (on_error: continue)\nlog TIMEOUT 1 true"
	first := ends("queue_first", "places", "  timeout: 10s\n", late)
	second := ends("queue_second", "places", "  position: 1\n  rule: wider\n  timeout: 2s\n", late)
	second.before = func(t *testing.T, p *realPBX) { p.until(t, "queue show places", "Local/queue_first") }
	withdrawn := ends("queue_withdrawn", "withdrawn", "", "queue: queue.withdrawn: somebody took the caller out of the queue (on_error: continue)\nlog WITHDRAW 1")
	withdrawn.flow = strings.Replace(withdrawn.flow, ` ${q.waited >= "1s"}`, "", 1)
	withdrawn.during, withdrawn.only = withdraw, "22"
	return []realCall{
		talk, announced, withdrawn, first, second,
		ends("queue_emptied", "emptied", "", noAgents+"log LEAVEEMPTY 1 false"),
		// Asterisk's documentation has LEAVEUNAVAIL and JOINUNAVAIL for these; 16 and 22
		// say the same as for a queue without agents.
		ends("queue_unreachable", "unreachable", "", noAgents+"log LEAVEEMPTY 1 false"),
		ends("queue_closed", "closed", "", noAgents+"log JOINEMPTY 0 false"),
	}
}

// withdraw takes the caller out of the queue. Asterisk 16 cannot.
func withdraw(t *testing.T, p *realPBX) {
	joined := p.watch(t, "QueueCallerJoin")("Queue: withdrawn")
	action := ami.Action{Name: "QueueWithdrawCaller"}.With("Queue", "withdrawn").With("Caller", joined.Raw.Get("Channel"))
	if _, err := p.engine.Servers[0].Manager.Do(t.Context(), action); err != nil {
		t.Error(err)
	}
}
