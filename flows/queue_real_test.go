package flows_test

import (
	"context"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealQueue has what callers and agents hear and how visits end that take more than
// a queue of its own.
func TestRealQueue(t *testing.T) {
	phone := asterisktest.Phone
	plan := phone("agent", append([]asterisktest.Step{"Wait(1)", "Answer()", "Read(KEY,,1,,1,10)"}, tell("queue_talk", "agent heard ${KEY}"))...) +
		phone("announced", append([]asterisktest.Step{"Answer()"}, append(hears("queue_announced"), "Wait(10)")...)...) +
		phone("early", "Ringing()", "Wait(60)")
	runFar(t, "queues: { talk: {}, announced: {}, emptied: {}, unreachable: {}, closed: {}, withdrawn: {}, places: {} }\n", queueCalls(), asterisktest.Config{
		Dialplan: plan, ManagerRead: "agent", ManagerWrite: "agent", Queues: farQueues,
		Files: map[string]string{"queuerules.conf": "[wider]\npenaltychange => 60,10\n"},
	})
}

const farQueues = `
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
member => Local/early@phones

[places]
timeout = 1
member => Local/early@phones
`

func queueCalls() []farCall {
	ends := func(name, queue, options, want string) farCall {
		return farCall{
			name: name, flow: "- queue: " + queue + "\n  as: q\n" + options + "  on_error: continue\n- log: ${q.status} ${q.position} ${q.waited >= \"1s\"}",
			caller: stays(30), want: want + "\nDONE by dialplan", status: "DONE",
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
	second.before = func(f *farTest) { f.until("queue show places", "Local/queue_first") }
	withdrawn := ends("queue_withdrawn", "withdrawn", "", "queue: queue.withdrawn: somebody took the caller out of the queue (on_error: continue)\nlog WITHDRAW 1 true")
	withdrawn.during, withdrawn.only = withdraw, "22"
	return []farCall{
		talk, announced, withdrawn, first, second,
		ends("queue_emptied", "emptied", "", noAgents+"log LEAVEEMPTY 1 false"),
		// Asterisk's documentation has LEAVEUNAVAIL and JOINUNAVAIL for these; 16 and 22
		// say the same as for a queue without agents.
		ends("queue_unreachable", "unreachable", "", noAgents+"log LEAVEEMPTY 1 false"),
		ends("queue_closed", "closed", "", noAgents+"log JOINEMPTY 0 false"),
	}
}

// withdraw takes the caller out of the queue. Asterisk 16 cannot.
func withdraw(f *farTest) {
	f.until("queue show withdrawn", "Local/queue_withdrawn")
	ctx, cancel := context.WithTimeout(f.Context(), 30*time.Second)
	defer cancel()
	up := make(chan struct{}, 1)
	client := ami.New(ami.Options{Addr: f.pbx.AMI, Username: f.pbx.AMIUser, Secret: f.pbx.AMISecret, OnState: func(s ami.State, _ error) {
		if s == ami.Connected {
			up <- struct{}{}
		}
	}})
	done := make(chan error, 1)
	go func() { done <- client.Run(ctx) }()
	defer func() { cancel(); <-done }()
	<-up
	waiting, err := client.List(ctx, ami.Action{Name: "QueueStatus"}.With("Queue", "withdrawn"))
	if err != nil {
		f.Error(err)
	}
	for _, e := range waiting {
		if e.Name() != "QueueEntry" {
			continue
		}
		if _, err := client.Do(ctx, ami.Action{Name: "QueueWithdrawCaller"}.With("Queue", "withdrawn").With("Caller", e.Get("Channel"))); err != nil {
			f.Error(err)
		}
	}
}
