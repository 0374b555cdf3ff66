package live_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// short names of headers in scripts.
var short = map[string]string{
	"ch": "Channel", "id": "Uniqueid", "link": "Linkedid", "state": "ChannelStateDesc", "num": "CallerIDNum", "name": "CallerIDName",
	"exten": "Exten", "dest": "DestChannel", "destid": "DestUniqueid", "status": "DialStatus", "q": "Queue", "pos": "Position",
	"hold": "HoldTime", "var": "Variable", "val": "Value", "cause": "Cause", "txt": "Cause-txt", "bridge": "BridgeId",
}

// script makes events from lines such as "1.5 Newchannel ch=PJSIP/1 id=1.1": the time
// in seconds, the name, headers. An underscore stands for a blank in a value.
func script(t testing.TB, text string) []ami.Event {
	t.Helper()
	var events []ami.Event
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		at, err := strconv.ParseFloat(words[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		pairs := []string{"Timestamp", fmt.Sprintf("%.6f", 1_700_000_000+at)}
		for _, w := range words[2:] {
			key, value, _ := strings.Cut(w, "=")
			if key == "state" {
				pairs = append(pairs, "ChannelState", map[string]string{"Down": "0", "Ring": "4", "Ringing": "5", "Up": "6"}[value])
			}
			if long, ok := short[key]; ok {
				key = long
			}
			pairs = append(pairs, key, strings.ReplaceAll(value, "_", " "))
		}
		events = append(events, ami.NewEvent(words[1], pairs...))
	}
	return events
}

const (
	// a caller from the trunk who waits in the queue support.
	waits = `
		0.0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=0791234567 exten=100
		0.1 Newstate ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Up num=0791234567
		1.0 QueueCallerJoin ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Up num=0791234567 q=support pos=2
	`
	ends = `
		90 Hangup ch=PJSIP/carrier-1 id=1.1 link=1.1 num=0791234567 cause=16 txt=Normal_Clearing
	`
	c = " ch=PJSIP/carrier-1 id=1.1 link=1.1 num=0791234567 "
)

func TestStreams(t *testing.T) {
	tests := []struct {
		name, script string
		want         []string
	}{
		{
			name: "missed call from outside",
			script: `
				0.0 Newchannel ch=pjsip/CARRIER-1 id=1.1 link=1.1 state=Ring num=0791234567 exten=100
				0.2 Newchannel ch=PJSIP/100-2 id=1.2 link=1.1 state=Down
				0.3 DialBegin ch=pjsip/CARRIER-1 id=1.1 link=1.1 num=0791234567 dest=PJSIP/100-2 destid=1.2
				9.0 HangupRequest ch=pjsip/CARRIER-1 id=1.1 link=1.1 num=0791234567
				9.1 Hangup ch=PJSIP/100-2 id=1.2 link=1.1 cause=0
				9.1 DialEnd ch=pjsip/CARRIER-1 id=1.1 link=1.1 num=0791234567 dest=PJSIP/100-2 destid=1.2 status=CANCEL
				9.3 Hangup ch=pjsip/CARRIER-1 id=1.1 link=1.1 num=0791234567 cause=127 txt=Interworking`,
			want: []string{
				"call.started 1.1 0791234567>100 in",
				`call.ended 1.1 0791234567>100 in "Interworking" rang 9s lasted 9.3s`,
			},
		},
		{
			name: "out by a trunk, answered",
			script: `
				0.0 Newchannel ch=PJSIP/100-1 id=1.1 link=1.1 state=Ring num=100 exten=0041790000000
				0.1 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.1 state=Down
				0.2 DialBegin ch=PJSIP/100-1 id=1.1 link=1.1 num=100 dest=PJSIP/carrier-2 destid=1.2
				5.0 Newstate ch=PJSIP/carrier-2 id=1.2 link=1.1 state=Up
				5.2 DialEnd ch=PJSIP/100-1 id=1.1 link=1.1 num=100 dest=PJSIP/carrier-2 destid=1.2 status=ANSWER
				6.0 DialEnd ch=PJSIP/100-1 id=1.1 link=1.1 num=100 dest=PJSIP/carrier-2 destid=1.2 status=ANSWER
				9.0 Hangup ch=PJSIP/carrier-2 id=1.2 link=1.1 cause=16 txt=Normal_Clearing
				9.0 Hangup ch=PJSIP/100-1 id=1.1 link=1.1 num=100 cause=16 txt=Normal_Clearing`,
			want: []string{
				"call.started 1.1 100>0041790000000 out",
				"call.answered 1.1 100>0041790000000 out answered",
				`call.ended 1.1 100>0041790000000 out answered "Normal Clearing" rang 5s lasted 9s`,
			},
		},
		{
			name: "internal: the first dialled leg settles the direction",
			script: `
				0.0 Newchannel ch=PJSIP/100-1 id=1.1 link=1.1 state=Ring num=100 exten=200
				0.1 DialBegin ch=PJSIP/100-1 id=1.1 link=1.1 num=100 dest=PJSIP/200-2 destid=1.2
				0.2 DialBegin ch=PJSIP/100-1 id=1.1 link=1.1 num=100 dest=PJSIP/carrier-2 destid=1.3
				9.0 Hangup ch=PJSIP/100-1 id=1.1 link=1.1 num=100 cause=16 txt=Normal_Clearing`,
			want: []string{
				"call.started 1.1 100>200 internal",
				`call.ended 1.1 100>200 internal "Normal Clearing" rang 8.9s lasted 9s`,
			},
		},
		{
			name: "a flow that picks up is no answer",
			script: `
				0.0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=<unknown> exten=s
				0.1 Newstate ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Up num=<unknown>
				5.0 Hangup ch=PJSIP/carrier-1 id=1.1 link=1.1 num=<unknown> cause=16 txt=Normal_Clearing`,
			want: []string{"call.started 1.1 >s in", `call.ended 1.1 >s in "Normal Clearing" lasted 5s`},
		},
		{
			name: "originate to a trunk goes out, and its first leg is no answer",
			script: `
				0.0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Down num=<unknown> exten=
				0.0 NewCallerid ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Down num=100
				0.1 DialBegin dest=PJSIP/carrier-1 destid=1.1
				5.0 DialEnd dest=PJSIP/carrier-1 destid=1.1 status=ANSWER
				9.0 Hangup ch=PJSIP/carrier-1 id=1.1 link=1.1 num=100 cause=16 txt=Normal_Clearing`,
			want: []string{"call.started 1.1 100> out", `call.ended 1.1 100> out "Normal Clearing" lasted 9s`},
		},
		{
			name: "two calls become one",
			script: `
				0.0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=079 exten=100
				1.0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=078 exten=100
				5.0 BridgeEnter ch=PJSIP/carrier-2 id=1.2 link=1.1 num=078
				9.0 Hangup ch=PJSIP/carrier-1 id=1.1 link=1.1 num=079 cause=16 txt=Normal_Clearing
				9.5 Hangup ch=PJSIP/carrier-2 id=1.2 link=1.1 num=078 cause=16 txt=Normal_Clearing`,
			want: []string{
				"call.started 1.1 079>100 in", "call.started 1.2 078>100 in",
				`call.ended 1.2 078>100 in "merged" lasted 4s`, `call.ended 1.1 079>100 in "Normal Clearing" lasted 9.5s`,
			},
		},
		{
			name:   "queue: the caller hangs up",
			script: waits + `31 HangupRequest` + c + "\n" + `31 QueueCallerAbandon` + c + `q=support pos=1 hold=30` + "\n" + `31 QueueCallerLeave` + c + `q=support pos=1` + ends,
			want: []string{
				"queue.abandoned 1.1 0791234567>100 in [support 1 abandoned 30s]",
				"queue.left 1.1 0791234567>100 in [support 1 abandoned 30s]",
			},
		},
		{
			name: "queue: the caller has hung up just before",
			script: strings.Replace(waits, "1.0 QueueCallerJoin", "0.9 HangupRequest"+c+"\n1.0 QueueCallerJoin", 1) +
				`1.1 QueueCallerAbandon` + c + `q=support pos=1 hold=0` + "\n" + `1.1 QueueCallerLeave` + c + `q=support pos=1` + ends,
			want: []string{
				"queue.abandoned 1.1 0791234567>100 in [support 1 abandoned 0s]",
				"queue.left 1.1 0791234567>100 in [support 1 abandoned 0s]",
			},
		},
		{
			name: "queue: timeout",
			script: waits + `31 VarSet` + c + "var=ABANDONED val=TRUE\n" + `31 QueueCallerAbandon` + c + "q=support pos=1\n31 QueueCallerLeave" + c + "q=support pos=1\n" +
				"31 VarSet" + c + "var=QUEUESTATUS val=TIMEOUT\n31.1 Newexten" + c + "exten=100" + ends,
			want: []string{"queue.left 1.1 0791234567>100 in [support 1 timeout 30s]"},
		},
		{
			name: "queue: empty and withdrawn",
			script: waits + "2 QueueCallerAbandon" + c + "q=support\n2 QueueCallerLeave" + c + "q=support\n2 VarSet" + c + "var=QUEUESTATUS val=LEAVEEMPTY\n" +
				"3 QueueCallerJoin" + c + "q=sales pos=1\n4 QueueCallerAbandon" + c + "q=sales\n4 VarSet" + c + "var=QUEUESTATUS val=WITHDRAW\n4 QueueCallerLeave" + c + "q=sales" + ends,
			want: []string{
				"queue.left 1.1 0791234567>100 in [support 2 empty 1s]",
				"queue.joined 1.1 0791234567>100 in [sales 1  0s]",
				"queue.left 1.1 0791234567>100 in [sales 1 withdrawn 1s]",
			},
		},
		{
			name:   "queue: redirected by a supervisor",
			script: waits + "9 VarSet" + c + "var=ABANDONED val=TRUE\n9 QueueCallerAbandon" + c + "q=support\n9 QueueCallerLeave" + c + "q=support\n9.1 Newexten" + c + "exten=200" + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 redirected 8s]"},
		},
		{
			name:   "queue: no dialplan events, nothing to tell by",
			script: waits + "9 QueueCallerAbandon" + c + "q=support\n9 QueueCallerLeave" + c + "q=support" + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 unknown 8s]"},
		},
		{
			name:   "queue: exit key",
			script: waits + "9 QueueCallerLeave" + c + "q=support\n9 Newexten" + c + "exten=0" + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 exit_key 8s]"},
		},
		{
			name:   "queue: exit key, known by time",
			script: waits + "9 QueueCallerLeave" + c + "q=support\n13 Whatever" + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 exit_key 8s]"},
		},
		{
			name: "queue: connected",
			script: waits + "9 DialBegin" + c + "dest=PJSIP/a-2\n12 DialEnd" + c + "dest=PJSIP/a-2 status=ANSWER\n12 QueueCallerLeave" + c + "q=support pos=1\n" +
				"12 AgentConnect" + c + "q=support MemberName=Ann Interface=PJSIP/a hold=11" + ends,
			want: []string{
				"call.answered 1.1 0791234567>100 in answered",
				"queue.connected 1.1 0791234567>100 in answered [support 1 answered 11s Ann]",
				"queue.left 1.1 0791234567>100 in answered [support 1 answered 11s Ann]",
			},
		},
		{
			name:   "queue: hung up by the system",
			script: waits + "9 QueueCallerAbandon" + c + "q=support\n9 QueueCallerLeave" + c + "q=support\n9 Newexten" + c + "exten=h" + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 unknown 8s]"},
		},
		{
			name:   "queue: the end of the visit was not seen",
			script: waits + ends,
			want:   []string{"queue.left 1.1 0791234567>100 in [support 2 unknown 1m29s]"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}})
			sub := m.Subscribe(1000, story...)
			defer sub.Close()
			for _, e := range script(t, test.script) {
				m.Handle(e)
			}
			got := drain(t, sub)
			want := test.want
			if strings.HasPrefix(test.name, "queue") { // the frame is the same for all
				answered := ""
				if strings.Contains(strings.Join(want, ""), "call.answered") {
					answered = " answered"
				}
				want = append([]string{"call.started 1.1 0791234567>100 in", "queue.joined 1.1 0791234567>100 in [support 2  0s]"}, want...)
				rang := ""
				if answered != "" {
					rang = " rang 3s"
				}
				want = append(want, `call.ended 1.1 0791234567>100 in`+answered+` "Normal Clearing"`+rang+` lasted 1m30s`)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("got -, want +\n%s", diff)
			}
			if len(m.Calls())+len(m.Channels())+len(m.Waiting()) > 0 {
				t.Error("something is left over")
			}
		})
	}
}

// Without any further event a timer decides.
func TestQueueLeftByTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := live.New(live.Options{Server: "pbx1"})
		sub := m.Subscribe(100, live.QueueLeft)
		defer sub.Close()
		for _, e := range script(t, waits+"9 QueueCallerLeave"+c+"q=support") {
			m.Handle(e)
		}
		if got := drain(t, sub); len(got) > 0 {
			t.Errorf("too early: %v", got)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := drain(t, sub); len(got) != 1 || !strings.Contains(got[0], "exit_key 8s") {
			t.Errorf("got %v", got)
		}
	})
}

func TestSnapshots(t *testing.T) {
	now := time.Unix(1_700_000_010, 0)
	m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}, Now: func() time.Time { return now }})
	for _, e := range script(t, waits) {
		m.Handle(e)
	}
	calls, channels, waiting := m.Calls(), m.Channels(), m.Waiting()
	if len(calls) != 1 || len(channels) != 1 || len(waiting) != 1 {
		t.Fatalf("%v %v %v", calls, channels, waiting)
	}
	want := live.Call{
		ID: "pbx1/1.1", Linkedid: "1.1", Server: "pbx1", Channel: "PJSIP/carrier-1", Caller: live.Party{Num: "0791234567"},
		Dialed: "100", Direction: live.In, DirectionWhy: "PJSIP/carrier-1 is a trunk by PJSIP/carrier*",
		Started: time.Unix(1_700_000_000, 0), Duration: 10 * time.Second, Legs: 1,
		Channels: []live.Leg{{
			Channel: "PJSIP/carrier-1", Uniqueid: "1.1", Role: live.RoleCaller, Party: live.Party{Num: "0791234567"},
			Began: time.Unix(1_700_000_000, 0), Up: time.Unix(1_700_000_000, 100_000_000),
		}},
	}
	if diff := cmp.Diff(calls[0], want); diff != "" {
		t.Errorf("call: got -, want +\n%s", diff)
	}
	if ch := channels[0]; ch.State != "Up" || ch.CallID != "pbx1/1.1" || ch.Name != "PJSIP/carrier-1" {
		t.Errorf("channel %+v", ch)
	}
	if q := waiting[0]; q.Name != "support" || q.Position != 2 || q.Waited != 9*time.Second || q.CallID != "pbx1/1.1" {
		t.Errorf("waiting %+v", q)
	}
	for _, e := range script(t, ends) {
		m.Handle(e)
	}
	if calls[0].Reason != "" || calls[0].Duration != 10*time.Second {
		t.Error("a snapshot changed")
	}
}

func TestSubscribeRaw(t *testing.T) {
	m := live.New(live.Options{Server: "pbx1"})
	sub := m.Subscribe(2, "Hangup", live.CallEnded, "VarSet")
	for _, e := range script(t, waits+ends) {
		m.Handle(e)
	}
	m.Handle(ami.NewEvent("VarSet", "Variable", "X"))
	raw, derived := <-sub.C(), <-sub.C()
	if raw.Name != "Hangup" || raw.Raw.Get("Cause") != "16" || raw.Server != "pbx1" || raw.Call != nil {
		t.Errorf("raw event %+v", raw)
	}
	if derived.Name != live.CallEnded || derived.Raw.Name() != "Hangup" || !derived.Time.Equal(time.Unix(1_700_000_090, 0)) {
		t.Errorf("derived event %+v", derived)
	}
	if sub.Lost() != 1 {
		t.Errorf("lost %d, want 1", sub.Lost())
	}
	sub.Close()
	sub.Close()
	if mark := <-sub.C(); mark.Name != live.EventsLost || mark.Lost != 1 {
		t.Errorf("the mark of the lost event is %+v", mark)
	}
	if _, open := <-sub.C(); open {
		t.Error("the channel is not closed")
	}
	m.Handle(ami.NewEvent("VarSet", "Variable", "X"))
}
