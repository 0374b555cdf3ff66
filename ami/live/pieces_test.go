package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/live"
)

// play lets a script happen, and tells the events of these names.
func play(t *testing.T, m *live.Model, text string, names ...string) (lines []string) {
	t.Helper()
	sub := m.Subscribe(1000, names...)
	for _, e := range script(t, text) {
		m.Handle(e)
	}
	sub.Close()
	for e := range sub.C() {
		checkPayloads(t, e)
		lines = append(lines, tell(e))
	}
	return lines
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

func newModel() *live.Model {
	return live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}, Now: func() time.Time { return time.Unix(1_700_000_100, 0) }})
}

// A channel gets another name when another one takes its place, as when a call is picked up, or
// a call is transferred to a queue: what tells of it has the new one.
func TestRenamed(t *testing.T) {
	m := newModel()
	play(t, m, waits+"2 Rename ch=PJSIP/carrier-1 Newname=Local/x@y-1;2 id=1.1")
	c, v := m.Calls()[0], m.Waiting()[0]
	const name = "Local/x@y-1;2"
	if c.Channel != name || c.Channels[0].Channel != name || v.Channel != name || m.Channels()[0].Name != name {
		t.Errorf("call %+v, waiting %+v, channels %+v", c, v, m.Channels())
	}
	play(t, m, "3 Rename ch="+name+" Newname="+name+"<ZOMBIE> id=1.1")
	if c, ch := m.Calls()[0], m.Channels()[0]; c.Channel != name || ch.Name != name+"<ZOMBIE>" {
		t.Errorf("call %+v, channel %+v", c, ch)
	}
	m = newModel()
	play(t, m, waits+"2 Newstate ch=Local/x@y-1;2 id=1.1 link=1.1 state=Up")
	if c, v := m.Calls()[0], m.Waiting()[0]; c.Channel != name || v.Channel != name {
		t.Errorf("call %+v, waiting %+v", c, v)
	}
}

// A call remembers its legs, also those that ended, but not for ever.
func TestLegs(t *testing.T) {
	m := newModel()
	play(t, m, `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring num=1
		1 Newchannel ch=Local/2@x-1;1 id=2 link=1 state=Down
		1 Newchannel ch=Local/2@x-1;2 id=3 link=1 state=Ring
		1 DialBegin ch=PJSIP/1-1 id=1 link=1 state=Ring num=1 dest=Local/2@x-1;1 destid=2
		2 Newchannel ch=CBAnn/7-1;1 id=4 link=1 state=Up
		3 Newstate ch=Local/2@x-1;1 id=2 link=1 state=Up
		4 Hangup ch=Local/2@x-1;2 id=3 link=1 state=Up`)
	at := func(s int64) time.Time { return time.Unix(1_700_000_000+s, 0) }
	wantLegs := []live.Leg{
		{Channel: "PJSIP/1-1", Uniqueid: "1", Role: live.RoleCaller, Party: live.Party{Num: "1"}, Began: at(0)},
		{Channel: "Local/2@x-1;1", Uniqueid: "2", Role: live.RoleDialled, Began: at(1), Up: at(3)},
		{Channel: "Local/2@x-1;2", Uniqueid: "3", Role: live.RoleLocal, Began: at(1), Up: at(4), Ended: at(4)},
		{Channel: "CBAnn/7-1;1", Uniqueid: "4", Role: live.RoleMedia, Began: at(2), Up: at(2)},
	}
	if diff := cmp.Diff(m.Calls()[0].Channels, wantLegs); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
	for range 200 {
		play(t, m, "5 Newchannel ch=PJSIP/2-1 id=9 link=1 state=Ring\n6 Hangup ch=PJSIP/2-1 id=9 link=1 state=Up")
	}
	if c := m.Calls()[0]; c.Legs != 204 || len(c.Channels) != 64 || c.Channels[0].Role != live.RoleCaller {
		t.Errorf("%d legs, of which %d are kept, the first %+v", c.Legs, len(c.Channels), c.Channels[0])
	}
}

// Two phones hold the call at once; the time on hold is counted once. A phone that hangs
// up holds nothing any more.
func TestHolds(t *testing.T) {
	m := newModel()
	got := play(t, m, `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring num=1
		0 Newchannel ch=PJSIP/2-1 id=2 link=1 state=Up num=2
		1 Unhold ch=PJSIP/1-1 id=1 link=1 state=Up num=1
		1 Hold ch=PJSIP/1-1 id=1 link=1 state=Up num=1
		2 Hold ch=PJSIP/1-1 id=1 link=1 state=Up num=1
		3 Hold ch=PJSIP/2-1 id=2 link=1 state=Up num=2
		5 Unhold ch=PJSIP/1-1 id=1 link=1 state=Up num=1
		9 Hangup ch=PJSIP/2-1 id=2 link=1 state=Up num=2`, live.CallHeld, live.CallUnheld)
	want(t, got, "call.held 1> leg PJSIP/1-1 caller 0s", "call.held 1> leg PJSIP/2-1 other 0s",
		"call.unheld 1> leg PJSIP/1-1 caller 4s", "call.unheld 1> leg PJSIP/2-1 other 6s")
	if c := m.Calls()[0]; c.Held || c.HeldFor != 8*time.Second {
		t.Errorf("held %v for %v, want 8s", c.Held, c.HeldFor)
	}
}

// Parking may be told of before the channel, and its end after it.
func TestParkOvertakes(t *testing.T) {
	m := newModel()
	all := []string{live.CallStarted, live.ParkParked, live.ParkTimeout, live.ParkAbandoned, live.CallEnded}
	parked := "ParkedCall ParkeeUniqueid=1 Parkinglot=default ParkingSpace=701 ParkingTimeout=2 ParkerDialString=PJSIP/9\n"
	begins := "0.1 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Down\n0.2 NewCallerid ch=PJSIP/1-1 id=1 link=1 state=Down num=5\n0.3 Newstate ch=PJSIP/1-1 id=1 link=1 state=Up num=5\n"
	got := play(t, m, "0 "+parked+begins+"2.5 Hangup ch=PJSIP/1-1 id=1 link=1 state=Up num=5\n2.6 ParkedCallTimeOut ParkeeUniqueid=1", all...)
	want(t, got, "call.started 5>", "park.parked 5> default 701 2s by PJSIP/9", "park.timeout 5> default 701 2s by PJSIP/9", "call.ended 5>")

	got = play(t, m, "10 "+parked+strings.ReplaceAll(begins, "0.", "10.")+"11 Hangup ch=PJSIP/1-1 id=1 link=1 state=Up num=5", all...)
	want(t, got, "call.started 5>", "park.parked 5> default 701 2s by PJSIP/9", "park.abandoned 5> default 701 2s by PJSIP/9", "call.ended 5>")

	// It may come in the middle of the words on the channel, too.
	begins = strings.ReplaceAll(begins, "0.", "15.")
	got = play(t, m, strings.Replace(begins, "\n", "\n15 "+parked, 1)+"16 Hangup ch=PJSIP/1-1 id=1 link=1 state=Up num=5", all...)
	want(t, got, "call.started 5>", "park.parked 5> default 701 2s by PJSIP/9", "park.abandoned 5> default 701 2s by PJSIP/9", "call.ended 5>")

	// One whose channel never came is forgotten.
	got = play(t, m, "20 "+parked+strings.ReplaceAll(begins, "15.", "30.")+"31 Hangup ch=PJSIP/1-1 id=1 link=1 state=Up num=5", all...)
	want(t, got, "call.started 5>", "call.ended 5>")
}

// Who waits behind a caller moves up when that leaves, and back when one comes before.
func TestQueuePositions(t *testing.T) {
	m := newModel()
	for i, position := range []string{"1", "2", "3", "2"} {
		id := string(rune('a' + i))
		play(t, m, "0 Newchannel ch=PJSIP/"+id+"-1 id="+id+" link="+id+" state=Ring num="+id+
			"\n1 QueueCallerJoin ch=PJSIP/"+id+"-1 id="+id+" link="+id+" state=Up num="+id+" q=support pos="+position)
	}
	positions := func() (line string) {
		for _, q := range m.Queues()[0].Callers {
			line += q.Channel[len("PJSIP/"):][:1]
		}
		return line
	}
	play(t, m, "1 QueueMemberAdded q=support MemberName=Ann Interface=PJSIP/101 Status=1")
	if got := positions(); got != "adbc" {
		t.Errorf("they wait as %s, want adbc", got)
	}
	play(t, m, "2 HangupRequest ch=PJSIP/d-1 id=d link=d num=d\n2 QueueCallerAbandon ch=PJSIP/d-1 id=d link=d num=d q=support pos=2\n2 QueueCallerLeave ch=PJSIP/d-1 id=d link=d num=d q=support pos=2")
	play(t, m, "3 Hangup ch=PJSIP/a-1 id=a link=a num=a") // its leaving was not seen
	if got := positions(); got != "bc" || m.Queues()[0].Callers[1].Position != 2 {
		t.Errorf("they wait as %s at %+v, want bc", got, m.Queues()[0].Callers)
	}
}

// An agent is one over all queues, and paused when paused in all of them.
func TestAgentStates(t *testing.T) {
	m := newModel()
	names := []string{live.AgentAdded, live.AgentRemoved, live.AgentPaused, live.AgentUnpaused}
	member := func(second, name, queue, more string) string {
		return second + " QueueMember" + name + " q=" + queue + " MemberName=Ann Interface=PJSIP/101 " + more + "\n"
	}
	got := play(t, m, member("0", "Added", "a", "Status=1 Paused=0")+member("1", "Added", "b", "Status=1 Paused=0")+
		member("2", "Pause", "a", "Status=1 Paused=1 PausedReason=lunch")+member("3", "Pause", "b", "Status=1 Paused=1 PausedReason=tea")+
		member("9", "Pause", "a", "Status=1 Paused=0"), names...)
	want(t, got, `agent.added (Ann ready [a] [] "")`, `agent.added (Ann ready [a b] [] "")`,
		`agent.paused (Ann paused [a b] [a b] "tea")`, `agent.unpaused (Ann ready [a b] [b] "tea")`)
	if a := m.Agents()[0]; a.PausedFor != 6*time.Second || a.ID != "pbx1/PJSIP/101" {
		t.Errorf("agent %+v, want a pause of 6s", a)
	}
	for _, test := range []struct{ change, state string }{
		{"Status=6", live.Ringing},
		{"Status=2", live.Talking},
		{"Status=8", live.Talking},
		{"Status=5", live.Unavailable},
		{"Status=1", live.Ready},
		{"Status=0", live.Ready},
		{"Status=1 Paused=1 PausedReason=Wrap-Up", live.Wrapup},
		{"Status=1 Paused=1", live.Paused},
	} {
		play(t, m, member("10", "Status", "a", test.change)+member("10", "Status", "b", test.change))
		if a := m.Agents()[0]; a.State != test.state {
			t.Errorf("%s: %s, want %s", test.change, a.State, test.state)
		}
	}
	got = play(t, m, member("11", "Removed", "a", "")+member("11", "Removed", "b", ""), names...)
	want(t, got, `agent.removed (Ann paused [b] [b] "")`, `agent.removed (Ann paused [] [] "")`)
	if a := m.Agents(); len(a) > 0 {
		t.Errorf("agents %+v are left", a)
	}
}

// The time that a member is given after a call.
func TestWrapup(t *testing.T) {
	now := time.Unix(1_700_000_020, 0)
	m := live.New(live.Options{Server: "pbx1", Now: func() time.Time { return now }})
	got := play(t, m, `
		0 QueueMemberAdded q=support MemberName=Ann Interface=PJSIP/101 Status=1 Wrapuptime=10
		1 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=0791234567 exten=100
		2 QueueCallerJoin`+c+`state=Up q=support pos=1
		3 Newchannel ch=PJSIP/101-1 id=1.2 link=1.1 state=Down
		3 AgentCalled`+c+`q=support dest=PJSIP/101-1 destid=1.2 MemberName=Ann Interface=PJSIP/101
		7 QueueCallerLeave`+c+`q=support pos=1
		7 AgentConnect`+c+`q=support dest=PJSIP/101-1 destid=1.2 MemberName=Ann Interface=PJSIP/101 hold=5 RingTime=4
		17 AgentComplete`+c+`q=support dest=PJSIP/101-1 destid=1.2 MemberName=Ann Interface=PJSIP/101 hold=5 TalkTime=10 Reason=caller`,
		live.AgentRinging, live.AgentConnected, live.AgentCompleted)
	want(t, got, `agent.ringing 0791234567>100 [support 1] (Ann ringing [support] [] "")`,
		`agent.connected 0791234567>100 [support 1 answered Ann] (Ann talking [support] [] "")`,
		`agent.completed 0791234567>100 [support 1 answered Ann caller] (Ann [support] [] "")`)
	if a := m.Agents()[0]; a.State != live.Wrapup || a.Rang != 4*time.Second || a.Talked != 10*time.Second {
		t.Errorf("agent %+v, want wrapup", a)
	}
	now = now.Add(time.Minute)
	if a := m.Agents()[0]; a.State != live.Ready || !a.Since.Equal(time.Unix(1_700_000_027, 0)) {
		t.Errorf("agent %+v, want ready", a)
	}
}

// In a call to all members, those who were not the first stop ringing.
func TestRingAll(t *testing.T) {
	m := newModel()
	play(t, m, waits+`
		2 Newchannel ch=PJSIP/1-1 id=2 link=1.1 state=Down
		2 Newchannel ch=PJSIP/2-1 id=3 link=1.1 state=Down
		2 AgentCalled`+c+`q=support destid=2 MemberName=Ann Interface=PJSIP/1
		2 AgentCalled`+c+`q=support destid=3 MemberName=Bob Interface=PJSIP/2
		3 DialEnd`+c+`dest=PJSIP/2-1 destid=3 status=CANCEL
		3 AgentConnect`+c+`q=support destid=2 MemberName=Ann Interface=PJSIP/1`)
	agents := m.Agents()
	if len(agents) != 1 || agents[0].Name != "Ann" || agents[0].State != live.Talking || agents[0].CallID != "pbx1/1.1" {
		t.Errorf("agents %+v", agents) // Bob is a member of no queue, so he is forgotten
	}
}

// The word on the end of a talk comes on another thread, and may be later than the end of
// the caller's channel. Who hung up is seen all the same.
func TestCompletedByHangup(t *testing.T) {
	for _, test := range []struct{ request, by string }{{"", "agent"}, {"17 HangupRequest" + c + "\n", "caller"}} {
		m := newModel()
		got := play(t, m, waits+"7 QueueCallerLeave"+c+"q=support\n7 AgentConnect"+c+"q=support MemberName=Ann Interface=PJSIP/101\n"+test.request+
			"17 Hangup"+c+"\n17.1 AgentComplete"+c+"q=support MemberName=Ann Interface=PJSIP/101 TalkTime=10 Reason=other", live.AgentCompleted, live.CallEnded)
		want(t, got, `agent.completed 0791234567>100 [support 2 answered Ann `+test.by+`] (Ann [] [] "")`, "call.ended 0791234567>100")
	}
}

// A channel that is gone is in no bridge, whether Asterisk says that it left or not.
func TestBridges(t *testing.T) {
	m := newModel()
	enter := "BridgeEnter BridgeUniqueid=b1 BridgeType=basic BridgeTechnology=softmix BridgeCreator=<unknown> BridgeName=<unknown> BridgeNumChannels=2 "
	play(t, m, "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Up\n0 Newchannel ch=PJSIP/2-1 id=2 link=1 state=Up\n"+
		"1 "+enter+"ch=PJSIP/2-1 id=2 link=1 state=Up\n1 "+enter+"ch=PJSIP/1-1 id=1 link=1 state=Up")
	b := live.Bridge{
		ID: "b1", Type: "basic", Technology: "softmix", Channels: []string{"PJSIP/1-1", "PJSIP/2-1"}, Size: 2, Created: time.Unix(1_700_000_001, 0),
	}
	if diff := cmp.Diff(m.Bridges(), []live.Bridge{b}); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
	play(t, m, "2 Rename ch=PJSIP/1-1 Newname=PJSIP/9-1 id=1\n2 Hangup ch=PJSIP/2-1 id=2 link=1 state=Up")
	b.Channels = []string{"PJSIP/9-1"}
	if diff := cmp.Diff(m.Bridges(), []live.Bridge{b}); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
	play(t, m, "3 BridgeDestroy BridgeUniqueid=b1")
	if len(m.Bridges()) > 0 || m.Channels()[0].Bridge != "" {
		t.Errorf("bridges %+v, channels %+v", m.Bridges(), m.Channels())
	}
}

// A Newexten tells the queue that a refused caller would have entered; an AGI tells it too.
func TestRefused(t *testing.T) {
	for _, entry := range []string{
		"Newexten ch=PJSIP/1-1 id=1 link=1 num=5 Application=Queue AppData=support,t,,,30",
		`AGIExecStart ch=PJSIP/1-1 id=1 link=1 num=5 Command=EXEC_"Queue"_"support,t"`, "AGIExecStart ch=PJSIP/1-1 id=1 link=1 Command=exec_queue_support",
	} {
		for _, status := range []string{"FULL", "JOINEMPTY", "JOINUNAVAIL"} {
			m := newModel()
			got := play(t, m, "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring num=5\n1 "+entry+"\n2 VarSet ch=PJSIP/1-1 id=1 link=1 num=5 var=QUEUESTATUS val="+status, live.QueueLeft)
			want(t, got, "queue.left 5> [support 0 refused]")
		}
	}
}

// An AGI may send a caller who pressed the key for it to the next queue at once: that refuses.
func TestRefusedAfterExit(t *testing.T) {
	got := play(t, newModel(), waits+"9 QueueCallerLeave"+c+"q=support\n9 AGIExecStart"+c+"Command=EXEC_Queue_sales\n9 VarSet"+c+"var=QUEUESTATUS val=JOINEMPTY", live.QueueLeft)
	want(t, got, "queue.left 0791234567>100 [support 2 exit_key]", "queue.left 0791234567>100 [sales 0 refused]")
}

// A channel moves to another call when both are bridged. Asterisk may tell that as late as when
// both end: then the other call does not end twice, but if it went on.
func TestMovedLate(t *testing.T) {
	for last, want := range map[string]int{"9.1": 1, "60": 2} {
		m := newModel()
		got := play(t, m, `
			0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Up num=1
			0 Newchannel ch=Local/2@x-1;1 id=2 link=2 state=Up num=2
			0 Newchannel ch=Local/2@x-1;2 id=3 link=2 state=Up
			9 Hangup ch=PJSIP/1-1 id=1 link=1
			9 BridgeLeave ch=Local/2@x-1;1 id=2 link=1 state=Up num=2
			`+last+` Hangup ch=Local/2@x-1;1 id=2 link=1
			`+last+` Hangup ch=Local/2@x-1;2 id=3 link=2`, live.CallEnded)
		if n := len(got); n != want+1 || len(m.Calls()) != 0 {
			t.Errorf("both end at %s: told %v; calls %+v", last, got, m.Calls())
		}
	}
}
