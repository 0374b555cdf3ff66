package flows_test

import "testing"

func TestRecord(t *testing.T) {
	const flow = `
		steps:
		  - record: messages/${call.id}
		    timeout: 10s
		    silence: 2s
		    as: message
		    on: { silence: { log: silent }, hangup: { log: "said ${message.reason}" }, failed: { log: failed } }
		  - log: ${message.file} of ${message.duration}, ${message.reason} ${message.key}
		on_hangup: { log: "left ${message?.file ?? 'nothing'}" }
		finally: { log: bye }`
	const record = `> RECORD FILE "messages/1763712000.1" "wav" "#" "10000" "BEEP" "s=2"` + "\n"
	runAll(t, []conversation{
		{
			name: "a key", flow: flow, asterisk: record + "< 200 result=35 (dtmf) endpos=64000",
			want: "record → ok\nlog messages/1763712000.1 of 8s, ok #\nlog bye\nDONE by dialplan",
		},
		{
			name: "silence", flow: flow, asterisk: record + ". 9900ms\n< 200 result=0 (timeout) endpos=64000",
			want: "record → silence (on)\n  log silent\nlog messages/1763712000.1 of 8s, silence \nlog bye\nDONE by dialplan",
		},
		{
			name: "too long", flow: flow, asterisk: record + ". 10s\n< 200 result=0 (timeout) endpos=64000",
			want: "record → timeout\nlog messages/1763712000.1 of 8s, timeout \nlog bye\nDONE by dialplan",
		},
		{
			name: "hangup", flow: flow, asterisk: record + "< 200 result=-1 (hangup) endpos=24000\n! hangup", status: "HANGUP",
			want: "record → hangup (on)\n  log said hangup\nlog left messages/1763712000.1\nlog bye\nHANGUP by caller",
		},
		{
			name: "hangup that nothing handles", flow: "steps:\n  - record: a\n    as: message\n  - log: ${message.file}\non_hangup: { log: \"left ${message?.file}\" }",
			asterisk: "> RECORD FILE \"a\" \"wav\" \"#\" \"300000\" \"BEEP\"\n< 200 result=-1 (hangup) endpos=24000\n! hangup", status: "HANGUP",
			want: "record → hangup\nlog left a\nHANGUP by caller",
		},
		{
			name: "hangup before anything was said", flow: flow, asterisk: record + "< 200 result=-1 (hangup) endpos=0\n! hangup", status: "HANGUP",
			want: "record: agi: the call was hung up\nlog left nothing\nlog bye\nHANGUP by caller",
		},
		{
			name: "no folder", flow: flow, asterisk: record + "< 200 result=-1 (writefile)\n> CHANNEL STATUS\n< 200 result=6",
			want: "record → failed (on)\n  log failed\nlog  of 0s,  \nlog bye\nDONE by dialplan",
		},
		{
			name: "another format", flow: "- record: a\n  format: wav16\n  beep: false\n  end: \"\"\n  timeout: 3s\n  as: message\n- log: ${message.reason} ${message.duration}",
			asterisk: "> RECORD FILE \"a\" \"wav16\" \"\" \"3000\"\n. 3s\n< 200 result=0 (timeout) endpos=48000", want: "record → timeout\nlog timeout 3s\nDONE by dialplan",
		},
		{
			name: "a part that leads elsewhere", flow: "- record: messages/${call.account}\n  on_error: continue", asterisk: "env agi_accountcode: ../x",
			want: "record: expression: app.yaml:6:26: call.account: \"../x\" cannot be part of the name of a recording (on_error: continue)\nDONE by dialplan",
		},
	})
}
