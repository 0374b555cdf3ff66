package live_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// configured tells the events about what is configured, rather than called.
func configured(t *testing.T, sub *live.Subscription) (lines []string) {
	t.Helper()
	for len(sub.C()) > 0 {
		e := <-sub.C()
		checkPayloads(t, e)
		line := tell(e)
		if e.Device != nil {
			line += " " + e.Device.Name + " " + e.Device.Was + ">" + e.Device.State
		}
		lines = append(lines, line)
	}
	return lines
}

// What is configured is adopted silently at first. After a gap it is told how it differs.
func TestDifferencesAfterGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("QueueStatus", rowsOf(t, `QueueParams Queue=support Strategy=ringall Completed=3
				QueueMember Queue=support Name=Ann Location=PJSIP/101 Status=1 Paused=0
				QueueMember Queue=support Name=Bob Location=PJSIP/102 Status=1 Paused=0`)...)
			s.AnswerList("DeviceStateList", rowsOf(t, `DeviceStateChange Device=PJSIP/101 State=BUSY
				DeviceStateChange Device=Custom:night State=INUSE`)...)
			s.AnswerList("PJSIPShowEndpoints", rowsOf(t, `EndpointList ObjectType=endpoint ObjectName=101 Aor=101
				EndpointList ObjectType=endpoint ObjectName=trunk Aor=trunk Contacts=trunk/sip:203.0.113.1,`)...)
			s.AnswerList("PJSIPShowContacts", rowsOf(t, `ContactList ObjectName=101;@ff Uri=sip:101@203.0.113.2 Status=Reachable RoundtripUsec=1500`)...)
			s.AnswerList("PJSIPShowEndpoint", rowsOf(t, `EndpointDetail ObjectName=trunk
				ContactStatusDetail AOR=trunk URI=sip:203.0.113.1 Status=Reachable RoundtripUsec=900`)...)
		})
		sub := p.model.Subscribe(100, live.AgentAdded, live.AgentRemoved, live.AgentPaused, live.AgentUnpaused, live.DeviceChanged, live.EndpointChanged)
		defer sub.Close()
		q := p.model.Queues()
		if len(q) != 1 || len(q[0].Members) != 2 || q[0].Completed != 3 || q[0].Strategy != "ringall" {
			t.Errorf("queues %+v", q)
		}
		want := []live.Endpoint{
			{Name: "PJSIP/101", State: live.Reachable, Device: "BUSY", AORs: "101", Contacts: []live.Contact{{URI: "sip:101@203.0.113.2", Status: "Reachable", RoundTrip: 1500 * time.Microsecond}}},
			{Name: "PJSIP/trunk", State: live.Reachable, AORs: "trunk", Contacts: []live.Contact{{URI: "sip:203.0.113.1", Status: "Reachable", RoundTrip: 900 * time.Microsecond}}},
		}
		endpoints := p.model.Endpoints()
		for i := range endpoints {
			endpoints[i].Since = time.Time{}
		}
		if diff := cmp.Diff(endpoints, want); diff != "" {
			t.Errorf("endpoints: got -, want +\n%s", diff)
		}

		p.AnswerList("QueueStatus", rowsOf(t, `QueueParams Queue=support
			QueueMember Queue=support Name=Ann Location=PJSIP/101 Status=1 Paused=1 PausedReason=lunch
			QueueMember Queue=support Name=Eve Location=PJSIP/103 Status=5 Paused=0`)...)
		p.AnswerList("DeviceStateList", rowsOf(t, `DeviceStateChange Device=PJSIP/101 State=INUSE`)...)
		p.AnswerList("PJSIPShowContacts")
		p.AnswerList("PJSIPShowEndpoint", rowsOf(t, `ContactStatusDetail AOR=trunk URI=sip:203.0.113.1 Status=Unreachable`)...)
		p.Drop()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		wantEvents := []string{
			`agent.paused (Ann paused [support] [support] "lunch")`,
			`agent.added (Eve unavailable [support] [] "")`,
			`agent.removed (Bob ready [] [] "")`,
			"device.changed PJSIP/101 BUSY>INUSE",
			"endpoint.changed PJSIP/101 offline 0", "endpoint.changed PJSIP/trunk unreachable 1",
		}
		if diff := cmp.Diff(configured(t, sub), wantEvents); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		if d := p.model.Devices(); len(d) != 1 {
			t.Errorf("devices %+v", d)
		}
		if a := p.model.Agents(); len(a) != 2 || a[1].Name != "Eve" {
			t.Errorf("agents %+v", a)
		}
	})
}

// Events that come while the lists are under way are right, and the lists are not, whether
// they are older or newer.
func TestEventsBeatLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("CoreShowChannels", row("PJSIP/100-1", "1.1", "1.1", "Up", "100", "00:00:50", "b1"), row("PJSIP/100-2", "1.2", "1.2", "Up", "100", "00:00:50", ""))
			s.AnswerList("BridgeList", rowsOf(t, "BridgeListItem BridgeUniqueid=b1 BridgeType=basic")...)
			s.AnswerList("QueueStatus", rowsOf(t, `QueueMember Queue=support Name=Ann Location=PJSIP/101 Status=1 Paused=0
				QueueMember Queue=support Name=Bob Location=PJSIP/102 Status=1 Paused=0`)...)
			s.AnswerList("DeviceStateList", rowsOf(t, "DeviceStateChange Device=PJSIP/101 State=BUSY")...)
			s.AnswerList("ConfbridgeListRooms", rowsOf(t, "ConfbridgeListRooms Conference=77")...)
			s.AnswerList("ConfbridgeList", rowsOf(t, "ConfbridgeList Conference=77 ch=PJSIP/100-2 id=1.2 Muted=Yes")...)
			s.Respond("ParkedCalls", func(ami.Message) [][]string {
				for _, e := range script(t, `
					0 BridgeLeave bridge=b1 BridgeUniqueid=b1 ch=PJSIP/100-1 id=1.1 link=1.1 state=Up num=100
					0 BridgeDestroy BridgeUniqueid=b1
					0 QueueMemberPause Queue=support MemberName=Ann Interface=PJSIP/101 Status=1 Paused=1 PausedReason=tea
					0 QueueMemberRemoved Queue=support MemberName=Bob Interface=PJSIP/102
					0 DeviceStateChange Device=PJSIP/101 State=INUSE
					0 ConfbridgeLeave Conference=77 ch=PJSIP/100-2 id=1.2 link=1.2 state=Up num=100
					0 ConfbridgeEnd Conference=77
					0 ParkedCallGiveUp ParkeeUniqueid=1.2`) {
					s.EmitEvent(e)
				}
				time.Sleep(time.Second) // let them be handled first
				return amitest.List("ParkedCalls", rowsOf(t, "ParkedCall ParkeeUniqueid=1.2 Parkinglot=default ParkingSpace=701")...)
			})
		})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		s := p.model.Snapshot()
		if len(s.Bridges) != 0 || s.Channels[0].Bridge != "" || len(s.Conferences) != 0 {
			t.Errorf("bridges %+v, channels %+v, conferences %+v", s.Bridges, s.Channels, s.Conferences)
		}
		if len(s.Agents) != 1 || !s.Agents[0].Paused || s.Agents[0].Reason != "tea" {
			t.Errorf("agents %+v", s.Agents)
		}
		if len(s.Devices) != 1 || s.Devices[0].State != "INUSE" {
			t.Errorf("devices %+v", s.Devices)
		}
	})
}

// A user without rights, and modules that are not there: the rest goes on, and it is said
// what is missing, once.
func TestUnknownParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := amitest.New()
		defer s.Close()
		s.AnswerList("CoreShowChannels", row("PJSIP/100-1", "1.1", "1.1", "Up", "100", "00:00:50", "b1"))
		s.AnswerList("BridgeList")
		s.AnswerList("QueueStatus")
		s.Answer("DeviceStateList", "Response", "Error", "Message", "Permission denied")
		s.Answer("PJSIPShowEndpoints", "Response", "Error", "Message", "Permission denied")
		s.AnswerList("PJSIPShowContacts")
		s.Answer("ConfbridgeListRooms", "Response", "Error", "Message", "No active conferences.")
		s.Respond("ParkedCalls", nil) // no module
		c := ami.New(ami.Options{Name: "pbx1", Addr: s.Addr(), Username: s.Username, Secret: s.Secret, Dial: s.Dial})
		done := make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		go func() { defer close(done); c.Run(ctx) }()
		synctest.Wait()
		m := live.New(live.Options{Server: "pbx1", Logger: hclog.New(&hclog.LoggerOptions{Output: &log, DisableTime: true})})
		m.HandleState(ami.Connected, nil)
		for range 2 {
			if err := m.Resync(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		<-done
		if got, want := m.Server().Unknown, []string{"devices", "endpoints", "parking"}; !cmp.Equal(got, want) {
			t.Errorf("unknown %v, want %v", got, want)
		}
		if len(m.Channels()) != 1 || len(m.Bridges()) != 1 {
			t.Errorf("channels %+v, bridges %+v", m.Channels(), m.Bridges())
		}
		want := `[WARN]  live: a part of the picture is unknown: server=pbx1 part=devices reason="DeviceStateList: Permission denied" needs="add reporting to write= of the user in manager.conf"
[WARN]  live: a part of the picture is unknown: server=pbx1 part=endpoints reason="PJSIPShowEndpoints: Permission denied" needs="add system to write= of the user in manager.conf"
[WARN]  live: a part of the picture is unknown: server=pbx1 part=parking reason="ParkedCalls: Invalid/unknown command: ParkedCalls. Use Action: ListCommands to show available commands." needs="load res_parking.so in modules.conf, if there is something to see"
`
		if diff := cmp.Diff(log.String(), want); diff != "" {
			t.Errorf("log: got -, want +\n%s", diff)
		}
		for _, part := range m.Parts() {
			if part.Known != (part.Name != "devices" && part.Name != "endpoints" && part.Name != "parking") {
				t.Errorf("part %+v", part)
			}
		}
	})
}
