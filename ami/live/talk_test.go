package live_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// served are the events about who leaves a queue for a member.
var served = []string{live.QueueConnected, live.QueueLeft, live.AgentConnected, live.AgentCompleted}

const ann = " q=support MemberName=Ann Interface=PJSIP/101 destid=1.2\n"

// A subroutine for the member, or an AGI, runs between Leave and Connect, for as long as it
// likes. A phone may be up without DialEnd.
func TestConnectedLate(t *testing.T) {
	for _, answer := range []string{
		"7 DialEnd" + c + "destid=1.2 status=ANSWER\n", "7 Newstate ch=PJSIP/101-1 id=1.2 link=1.1 state=Up\n",
	} {
		m := newModel()
		got := play(t, m, waits+"3 Newchannel ch=PJSIP/101-1 id=1.2 link=1.1 state=Down\n3 AgentCalled"+c+ann+answer+
			"7 QueueCallerLeave"+c+"q=support pos=2\n12 Whatever\n"+
			"17 AgentConnect"+c+"HoldTime=16"+ann+"27 AgentComplete"+c+"TalkTime=10 Reason=agent"+ann, served...)
		want(t, got, "queue.connected 0791234567>100 [support 2 answered Ann]", `agent.connected 0791234567>100 [support 2 answered Ann] (Ann talking [] [] "")`,
			"queue.left 0791234567>100 [support 2 answered Ann]", `agent.completed 0791234567>100 [support 2 answered Ann agent] (Ann [] [] "")`)
	}
}

// The link is cut between Leave and Connect: whether the talk began meanwhile shows in the
// bridge of the caller.
func TestConnectedLateInGap(t *testing.T) {
	for bridge, told := range map[string][]string{
		"":  {"queue.connected >100 [a 1 answered Ann]", `agent.connected >100 [a 1 answered Ann] (Ann talking [] [] "")`, "queue.left >100 [a 1 answered Ann]"},
		"b": {"queue.left 1>100 [a 1 answered]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := follow(t, queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1", "1"))
			sub := p.model.Subscribe(10, served...)
			defer sub.Close()
			p.play(t, "0 DialEnd ch=PJSIP/1 id=1 link=1 status=ANSWER\n0 QueueCallerLeave ch=PJSIP/1 id=1 link=1 q=a")
			p.gap(t, "", func(s *amitest.Server) {
				s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", bridge))
				s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a")...)
			})
			if bridge == "" {
				p.play(t, "0 AgentConnect ch=PJSIP/1 id=1 link=1 q=a MemberName=Ann Interface=PJSIP/9")
			}
			want(t, configured(t, sub), told...)
		})
	}
}

// In the gap the talk began and ended, and the caller waits again.
func TestWaitsAgainAfterConnect(t *testing.T) {
	for _, queue := range []string{"a", "b"} {
		synctest.Test(t, func(t *testing.T) {
			p := follow(t, queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1", "1"))
			sub := p.model.Subscribe(10, served...)
			defer sub.Close()
			p.play(t, "0 DialEnd ch=PJSIP/1 id=1 link=1 status=ANSWER\n0 QueueCallerLeave ch=PJSIP/1 id=1 link=1 q=a")
			p.gap(t, "", queueOf(t, "QueueParams q="+queue+"\nQueueEntry q="+queue+" Position=1 id=1 Wait=1", "1"))
			want(t, configured(t, sub), "queue.left 1>100 [a 1 answered]")
			want(t, p.waiting(), queue+" 1 PJSIP/1")
		})
	}
}

// In the gap a member has sent the caller to the queue again, and another one talks with the
// caller by now: the word on the end of that talk is not the late one on the first.
func TestOtherMemberInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const members = "QueueParams q=a\nQueueMember q=a Name=Ann Location=PJSIP/9 "
		p := follow(t, queueOf(t, members+"Status=1\nQueueMember q=a Name=Bob Location=PJSIP/8 Status=1", "1"))
		sub := p.model.Subscribe(10, live.AgentCompleted)
		defer sub.Close()
		p.play(t, "0 AgentConnect ch=PJSIP/1 id=1 link=1 q=a MemberName=Ann Interface=PJSIP/9")
		p.gap(t, "", queueOf(t, members+"Status=1 CallsTaken=1\nQueueMember q=a Name=Bob Location=PJSIP/8 Status=2 InCall=1", "1"))
		p.play(t, "9 AgentComplete ch=PJSIP/1 id=1 link=1 num=1 q=a MemberName=Bob Interface=PJSIP/8 TalkTime=1 Reason=caller")
		want(t, configured(t, sub), `agent.completed 1>100 [a 0 answered Ann] (Ann [a] [] "")`, `agent.completed 1>100 [a 0 answered Bob caller] (Bob [a] [] "")`)
	})
}

// A member whose phone may ring while it is in use talks with two callers at once. Asterisk
// counts only the talk that began last, and what it says of the member is about that one.
func TestTwoTalks(t *testing.T) {
	const other = " ch=PJSIP/carrier-2 id=2.1 link=2.1 num=078 "
	const dest = " q=support MemberName=Ann Interface=PJSIP/101 "
	for _, test := range []struct {
		name, second, ends string
		want               []string
	}{
		{
			name: "first first", second: "9",
			ends: "20 AgentComplete" + c + "TalkTime=13 Reason=agent" + dest + "\n30 AgentComplete" + other + "TalkTime=21 Reason=caller" + dest,
			want: []string{"0791234567 13s agent talking 2.1 true 0", "078 21s caller ready  false 1"},
		},
		{
			name: "last first", second: "9",
			ends: "20 AgentComplete" + other + "TalkTime=11 Reason=agent" + dest + "\n30 AgentComplete" + c + "TalkTime=23 Reason=caller" + dest,
			want: []string{"078 11s agent talking 1.1 false 1", "0791234567 23s caller ready  false 1"},
		},
		{
			name: "begun in the same second", second: "7.5",
			ends: "20 AgentComplete" + c + "TalkTime=13 Reason=agent" + dest + "\n30 AgentComplete" + other + "TalkTime=21 Reason=caller" + dest,
			want: []string{"0791234567 13s agent talking 2.1 false 1", "078 21s caller ready  false 1"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newModel()
			play(t, m, waits+`
				1 QueueMemberAdded q=support MemberName=Ann Interface=PJSIP/101 Status=1
				3 Newchannel ch=PJSIP/101-1 id=1.2 link=1.1 state=Down
				3 AgentCalled`+c+dest+`destid=1.2
				7 QueueCallerLeave`+c+`q=support
				7 AgentConnect`+c+dest+`destid=1.2
				7 Newchannel`+other+`state=Ring
				7 QueueCallerJoin`+other+`q=support pos=1
				7 Newchannel ch=PJSIP/101-2 id=2.2 link=2.1 state=Down
				7 AgentCalled`+other+dest+`destid=2.2
				`+test.second+` QueueCallerLeave`+other+`q=support
				`+test.second+` AgentConnect`+other+dest+`destid=2.2`)
			sub := m.Subscribe(10, live.AgentCompleted)
			defer sub.Close()
			var got []string
			for line := range strings.Lines(test.ends) {
				play(t, m, line)
				for len(sub.C()) > 0 {
					e := <-sub.C()
					a, q := m.Agents()[0], m.Queues()[0]
					got = append(got, strings.Join([]string{
						e.Call.Caller.Num, e.Queue.Talked.String(), e.Queue.EndedBy, a.State, strings.TrimPrefix(a.CallID, "pbx1/"), fmtBool(q.Members[0].InCall), string(rune('0' + q.Completed)),
					}, " "))
				}
			}
			want(t, got, test.want...)
		})
	}
}

func fmtBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// The caller in the queue is half of a Local channel, which Asterisk takes out of the talk as
// soon as it can: the channel behind it takes its place, unless that failed.
func TestTalkOfLocalChannel(t *testing.T) {
	const begins = `
		0 Newchannel ch=PJSIP/carrier-1 id=1 link=1 state=Ring num=5
		1 Newchannel ch=Local/q@x-1;1 id=2 link=1 state=Down
		1 Newchannel ch=Local/q@x-1;2 id=3 link=1 state=Ring
		2 QueueCallerJoin ch=Local/q@x-1;2 id=3 link=1 q=support pos=1
		3 Newchannel ch=PJSIP/101-1 id=4 link=1 state=Down
		3 AgentCalled ch=Local/q@x-1;2 id=3 link=1 destid=4 q=support MemberName=Ann Interface=PJSIP/101
		7 QueueCallerLeave ch=Local/q@x-1;2 id=3 link=1 q=support
		7 AgentConnect ch=Local/q@x-1;2 id=3 link=1 destid=4 q=support MemberName=Ann Interface=PJSIP/101
		7 BridgeEnter ch=PJSIP/101-1 id=4 link=1 state=Up BridgeUniqueid=b
		7 BridgeEnter ch=Local/q@x-1;2 id=3 link=1 state=Up BridgeUniqueid=b
		7 BridgeEnter ch=PJSIP/carrier-1 id=1 link=1 state=Up num=5 BridgeUniqueid=a
		7 BridgeEnter ch=Local/q@x-1;1 id=2 link=1 state=Up BridgeUniqueid=a
		8 LocalOptimizationBegin LocalOneUniqueid=2 LocalTwoUniqueid=3 SourceUniqueid=1 DestUniqueId=3
		8 BridgeLeave ch=PJSIP/carrier-1 id=1 link=1 state=Up num=5 BridgeUniqueid=a
		8 BridgeLeave ch=Local/q@x-1;2 id=3 link=1 state=Up BridgeUniqueid=b
	`
	const halvesEnd = `
		8 Hangup ch=Local/q@x-1;1 id=2 link=1 state=Up
		8 Hangup ch=Local/q@x-1;2 id=3 link=1 state=Up
	`
	for _, test := range []struct{ rest, by string }{
		{"8 BridgeEnter ch=PJSIP/carrier-1 id=1 link=1 state=Up num=5 BridgeUniqueid=b" + halvesEnd + `
			20 AgentComplete ch=PJSIP/carrier-1 id=1 link=1 num=5 destid=4 q=support MemberName=Ann Interface=PJSIP/101 TalkTime=13 Reason=caller
			20 Hangup ch=PJSIP/101-1 id=4 link=1`, "caller"},
		{halvesEnd + "8 Hangup ch=PJSIP/101-1 id=4 link=1", "agent"},
	} {
		got := play(t, newModel(), begins+test.rest+"\n20 Hangup ch=PJSIP/carrier-1 id=1 link=1 num=5", live.AgentConnected, live.AgentCompleted, live.CallEnded)
		want(t, got, `agent.connected 5> [support 1 answered Ann] (Ann talking [] [] "")`,
			`agent.completed 5> [support 1 answered Ann `+test.by+`] (Ann [] [] "")`, "call.ended 5>")
	}
}

// The member is reached by a Local channel, of which Asterisk takes out the halves too: it moves
// the phone behind it to the caller, or the caller to the phone. It always names the second half
// as that whose place is taken.
func TestTalkThroughLocalChannel(t *testing.T) {
	const begins = waits + `
		3 Newchannel ch=Local/9@x-1;1 id=2 link=1.1 state=Down
		3 Newchannel ch=Local/9@x-1;2 id=3 link=1.1 state=Ring
		3 AgentCalled` + c + `destid=2 q=support MemberName=Ann Interface=Local/9@x
		3 Newchannel ch=PJSIP/9-1 id=4 link=1.1 state=Down
		7 BridgeEnter ch=PJSIP/9-1 id=4 link=1.1 state=Up BridgeUniqueid=phone
		7 BridgeEnter ch=Local/9@x-1;2 id=3 link=1.1 state=Up BridgeUniqueid=phone
		7 QueueCallerLeave` + c + `q=support
		7 AgentConnect` + c + `destid=2 q=support MemberName=Ann Interface=Local/9@x
		7 BridgeEnter ch=Local/9@x-1;1 id=2 link=1.1 state=Up BridgeUniqueid=caller
		7 BridgeEnter` + c + `BridgeUniqueid=caller
		8 LocalOptimizationBegin LocalOneUniqueid=2 LocalTwoUniqueid=3 DestUniqueId=3 `
	const halvesEnd = `
		8 Hangup ch=Local/9@x-1;1 id=2 link=1.1 state=Up
		8 Hangup ch=Local/9@x-1;2 id=3 link=1.1 state=Up
		12 Whatever
	`
	const complete = "20 AgentComplete" + c + "q=support MemberName=Ann Interface=Local/9@x TalkTime=13 Reason=agent"
	for name, moves := range map[string]string{
		"the phone": `SourceUniqueid=4
			8 BridgeLeave ch=PJSIP/9-1 id=4 link=1.1 state=Up BridgeUniqueid=phone
			8 BridgeLeave ch=Local/9@x-1;1 id=2 link=1.1 state=Up BridgeUniqueid=caller
			8 BridgeEnter ch=PJSIP/9-1 id=4 link=1.1 state=Up BridgeUniqueid=caller`,
		"the caller": `SourceUniqueid=1.1
			8 BridgeLeave` + c + `BridgeUniqueid=caller
			8 BridgeLeave ch=Local/9@x-1;2 id=3 link=1.1 state=Up BridgeUniqueid=phone
			8 BridgeEnter` + c + `BridgeUniqueid=phone`,
	} {
		t.Run(name+" moves", func(t *testing.T) {
			m := newModel()
			want(t, play(t, m, begins+moves+halvesEnd, live.AgentCompleted))
			want(t, play(t, m, complete, live.AgentCompleted), `agent.completed 0791234567>100 [support 2 answered Ann agent] (Ann [] [] "")`)
			m = newModel()
			want(t, play(t, m, begins+moves+halvesEnd+"20 Hangup ch=PJSIP/9-1 id=4 link=1.1\n23 Whatever", live.AgentCompleted),
				`agent.completed 0791234567>100 [support 2 answered Ann transfer] (Ann [] [] "")`)
		})
	}
}

// A member sends the caller to another queue: that one may connect the caller before the word
// on the end of the first talk.
func TestCallerServedAgain(t *testing.T) {
	m := newModel()
	got := play(t, m, waits+`
		7 QueueCallerLeave`+c+`q=support
		7 AgentConnect`+c+`q=support MemberName=Ann Interface=PJSIP/101
		9 QueueCallerJoin`+c+`q=sales pos=1
		9 QueueCallerLeave`+c+`q=sales
		9 AgentConnect`+c+`q=sales MemberName=Bob Interface=PJSIP/102
		9.1 AgentComplete`+c+`q=support MemberName=Ann Interface=PJSIP/101 TalkTime=2 Reason=transfer
		20 AgentComplete`+c+`q=sales MemberName=Bob Interface=PJSIP/102 TalkTime=11 Reason=agent`, live.AgentConnected, live.AgentCompleted)
	want(t, got, `agent.connected 0791234567>100 [support 2 answered Ann] (Ann talking [] [] "")`,
		`agent.connected 0791234567>100 [sales 1 answered Bob] (Bob talking [] [] "")`,
		`agent.completed 0791234567>100 [support 2 answered Ann transfer] (Ann [] [] "")`,
		`agent.completed 0791234567>100 [sales 1 answered Bob agent] (Bob [] [] "")`)
	if a := m.Agents(); len(a) > 0 {
		t.Errorf("agents %+v are left", a)
	}
}

// The call of an agent is the one that is talked on, also after another rang meanwhile, and
// under the id under which it goes on.
func TestCallOfAgent(t *testing.T) {
	const dest = "q=support MemberName=Ann Interface=PJSIP/101 "
	m := newModel()
	play(t, m, waits+`
		1 QueueMemberAdded q=support MemberName=Ann Interface=PJSIP/101 Status=1
		2 AgentCalled`+c+dest+`destid=unknown`)
	if a := m.Agents()[0]; a.CallID != "" {
		t.Errorf("a phone that is not known rings, and the call of the agent is %s", a.CallID)
	}
	play(t, m, `
		7 QueueCallerLeave`+c+`q=support
		7 AgentConnect`+c+dest+`
		8 Newchannel ch=PJSIP/carrier-2 id=2.1 link=2.1 state=Ring
		8 QueueCallerJoin ch=PJSIP/carrier-2 id=2.1 link=2.1 q=support pos=1
		8 Newchannel ch=PJSIP/101-2 id=2.2 link=2.1 state=Down
		8 AgentCalled ch=PJSIP/carrier-2 id=2.1 link=2.1 `+dest+`destid=2.2
		9 AgentRingNoAnswer ch=PJSIP/carrier-2 id=2.1 link=2.1 RingTime=1000 `+dest+`destid=2.2`)
	if a := m.Agents()[0]; a.CallID != "pbx1/1.1" || a.State != live.Talking {
		t.Errorf("agent %+v, want the call 1.1", a)
	}
	play(t, m, "10 Newstate ch=PJSIP/carrier-1 id=1.1 link=0.9 state=Up num=0791234567")
	if a := m.Agents()[0]; a.CallID != "pbx1/0.9" {
		t.Errorf("agent %+v, want the call 0.9", a)
	}
}

// When the phone of the member is gone and nothing else is told, the talk is over.
func TestPhoneOfTalkGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		sub := p.model.Subscribe(10, live.AgentCompleted)
		defer sub.Close()
		p.play(t, `
			0 Newchannel ch=PJSIP/carrier-1 id=1 link=1 state=Ring num=5
			0 Newchannel ch=PJSIP/101-1 id=2 link=1 state=Up
			0 AgentConnect ch=PJSIP/carrier-1 id=1 link=1 num=5 destid=2 q=support MemberName=Ann Interface=PJSIP/101`)
		time.Sleep(10 * time.Second)
		p.play(t, "0 Hangup ch=PJSIP/101-1 id=2 link=1")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(sub.C()) != 1 {
			t.Fatalf("%d talks ended", len(sub.C()))
		}
		if q := (<-sub.C()).Queue; q.Talked != 10*time.Second || q.EndedBy != "transfer" {
			t.Errorf("visit %+v", q)
		}
	})
}
