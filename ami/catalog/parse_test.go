package catalog_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/catalog"
)

func TestParse(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	tests := []struct {
		event, field, text string
		want               any // nil: an error
	}{
		{"Hangup", "Cause-txt", " Normal Clearing", " Normal Clearing"},
		{"Hangup", "Cause", "16", 16},
		{"Hangup", "Cause", "x", nil},
		{"Hangup", "ChannelState", "6", catalog.ChannelUp},
		{"DialBegin", "DestChannelState", "", catalog.ChannelDown},
		{"AgentConnect", "RingTime", "7", 7 * time.Second},
		{"AgentRingNoAnswer", "RingTime", "7000", 7 * time.Second},
		{"AgentConnect", "HoldTime", "9223372036854775807", nil},
		{"ParkedCallTimeOut", "ParkingTimeout", "18446744073709551615", -time.Second},
		{"ContactStatus", "RoundtripUsec", "1500", 1500 * time.Microsecond},
		{"ContactList", "RoundtripUsec", "N/A", time.Duration(0)},
		{"RTCPReceived", "RTT", "0.0012", 1200 * time.Microsecond},
		{"RTCPSent", "Report0DLSR", "1.5000", 1500 * time.Millisecond},
		{"RTCPSent", "Report0CumulativeLost", "7", 7},
		{"RTCPSent", "SentNTP", "1795284909.973055", time.Unix(1795284909, 973055000)},
		{"ResourceListDetail", "NotificationBatchInterval", "1500", 1500 * time.Millisecond},
		{"VoicemailBoxDetail", "Duration", "4", 4 * time.Second},
		{"ResourceListDetail", "FullState", "false", false},
		{"OriginateResponse", "Reason", "4", 4},
		{"AorDetail", "QualifyTimeout", "3.500000", 3500 * time.Millisecond},
		{"AorDetail", "QualifyTimeout", "NaN", nil},
		{"CoreShowChannel", "Duration", "26:01:30", 26*time.Hour + time.Minute + 30*time.Second},
		{"CoreShowChannel", "Duration", "1:99:00", nil},
		{"CoreShowChannel", "Duration", "30", nil},
		{"QueueMemberStatus", "LastCall", "0", time.Time{}},
		{"QueueMemberStatus", "LastCall", "1795261463", time.Unix(1795261463, 0)},
		{"Hangup", "Timestamp", "1795261463.012345", time.Unix(1795261463, 12345000)},
		{"Hangup", "Timestamp", "1795261463.-1", nil},
		{"QueueMemberStatus", "Paused", "1", true},
		{"ConfbridgeList", "Muted", "No", false},
		{"ConfbridgeList", "Muted", "maybe", nil},
		{"QueueMemberStatus", "Status", "6", catalog.DeviceRinging},
		{"QueueMemberStatus", "Status", "9", nil},
		{"DeviceStateChange", "State", "NOT_INUSE", catalog.DeviceNotInUse},
		{"EndpointList", "DeviceState", "Not in use", catalog.DeviceNotInUse},
		{"EndpointList", "DeviceState", "Ring+Inuse", catalog.DeviceRingInUse},
		{"DeviceStateChange", "State", "ASLEEP", nil},
		{"QueueParams", "ServicelevelPerf", "87.5", 87.5},
		{"Cdr", "StartTime", "2026-11-21 10:00:00", time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)},
		{"Cdr", "AnswerTime", "", time.Time{}},
		{"SuccessfulAuth", "EventTV", "2026-11-21T02:59:38.373+0000", time.Date(2026, 11, 21, 2, 59, 38, 373e6, time.UTC)},
	}
	for _, test := range tests {
		e, _ := catalog.LookupEvent(test.event)
		f, ok := e.Field(test.field)
		if !ok {
			t.Errorf("%s has no %s", test.event, test.field)
			continue
		}
		got, err := f.ParseIn(test.text, zone)
		same := got == test.want
		if at, ok := test.want.(time.Time); ok {
			moment, isTime := got.(time.Time)
			same = isTime && moment.Equal(at)
		}
		if !same || (err != nil) != (test.want == nil) {
			t.Errorf("%s %s %q (%v) is %v (%T), %v; want %v", test.event, f.Name, test.text, f.Kind, got, got, err, test.want)
		}
	}
}

func TestStates(t *testing.T) {
	for state, want := range map[interface{ String() string }]string{
		catalog.ChannelRing: "Ring", catalog.ChannelState(12): "Unknown (12)",
		catalog.DeviceNotInUse: "NOT_INUSE", catalog.DeviceState(-1): "UNKNOWN (-1)",
		catalog.DeviceStates: "device state", catalog.Kind(99): "kind 99",
	} {
		if got := state.String(); got != want {
			t.Errorf("%d is %q, want %q", state, got, want)
		}
	}
}
