package live_test

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// fuzzEvents are the events that change the picture, and one that does not.
var fuzzEvents = []string{
	"Newchannel", "Newstate", "NewCallerid", "NewConnectedLine", "Rename", "DialBegin", "DialState", "DialEnd", "HangupRequest", "Hangup", "Newexten", "VarSet",
	"BridgeCreate", "BridgeEnter", "BridgeLeave", "BridgeDestroy", "AttendedTransfer", "BlindTransfer", "Hold", "Unhold", "MusicOnHoldStart", "MusicOnHoldStop",
	"ParkedCall", "ParkedCallSwap", "ParkedCallTimeOut", "ParkedCallGiveUp", "UnParkedCall", "MixMonitorStart", "MixMonitorStop", "ChanSpyStart", "ChanSpyStop",
	"QueueCallerJoin", "QueueCallerAbandon", "QueueCallerLeave", "AgentCalled", "AgentRingNoAnswer", "AgentConnect", "AgentComplete", "AgentDump", "AGIExecStart",
	"QueueMemberAdded", "QueueMemberStatus", "QueueMemberPause", "QueueMemberRemoved", "ConfbridgeStart", "ConfbridgeEnd", "ConfbridgeJoin", "ConfbridgeLeave",
	"ConfbridgeMute", "ConfbridgeTalking", "ConfbridgeRecord", "DeviceStateChange", "ContactStatus", "PeerStatus", "MessageWaiting", "Cdr", "FullyBooted", "LocalOptimizationBegin", "DTMFEnd",
}

// fuzzEvent makes an event of which each byte chooses something.
func fuzzEvent(kind, a, b byte, at time.Time) ami.Event {
	pick := func(n byte, of ...string) string { return of[int(n)%len(of)] }
	id, other := strconv.Itoa(int(a%6)), strconv.Itoa(int(b%6))
	queue, iface := pick(a/6, "a", "b"), pick(b/6, "PJSIP/1", "Local/2@x")
	pairs := []string{
		"Timestamp", timestamp(at), "Uniqueid", id, "Channel", pick(b, "PJSIP/1-", "Local/2@x-") + id, "Linkedid", strconv.Itoa(int(b / 6 % 6)),
		"ChannelState", pick(a/12, "0", "4", "6"), "ChannelStateDesc", pick(a/12, "Down", "Ring", "Up", "Ringing"), "Exten", pick(b, "100", "h", ""), "Context", "main",
		"DestUniqueid", other, "DestChannel", "PJSIP/1-" + other, "DestChannelStateDesc", "Ringing", "DialStatus", pick(b, "ANSWER", "CANCEL", "RINGING"),
		"SpyerUniqueid", other, "SpyerChannel", "PJSIP/1-" + other, "SpyeeUniqueid", id, "ParkeeUniqueid", id, "ParkingSpace", other, "Parkinglot", "default",
		"TransfereeUniqueid", id, "TransfererUniqueid", other, "Result", pick(b, "Success", "Fail"), "BridgeUniqueid", other, "BridgeNumChannels", other,
		"Queue", queue, "Interface", iface, "MemberName", iface, "Paused", pick(a, "0", "1"), "InCall", pick(b, "0", "1"), "CallsTaken", other, "Status", other,
		"HoldTime", other, "TalkTime", id, "RingTime", other, "Position", other, "Reason", pick(b, "caller", "agent"), "Conference", pick(b, "1", "2"),
		"Variable", pick(a, "QUEUESTATUS", "ABANDONED", "MIXMONITOR_FILENAME"), "Value", pick(b, "TIMEOUT", "FULL", "x"), "Application", pick(a, "Queue", "Dial"), "AppData", queue,
		"Device", iface, "State", pick(a, "INUSE", "NOT_INUSE"), "EndpointName", "1", "URI", "sip:1", "ContactStatus", pick(b, "Reachable", "Removed"), "Peer", "SIP/1",
		"Mailbox", "1@x", "New", other, "Newname", "PJSIP/9-" + id, "Uptime", other, "Command", `EXEC "Queue" "a"`,
		"LocalOneUniqueid", id, "LocalTwoUniqueid", other, "SourceUniqueid", strconv.Itoa(int(a / 6 % 6)),
	}
	return ami.NewEvent(fuzzEvents[int(kind)%len(fuzzEvents)], pairs...)
}

// FuzzHandle lets anything happen in any order, with the session lost and found. When all
// channels have ended nothing is left of them, and each call was told of once.
func FuzzHandle(f *testing.F) {
	f.Add([]byte("\x00\x01\x01\x0d\x01\x01\x1f\x01\x01\x24\x01\x01\x09\x01\x01"))
	f.Add([]byte("\xff\x00\x00\x00\x01\x02\x16\x01\x01\xfe\x00\x00\x1d\x02\x01\xff\x00\x00\x1e\x02\x01"))
	f.Fuzz(func(t *testing.T, story []byte) {
		now := time.Unix(1_700_000_000, 0)
		m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/*"}, Now: func() time.Time { return now }})
		sub := m.Subscribe(5000)
		for n := 0; len(story) >= 3 && n < 500; n++ {
			kind, a, b := story[0], story[1], story[2]
			story = story[3:]
			now = now.Add(time.Duration(a) * 10 * time.Millisecond)
			switch kind {
			case 0xff:
				m.HandleState(ami.Connected, nil)
			case 0xfe:
				m.HandleState(ami.Disconnected, errors.New("test"))
			case 0xfd:
				m.Own(strconv.Itoa(int(b % 6)))
			default:
				m.Handle(fuzzEvent(kind, a, b, now))
			}
		}
		m.Snapshot()
		for _, name := range []string{"Hangup", "BridgeDestroy", "QueueMemberRemoved", "ConfbridgeEnd"} {
			for a := range byte(12) {
				for b := range byte(12) {
					e := fuzzEvent(0, a, b, now)
					pairs := []string{}
					for header, value := range e.All() {
						if header != "Event" {
							pairs = append(pairs, header, value)
						}
					}
					m.Handle(ami.NewEvent(name, pairs...))
				}
			}
		}
		now = now.Add(time.Minute)
		m.Handle(fuzzEvent(byte(len(fuzzEvents)-1), 0, 0, now))
		s := m.Snapshot()
		if len(s.Calls)+len(s.Channels)+len(s.Bridges)+len(s.Parked)+len(s.Recordings)+len(s.ListenIns)+len(s.Conferences)+len(m.Waiting())+len(s.Agents) > 0 {
			t.Errorf("left over: %+v %+v %+v %+v %+v %+v %+v %+v %+v", s.Calls, s.Channels, s.Bridges, s.Parked, s.Recordings, s.ListenIns, s.Conferences, m.Waiting(), s.Agents)
		}
		if sub.Lost() > 0 {
			t.Fatalf("%d events lost", sub.Lost())
		}
		sub.Close()
		open := make(map[string]bool)
		for e := range sub.C() {
			checkPayloads(t, e)
			switch e.Name {
			case live.CallStarted:
				if open[e.Call.ID] {
					t.Errorf("%s was started twice", e.Call.ID)
				}
				open[e.Call.ID] = true
			case live.CallEnded:
				delete(open, e.Call.ID)
			}
		}
		if len(open) > 0 {
			t.Errorf("calls were started and not ended: %v", open)
		}
	})
}

// FuzzReplay handles whatever can be read.
func FuzzReplay(f *testing.F) {
	capture, err := os.ReadFile("testdata/queue-and-spy.ami")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(capture[:8000])
	f.Add([]byte("Event: Newchannel\r\nUniqueid: 1\r\nLinkedid: 1\r\nTimestamp: 99999999999999999999.9\r\n\r\nEvent: Hangup\r\nUniqueid: 1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/*"}})
		sub := m.Subscribe(10)
		defer sub.Close()
		events, err := ami.ReadAll(bytes.NewReader(text))
		if err != nil {
			return
		}
		m.HandleState(ami.Connected, nil)
		for _, e := range events {
			m.Handle(e)
		}
		m.Snapshot()
	})
}
