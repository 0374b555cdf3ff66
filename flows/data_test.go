package flows_test

import (
	"strings"
	"testing"
)

func TestVariables(t *testing.T) {
	long := strings.Repeat("x", 1023)
	runAll(t, []conversation{
		{
			name: "getvar", flow: `
			- getvar: CALLERID(num)
			  as: a
			- getvar: MISSING
			  as: b
			- log: ${a.value} ${a.set} ${b.value} ${b.set}`,
			asterisk: `
				> GET VARIABLE "CALLERID(num)"
				< 200 result=1 (5550100)
				> GET VARIABLE "MISSING"
				< 200 result=0`,
			want: "getvar\ngetvar\nlog 5550100 true  false\nDONE by dialplan",
		},
		{
			name: "a long one", flow: "- getvar: LONG\n  as: a\n- log: ${len(a.value)}",
			asterisk: `
				> GET VARIABLE "LONG"
				< 200 result=1 (` + long + `)
				> GET FULL VARIABLE "${LONG}"
				< 200 result=1 (` + long + `yy)`,
			want: "getvar\nlog 1025\nDONE by dialplan",
		},
		{
			name: "setvar", flow: "- setvar: __ORDER\n  value: a ${call.caller.num}\n- setvar: CALLERID(name)\n  value: x",
			asterisk: `
				> SET VARIABLE "__ORDER" "a 5550100"
				< 200 result=1
				> SET VARIABLE "CALLERID(name)" "x"
				< 200 result=1`,
			want: "setvar\nsetvar\nDONE by dialplan",
		},
		{
			name: "the database", flow: `
			- db_get: blacklist/${call.caller.num}
			  as: entry
			  on: { found: { log: "${entry.value}" } }
			- db_get: blacklist/other
			  on: { missing: { log: none } }
			- db_put: seen/${call.caller.num}
			  value: yes
			- db_del: seen/1`,
			asterisk: `
				> DATABASE GET "blacklist" "5550100"
				< 200 result=1 (spam)
				> DATABASE GET "blacklist" "other"
				< 200 result=0
				> DATABASE PUT "seen" "5550100" "yes"
				< 200 result=1
				> DATABASE DEL "seen" "1"
				< 200 result=1`,
			want: "db_get → found (on)\n  log spam\ndb_get → missing (on)\n  log none\ndb_put\ndb_del\nDONE by dialplan",
		},
		{
			name: "a part of a key that leads elsewhere", flow: "- db_get: blacklist/${call.caller.num}\n  on_error: continue",
			asterisk: "env agi_callerid: a/b",
			want:     "db_get: expression: app.yaml:6:27: call.caller.num: \"a/b\" cannot be part of a key of the database (on_error: continue)\nDONE by dialplan",
		},
		{
			name: "channel_status", flow: `
			- channel_status: PJSIP/7-1
			  as: other
			- channel_status: PJSIP/8-1
			  on: { not_found: { log: gone } }
			- log: ${other.state} ${other.up}`,
			asterisk: `
				> CHANNEL STATUS "PJSIP/7-1"
				< 200 result=6
				> CHANNEL STATUS "PJSIP/8-1"
				< 200 result=-1`,
			want: "channel_status\nchannel_status → not_found (on)\n  log gone\nlog up true\nDONE by dialplan",
		},
	})
	const gone = "\n\n				Response: Error\n				Message: No such channel"
	runActions(t, []action{
		{
			name: "of another channel",
			steps: `
				- getvar: X
				  channel: PJSIP/7-1
				  as: x
				- setvar: X
				  value: a, b
				  channel: PJSIP/7-1
				- channel_status: PJSIP/7-1
				  as: s
				- log: ${x.value} ${s.state}
				- getvar: X
				  channel: PJSIP/7-1
				  on: { not_found: { log: gone } }
				- setvar: X
				  value: b
				  channel: PJSIP/7-1
				  on: { not_found: { log: gone } }
				- channel_status: PJSIP/7-1
				  on: { not_found: { log: gone } }`,
			manager: `
				> Getvar Channel=PJSIP/7-1 Variable=X
				Response: Success
				Value: 5

				> Setvar Channel=PJSIP/7-1 Variable=X Value="a, b"
				Response: Success

				> Status Channel=PJSIP/7-1
				Response: Success
				EventList: start

				Event: Status
				ChannelStateDesc: Up

				Event: StatusComplete
				EventList: Complete

				> Getvar` + gone + `

				> Setvar` + gone + `

				> Status` + gone,
			want: "getvar\nsetvar\nchannel_status\nlog 5 up\ngetvar → not_found (on)\n  log gone\nsetvar → not_found (on)\n  log gone\nchannel_status → not_found (on)\n  log gone\nDONE by flow",
		},
		{
			name: "the database of a server",
			steps: `
				- db_get: seen/1
				  as: x
				- log: ${x.value}
				- db_get: seen/2
				  on: { missing: { log: none } }
				- db_put: seen/1
				  value: a, b
				- db_del: seen/2`,
			manager: `
				> DBGet Family=seen Key=1
				Response: Success
				EventList: start

				Event: DBGetResponse
				Family: seen
				Key: 1
				Val: yes

				Event: DBGetComplete
				EventList: Complete

				> DBGet Family=seen Key=2
				Response: Error
				Message: Database entry not found

				> DBPut Family=seen Key=1 Val="a, b"
				Response: Success

				> DBDel Family=seen Key=2
				Response: Error
				Message: Database entry could not be deleted`,
			want: "db_get → found\nlog yes\ndb_get → missing (on)\n  log none\ndb_put\ndb_del\nDONE by flow",
		},
	})
}

func TestRecordCall(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "the call", flow: `
			- record_call: calls/${call.caller.num}
			  bridged: true
			  beep: 15s
			  as: r
			- log: ${r.file} ${r.id}
			- stop_recording: ${r.id}
			- stop_recording`,
			asterisk: "env agi_callerid: ../../x&y\n" + `
				> EXEC "MixMonitor" "calls/____x_y.wav,bB(15)i(PBXFLOW_RECORDING)"
				< 200 result=0
				> GET VARIABLE "PBXFLOW_RECORDING"
				< 200 result=1 (0x7f)
				> GET VARIABLE "MIXMONITOR_FILENAME"
				< 200 result=1 (/var/spool/asterisk/monitor/calls/x.wav)
				> EXEC "StopMixMonitor" "0x7f"
				< 200 result=0
				> EXEC "StopMixMonitor"
				< 200 result=0`,
			want: "record_call\nlog /var/spool/asterisk/monitor/calls/x.wav 0x7f\nstop_recording\nstop_recording\nDONE by dialplan",
		},
		{
			name: "sides", flow: "- record_call: a\n  sides: apart\n- record_call: a\n  sides: caller\n  format: gsm\n- record_call: a\n  sides: other",
			asterisk: `
				> EXEC "MixMonitor" ",r(a-caller.wav)t(a-other.wav)i(PBXFLOW_RECORDING)"
				< 200 result=0
				> GET VARIABLE "PBXFLOW_RECORDING"
				< 200 result=1 (1)
				> EXEC "MixMonitor" ",r(a.gsm)i(PBXFLOW_RECORDING)"
				< 200 result=0
				> GET VARIABLE "PBXFLOW_RECORDING"
				< 200 result=1 (2)
				> EXEC "MixMonitor" ",t(a.wav)i(PBXFLOW_RECORDING)"
				< 200 result=0
				> GET VARIABLE "PBXFLOW_RECORDING"
				< 200 result=1 (3)`,
			want: "record_call\nrecord_call\nrecord_call\nDONE by dialplan",
		},
	})
	runActions(t, []action{{
		name: "another call",
		steps: `
			- record_call: calls/a
			  channel: PJSIP/7-1
			  as: r
			- pause_recording: on
			  channel: PJSIP/7-1
			- pause_recording: off
			  side: caller
			  channel: PJSIP/7-1
			  on: { not_recording: { log: none } }
			- stop_recording: ${r.id}
			  channel: PJSIP/7-1
			- stop_recording:
			  channel: PJSIP/7-1
			- stop_recording:
			  channel: PJSIP/7-1
			  on: { not_found: { log: gone } }`,
		manager: `
			> MixMonitor Channel=PJSIP/7-1 File=calls/a.wav Options=""
			Response: Success
			MixMonitorID: 0x7

			> MixMonitorMute Channel=PJSIP/7-1 Direction=both State=1
			Response: Success

			> MixMonitorMute Direction=read State=0
			Response: Error
			Message: Cannot set mute flag

			> StopMixMonitor Channel=PJSIP/7-1 MixMonitorID=0x7
			Response: Success

			> StopMixMonitor Channel=PJSIP/7-1
			Response: Error
			Message: Could not stop monitoring channel

			> StopMixMonitor Channel=PJSIP/7-1
			Response: Error
			Message: No such channel`,
		want: "record_call\npause_recording\npause_recording → not_recording (on)\n  log none\nstop_recording\nstop_recording\nstop_recording → not_found (on)\n  log gone\nDONE by flow",
	}})
}
