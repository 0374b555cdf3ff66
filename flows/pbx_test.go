package flows_test

import "testing"

func TestChannels(t *testing.T) {
	const notFound = ": there is no such channel (on_error: continue)\nDONE by flow"
	runActions(t, []action{
		{
			name:  "hangup_channel",
			steps: "- hangup_channel: PJSIP/101-00000007\n  cause: 21",
			manager: `
				> Hangup Channel=PJSIP/101-00000007 Cause=21
				Response: Success
				Message: Channel Hungup`,
			want: "hangup_channel\nDONE by flow",
		},
		{
			name:  "hangup_channel that is gone",
			steps: "- hangup_channel: 1763712000.1\n  on_error: continue",
			manager: `
				> Hangup Channel=1763712000.1
				Response: Error
				Message: No such channel`,
			want: "hangup_channel: hangup_channel.not_found" + notFound,
		},
		{
			name:  "hangup_channel without the right",
			steps: "- hangup_channel: 1763712000.1\n  on_error: { log: \"${error.id}\" }",
			manager: `
				> Hangup
				Response: Error
				Message: Permission denied`,
			want: "hangup_channel: ami: ami: Hangup: Permission denied: the manager user has none of the write classes call, system: add for example write = call to its section of manager.conf (on_error)\n  log ami\nDONE by flow",
		},
		{
			name:  "redirect",
			steps: "- redirect: PJSIP/101-00000007\n  context: internal\n  exten: 200",
			manager: `
				> Redirect Channel=PJSIP/101-00000007 Context=internal Exten=200 Priority=1
				Response: Success`,
			want: "redirect\nDONE by flow",
		},
		{
			name:  "redirect of a channel that is gone",
			steps: "- redirect: PJSIP/101-00000007\n  context: internal\n  priority: again\n  on_error: continue",
			manager: `
				> Redirect Exten=s Priority=again
				Response: Error
				Message: Channel does not exist: PJSIP/101-00000007`,
			want: "redirect: redirect.not_found" + notFound,
		},
		{
			name:  "mute",
			steps: "- mute: PJSIP/101-00000007\n- mute: PJSIP/101-00000007\n  direction: all\n  state: off\n  on_error: continue",
			manager: `
				> MuteAudio Channel=PJSIP/101-00000007 Direction=in State=on
				Response: Success
				> MuteAudio Channel=PJSIP/101-00000007 Direction=all State=off
				Response: Error
				Message: Channel not found.`,
			want: "mute\nmute: mute.not_found" + notFound,
		},
		{
			name:  "bridge",
			steps: "- bridge: PJSIP/101-00000007\n  with: PJSIP/102-00000008\n  tone: second\n- bridge: PJSIP/101-00000007\n  with: PJSIP/102-00000008\n  on_error: continue",
			manager: `
				> Bridge Channel1=PJSIP/101-00000007 Channel2=PJSIP/102-00000008 Tone=channel2
				Response: Success
				> Bridge Tone=no
				Response: Error
				Message: Channel2 does not exists`,
			want: "bridge\nbridge: bridge.not_found" + notFound,
		},
	})
}

func TestQueueMembers(t *testing.T) {
	const notMember = ": the device is no member of the queue, or there is no such queue (on_error: continue)\nDONE by flow"
	runActions(t, []action{
		{
			name:  "queue_add",
			steps: "- queue_add: PJSIP/101\n  queue: support\n  name: Ann\n  penalty: 2\n  paused: true\n  state_interface: Custom:101",
			manager: `
				> QueueAdd Interface=PJSIP/101 Queue=support MemberName=Ann Penalty=2 Paused=true StateInterface=Custom:101
				Response: Success
				Message: Added interface to queue`,
			want: "queue_add\nDONE by flow",
		},
		{
			name:  "queue_add again",
			steps: "- queue_add: PJSIP/101\n  queue: support",
			manager: `
				> QueueAdd
				Response: Error
				Message: Unable to add interface: Already there`,
			want: "queue_add → already\nDONE by flow",
		},
		{
			name:  "queue_add to no queue",
			steps: "- queue_add: PJSIP/101\n  queue: support\n  on_error: continue",
			manager: `
				> QueueAdd
				Response: Error
				Message: Unable to add interface to queue: No such queue`,
			want: "queue_add: queue_add.unknown: there is no such queue in Asterisk (on_error: continue)\nDONE by flow",
		},
		{
			name:  "queue_remove",
			steps: "- queue_remove: PJSIP/101\n  queue: support\n- queue_remove: PJSIP/101\n  queue: support\n  on_error: continue",
			manager: `
				> QueueRemove Interface=PJSIP/101 Queue=support
				Response: Success
				> QueueRemove
				Response: Error
				Message: Unable to remove interface: Not there`,
			want: "queue_remove\nqueue_remove: queue_remove.not_member" + notMember,
		},
		{
			name:  "queue_pause",
			steps: "- queue_pause: PJSIP/101\n  reason: lunch\n- queue_pause: PJSIP/101\n  queue: support\n  paused: false\n  on_error: continue",
			manager: `
				> QueuePause Interface=PJSIP/101 Paused=true Reason=lunch
				Response: Success
				> QueuePause Paused=false Queue=support
				Response: Error
				Message: Interface not found`,
			want: "queue_pause\nqueue_pause: queue_pause.not_member" + notMember,
		},
		{
			name:  "queue_penalty",
			steps: "- queue_penalty: PJSIP/101\n  penalty: 3\n- queue_penalty: PJSIP/101\n  penalty: 3\n  queue: support\n  on_error: continue",
			manager: `
				> QueuePenalty Interface=PJSIP/101 Penalty=3
				Response: Success
				> QueuePenalty Queue=support
				Response: Error
				Message: Invalid interface, queuename or penalty`,
			want: "queue_penalty\nqueue_penalty: queue_penalty.not_member" + notMember,
		},
	})
}

func TestOriginate(t *testing.T) {
	const steps = `
		- originate: PJSIP/101
		  context: internal
		  exten: 200
		  timeout: 20s
		  caller_id: Support <100>
		  variables: { GREETING: "a, b" }
		  as: new
		  on_error: continue
		- log: ${new.channel} ${new.reason}.`
	ended := func(response, reason, channel string) string {
		return `
			> Originate Channel=PJSIP/101 ChannelId=pbxflow-* Timeout=20000 CallerID="Support <100>" Context=internal Exten=200 Priority=1 Variable=* Async=true
			Response: Success
			. 3s
			Event: OriginateResponse
			ActionID: *
			Response: ` + response + `
			Reason: ` + reason + `
			Channel: ` + channel
	}
	failure := func(id, text string) string {
		return "originate: originate." + id + ": " + text + " (on_error: continue)\n"
	}
	runActions(t, []action{
		{
			name: "answered", steps: steps, manager: ended("Success", "4", "PJSIP/101-00000001"),
			want: "originate → answered\nlog PJSIP/101-00000001 4.\nDONE by flow",
		},
		{
			name: "no answer", steps: steps, manager: ended("Failure", "3", ""),
			want: failure("no_answer", "nobody answered in time") + "log  3.\nDONE by flow",
		},
		{
			name: "hung up", steps: steps, manager: ended("Failure", "1", ""),
			want: failure("no_answer", "nobody answered in time") + "log  1.\nDONE by flow",
		},
		{
			name: "busy", steps: steps, manager: ended("Failure", "5", ""),
			want: failure("busy", "the device is busy") + "log  5.\nDONE by flow",
		},
		{
			name: "congestion", steps: steps, manager: ended("Failure", "8", ""),
			want: failure("congestion", "the network has no way through") + "log  8.\nDONE by flow",
		},
		{
			name: "failed", steps: steps, manager: ended("Failure", "0", ""),
			want: failure("failed", "the device does not exist, is not registered or refused the call") + "log  0.\nDONE by flow",
		},
		{
			name: "refused", steps: steps, manager: `
				> Originate
				Response: Error
				Message: Originate Access Forbidden: app or data blacklisted`,
			want: "originate: ami: ami: Originate: Originate Access Forbidden: app or data blacklisted: the manager user lacks the write class system: add write = system to its section of manager.conf (on_error: continue)\nlog  .\nDONE by flow",
		},
		{
			name: "into a flow", steps: "- originate: PJSIP/101\n  flow: other\n  with: { who: \"a, b&c+d\" }\n  on: { else: { log: x } }",
			manager: `
				> Originate Application=AGI Data=agi://10.0.0.9:4573/other?who=a%2C%20b%26c%2Bd
				Response: Success

				Event: OriginateResponse
				ActionID: *
				Response: Success
				Reason: 4`,
			want: "originate → answered\nDONE by flow",
		},
		{
			name: "the step is ended", steps: `
				- parallel:
				    - originate: PJSIP/101
				      context: internal
				      on_error: continue
				    - - http: https://slow.example/
				        timeout: 3s
				  on_error: continue`,
			manager: `
				> Originate
				Response: Success
				> Hangup Channel=pbxflow-*
				Response: Success`,
			want: "parallel: http.timeout: the server did not answer in time (on_error: continue)\n" +
				"  originate: app.yaml:11:13: http.timeout: the server did not answer in time\n" +
				"  http: http.timeout: the server did not answer in time\nDONE by flow",
		},
	})
}
