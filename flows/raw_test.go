package flows_test

import "testing"

// allowed is a configuration in which raw verbs are on.
const allowed = "allow: [ami, exec]"

func TestExec(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "exec", config: allowed, flow: `
			- exec: NoOp
			- exec: SayUnixTime
			  args: ["", Europe/Zurich]
			- exec: Progress
			  as: p
			  on: { failed: { log: "${p.failed}" } }`,
			asterisk: `
				> EXEC "NoOp"
				< 200 result=0
				> EXEC "SayUnixTime" ",Europe/Zurich"
				< 200 result=0
				> EXEC "Progress"
				< 200 result=-1
				> CHANNEL STATUS
				< 200 result=6`,
			want: "exec\nexec\nexec → failed (on)\n  log true\nDONE by dialplan",
		},
		{
			name: "an argument that is more than one", config: allowed, flow: "- exec: Log\n  args: [NOTICE, \"${call.account}\"]\n  on_error: continue",
			asterisk: "env agi_accountcode: a,b",
			want:     "exec: exec.argument: \"a,b\" would be more than one argument (on_error: continue)\nDONE by dialplan",
		},
	})
}

func TestAMI(t *testing.T) {
	runActions(t, []action{
		{
			name: "an action", config: allowed,
			steps: "- ami: QueueLog\n  fields: { Queue: support, Event: CUSTOM, Message: \"a, b\" }\n  as: r\n- log: ${r.message} ${r.fields[\"Extra\"]}",
			manager: `
				> QueueLog Event=CUSTOM Message="a, b" Queue=support
				Response: Success
				Message: Event added successfully
				Extra: 1`,
			want: "ami\nlog Event added successfully 1\nDONE by flow",
		},
		{
			name: "a list", config: allowed,
			steps: "- ami: QueueSummary\n  list: true\n  as: r\n- log: ${len(r.events)} ${r.events[0][\"Queue\"]}",
			manager: `
				> QueueSummary
				Response: Success
				EventList: start

				Event: QueueSummary
				Queue: support

				Event: QueueSummaryComplete
				EventList: Complete`,
			want: "ami\nlog 1 support\nDONE by flow",
		},
		{
			name: "a list that is not whole", config: allowed, steps: "- ami: QueueSummary\n  list: true\n  on_error: { log: \"${error.id}\" }",
			manager: `
				> QueueSummary
				Response: Success
				EventList: start

				Event: QueueSummaryComplete
				EventList: Complete
				ListItems: 1`,
			want: "ami: ami: QueueSummary: ami: incomplete list: 0 of 1 items (on_error)\n  log ami\nDONE by flow",
		},
		{
			name: "refused", config: allowed, steps: "- ami: Reload\n  on_error: { log: \"${error.id}\" }",
			manager: `
				> Reload
				Response: Error
				Message: No such module`,
			want: "ami: ami: ami: Reload: No such module (on_error)\n  log ami\nDONE by flow",
		},
	})
}
