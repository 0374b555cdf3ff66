package live_test

import (
	"strings"

	"github.com/pbxflow/pbxflow/ami/live"
)

// agents are the events about queues and who answers their calls.
var agents = []string{
	live.QueueJoined, live.QueueConnected, live.QueueLeft, live.AgentRinging, live.AgentNoAnswer, live.AgentConnected, live.AgentCompleted,
	live.AgentPaused, live.AgentUnpaused, live.AgentAdded, live.AgentRemoved,
}

// queueScenarios are about queues.
var queueScenarios = []scenario{
	{
		name: "queue", events: agents,
		play: func(d *desk) {
			ann, lazy := "Local/agent@phones/n", "Local/lazy@phones/n"
			d.do("QueueAdd", "Queue", "support", "Interface", lazy, "MemberName", "Lazy")
			d.do("QueueAdd", "Queue", "support", "Interface", ann, "MemberName", "Ann")
			d.do("QueueAdd", "Queue", "sales", "Interface", ann, "MemberName", "Ann", "Paused", "true")
			d.call("caller", "support")
			d.await(live.QueueJoined)
			d.fence()
			d.late()
			d.await(live.AgentConnected)
			d.await(live.AgentCompleted)
			d.until(func() bool { return d.model.Agents()[0].State == live.Ready })
			d.do("QueuePause", "Interface", ann, "Paused", "true", "Reason", "lunch")
			d.await(live.AgentPaused)
			d.do("QueuePause", "Interface", ann, "Paused", "false")
			d.await(live.AgentUnpaused)
			d.do("QueueRemove", "Queue", "support", "Interface", ann)
			d.do("QueueRemove", "Queue", "support", "Interface", lazy)
			d.do("QueueRemove", "Queue", "sales", "Interface", ann)
			d.await(live.AgentRemoved)
		},
		want: []string{
			`agent.added (Lazy ready [support] [] "")`, `agent.added (Ann ready [support] [] "")`,
			`agent.added (Ann ready [sales support] [sales] "")`,
			"queue.joined 5550100>caller [support 1]",
			`agent.ringing 5550100>caller [support 1] (Lazy ringing [support] [] "")`,
			`agent.no_answer 5550100>caller [support 1] (Lazy [support] [] "")`,
			`agent.ringing 5550100>caller [support 1] (Ann ringing [sales support] [sales] "")`,
			"queue.connected 5550100>caller [support 1 answered Ann]",
			`agent.connected 5550100>caller [support 1 answered Ann] (Ann talking [sales support] [sales] "")`,
			"queue.left 5550100>caller [support 1 answered Ann]",
			`agent.completed 5550100>caller [support 1 answered Ann agent] (Ann [sales support] [sales] "")`,
			`agent.paused (Ann paused [sales support] [sales support] "lunch")`,
			`agent.unpaused (Ann ready [sales support] [sales] "lunch")`,
			`agent.removed (Ann ready [sales] [] "lunch")`, `agent.removed (Lazy ready [] [] "")`, `agent.removed (Ann ready [] [] "lunch")`,
		},
	},
	{
		name: "refused", events: agents,
		play: func(d *desk) { d.call("briefly", "refused"); d.await(live.QueueLeft) },
		want: []string{"queue.left 5550100>briefly [strict 0 refused]"},
	},
	{
		// A subroutine for the member runs before the talk.
		name: "connected-late", events: agents,
		play: func(d *desk) {
			leave := d.member("careful", "Local/friend@phones/n")
			d.call("caller", "careful")
			d.await(live.AgentConnected)
			d.fence()
			d.late()
			d.hangup(d.channel("Local/friend").Name)
			d.await(live.AgentCompleted)
			leave()
		},
		want: annServes("5550100>caller", "careful", "agent"),
	},
	{
		// The phone of the member may ring while it is in use: ringinuse=yes.
		name: "two-talks", events: []string{live.AgentConnected, live.AgentCompleted},
		play: func(d *desk) {
			leave := d.member("busy", "Local/friend@phones/n")
			var phones []string
			for range 2 {
				d.call("caller", "busy")
				phones = append(phones, d.await(live.AgentConnected).Raw.Get("DestChannel"))
			}
			d.fence()
			d.late()
			for _, phone := range phones {
				d.hangup(phone)
				d.await(live.AgentCompleted)
			}
			leave()
		},
		want: []string{
			`agent.connected 5550100>caller [busy 1 answered Ann] (Ann talking [busy] [] "")`,
			`agent.connected 5550100>caller [busy 1 answered Ann] (Ann talking [busy] [] "")`,
			`agent.completed 5550100>caller [busy 1 answered Ann agent] (Ann [busy] [] "")`,
			`agent.completed 5550100>caller [busy 1 answered Ann agent] (Ann [busy] [] "")`,
		},
	},
	{
		// The caller is half of a Local channel, which Asterisk takes out when there is sound.
		name: "talk-of-local", events: agents,
		play: func(d *desk) {
			leave := d.member("busy", "Local/friend@phones/n")
			d.call("loud", "local")
			d.await(live.AgentConnected)
			d.until(func() bool { return len(d.model.Channels()) == 4 }) // of caller and member
			d.late()
			d.hangup(d.channel("Local/loud").Name)
			d.await(live.AgentCompleted)
			leave()
		},
		want: annServes("5550100>loud", "busy", "caller"),
	},
	{
		// The member is reached by a Local channel, which Asterisk takes out when the member speaks.
		name: "talk-by-local-phone", events: agents,
		play: func(d *desk) {
			leave := d.member("busy", "Local/speaks@main")
			d.call("caller", "busy")
			d.await(live.AgentConnected)
			d.until(func() bool { return len(d.model.Channels()) == 4 }) // of caller and member
			d.late()
			d.hangup(d.channel("Local/loud").Name)
			d.await(live.AgentCompleted)
			leave()
		},
		want: annServes("5550100>caller", "busy", "agent"),
	},
	{
		// Here the caller speaks.
		name: "talk-by-local-caller", events: agents,
		play: func(d *desk) {
			leave := d.member("busy", "Local/dial@main")
			d.call("loud", "busy")
			d.await(live.AgentConnected)
			d.until(func() bool { return len(d.model.Channels()) == 4 }) // of caller and member
			d.late()
			d.hangup(d.channel("Local/friend").Name)
			d.await(live.AgentCompleted)
			leave()
		},
		want: annServes("5550100>loud", "busy", "agent"),
	},
	{
		// The caller is half of a Local channel, and the member speaks.
		name: "talk-of-local-phone", events: agents,
		play: func(d *desk) {
			leave := d.member("busy", "Local/loud@phones/n")
			d.call("caller", "local")
			d.await(live.AgentConnected)
			d.until(func() bool { return len(d.model.Channels()) == 4 }) // of caller and member
			d.late()
			d.hangup(d.channel("Local/caller").Name)
			d.await(live.AgentCompleted)
			leave()
		},
		want: annServes("5550100>caller", "busy", "caller"),
	},
}

// annServes tells how Ann becomes a member, talks with a caller, and leaves again.
func annServes(call, queue, endedBy string) []string {
	return strings.Split(strings.NewReplacer("CALL", call, "QUEUE", queue, "WHO", endedBy).Replace(
		`agent.added (Ann ready [QUEUE] [] "")
queue.joined CALL [QUEUE 1]
agent.ringing CALL [QUEUE 1] (Ann ringing [QUEUE] [] "")
queue.connected CALL [QUEUE 1 answered Ann]
agent.connected CALL [QUEUE 1 answered Ann] (Ann talking [QUEUE] [] "")
queue.left CALL [QUEUE 1 answered Ann]
agent.completed CALL [QUEUE 1 answered Ann WHO] (Ann [QUEUE] [] "")
agent.removed (Ann ready [] [] "")`), "\n")
}

// member makes Ann a member of a queue, until she leaves.
func (d *desk) member(queue, phone string) (leave func()) {
	d.t.Helper()
	d.do("QueueAdd", "Queue", queue, "Interface", phone, "MemberName", "Ann")
	return func() {
		d.t.Helper()
		d.until(func() bool { // else she leaves talking
			a := d.model.Agents()
			return len(a) == 1 && a[0].State == live.Ready
		})
		d.do("QueueRemove", "Queue", queue, "Interface", phone)
		d.fence()
	}
}
