package live_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What follows is what the proof on the real Asterisk found about a resync: the lists are
// older than some of the events that come meanwhile, and newer than others that are to come.

// The positions in a queue after a gap are those of the list, whoever has left before, and
// whatever is told meanwhile.
func TestPositionsAfterGap(t *testing.T) {
	tests := []struct{ name, entries, during, after, want string }{
		{name: "one has left", entries: "QueueEntry q=a Position=1 id=2 Wait=9\nQueueEntry q=a Position=2 id=3 Wait=9", want: "a 1 PJSIP/2,a 2 PJSIP/3"},
		{
			name: "another has come, and is rung", entries: "QueueEntry q=a Position=1 id=2 Wait=9\nQueueEntry q=a Position=2 id=4 Wait=1",
			during: "0 AgentCalled q=a ch=PJSIP/4 id=4 link=4 Interface=PJSIP/9\n0 QueueCallerJoin q=a ch=PJSIP/3 id=3 link=3 pos=3",
			want:   "a 1 PJSIP/2,a 2 PJSIP/4,a 3 PJSIP/3",
		},
		{
			name: "they have changed places", entries: "QueueEntry q=a Position=1 id=3 Wait=9\nQueueEntry q=a Position=2 id=2 Wait=0",
			during: "0 QueueCallerLeave q=a ch=PJSIP/3 id=3 link=3\n0 QueueCallerJoin q=a ch=PJSIP/3 id=3 link=3 pos=2", want: "a 1 PJSIP/3,a 2 PJSIP/2",
		},
		{
			name: "one who came in the gap leaves, before the list", entries: "QueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2",
			during: "0 QueueCallerLeave q=a ch=PJSIP/5 id=5 link=5 pos=1", want: "a 1 PJSIP/1,a 2 PJSIP/2",
		},
		{
			name: "one who came in the gap leaves, after the list", entries: "QueueEntry q=a Position=1 id=5\nQueueEntry q=a Position=2 id=1\nQueueEntry q=a Position=3 id=2",
			during: "0 QueueCallerLeave q=a ch=PJSIP/5 id=5 link=5 pos=1", want: "a 1 PJSIP/1,a 2 PJSIP/2",
		},
		{
			name: "one who came in the gap leaves before the list, and it is told late", entries: "QueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2",
			after: "0 QueueCallerLeave q=a ch=PJSIP/5 id=5 link=5 pos=1", want: "a 1 PJSIP/1,a 2 PJSIP/2",
		},
		{
			name: "an old channel comes, and another one leaves", entries: "QueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2",
			during: "0 QueueCallerJoin q=a ch=PJSIP/5 id=5 link=5 pos=3\n0 QueueCallerLeave q=a ch=PJSIP/1 id=1 link=1 pos=1", want: "a 1 PJSIP/2,a 2 PJSIP/5",
		},
		{
			name: "the list is newer than a coming and a leaving", entries: "QueueEntry q=a Position=1 id=2\nQueueEntry q=a Position=2 id=4",
			after: "0 QueueCallerJoin q=a ch=PJSIP/4 id=4 link=4 pos=3\n0 QueueCallerLeave q=a ch=PJSIP/1 id=1 link=1 pos=1", want: "a 1 PJSIP/2,a 2 PJSIP/4",
		},
		{
			name: "the list is newer than the channel", entries: "QueueEntry q=a Position=1 id=8\nQueueEntry q=a Position=2 id=4",
			after: "0 Newchannel ch=PJSIP/8 id=8 link=8 state=Up\n0 QueueCallerJoin q=a ch=PJSIP/8 id=8 link=8 pos=1\n0 QueueCallerJoin q=a ch=PJSIP/4 id=4 link=4 pos=2",
			want:  "a 1 PJSIP/8,a 2 PJSIP/4",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2\nQueueEntry q=a Position=3 id=3", "1", "2", "3", "4"))
				p.gap(t, test.during, queueOf(t, "QueueParams q=a\n"+test.entries, "1", "2", "3", "4", "5"))
				p.play(t, test.after)
				if got := strings.Join(p.waiting(), ","); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}

// What was put aside while the lists were under way is old when it is handled: it says
// nothing of bridges, and only its own of conferences and of members.
func TestAsideIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=1", "1"))
		p.gap(t, `
			0 BridgeEnter BridgeUniqueid=b BridgeNumChannels=1 ch=PJSIP/2 id=2 link=2
			0 BridgeEnter BridgeUniqueid=b BridgeNumChannels=2 ch=PJSIP/1 id=1 link=1
			0 BridgeEnter BridgeUniqueid=gone BridgeNumChannels=1 ch=PJSIP/3 id=3 link=3
			0 BridgeDestroy BridgeUniqueid=gone
			0 ConfbridgeJoin Conference=7 ch=PJSIP/1 id=1 link=1
			0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9`, func(s *amitest.Server) {
			channelRows(s, "1", "2", "3")
			s.AnswerList("ConfbridgeListRooms", rowsOf(t, "ConfbridgeListRooms Conference=7")...)
			s.AnswerList("ConfbridgeList", rowsOf(t, "ConfbridgeList Conference=7 ch=PJSIP/2 id=2")...)
			s.AnswerList("QueueStatus", rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 Paused=1 LastPause=946684700")...)
		})
		s := p.model.Snapshot()
		if len(s.Bridges) != 1 || s.Bridges[0].Size != 2 || len(s.Bridges[0].Channels) != 2 {
			t.Errorf("bridges %+v", s.Bridges)
		}
		if len(s.Conferences) != 1 || len(s.Conferences[0].Participants) != 2 {
			t.Errorf("conferences %+v", s.Conferences)
		}
		if m := s.Queues[0].Members[0]; m.Status != 2 || !m.InCall || m.PausedAt.Unix() != 946684700 {
			t.Errorf("member %+v", m)
		}
	})
}

// A channel may be told of after what happened to it, also while the lists are under way:
// what was put aside for it is handled when it comes, before what happens next.
func TestOvertakenWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		sub := p.model.Subscribe(10, live.ParkParked, live.ParkRetrieved)
		defer sub.Close()
		p.gap(t, `
			0 ParkedCall ParkeeUniqueid=5 Parkinglot=default ParkingSpace=701
			0 Newchannel ch=PJSIP/5 id=5 link=5 state=Down
			0 Newstate ch=PJSIP/5 id=5 link=5 state=Up
			0 BridgeEnter ch=PJSIP/5 id=5 link=5 state=Up BridgeUniqueid=b
			0 UnParkedCall ParkeeUniqueid=5 Parkinglot=default ParkingSpace=701`, func(s *amitest.Server) { channelRows(s, "5") })
		if parked := p.model.Parked(); len(parked) != 0 {
			t.Errorf("parked %+v", parked)
		}
		want(t, configured(t, sub), "park.parked > default 701 0s by", "park.retrieved > default 701 0s by")
		p.gap(t, `
			0 Newchannel ch=PJSIP/6 id=6 link=6 state=Down
			0 ParkedCall ParkeeUniqueid=6 Parkinglot=default ParkingSpace=701
			0 Newstate ch=PJSIP/6 id=6 link=6 state=Up
			0 BridgeEnter ch=PJSIP/6 id=6 link=6 state=Up BridgeUniqueid=b
			0 UnParkedCall ParkeeUniqueid=6 Parkinglot=default ParkingSpace=701`, func(s *amitest.Server) { channelRows(s, "5", "6") })
		if parked := p.model.Parked(); len(parked) != 0 {
			t.Errorf("parked %+v", parked)
		}
		want(t, configured(t, sub), "park.parked > default 701 0s by", "park.retrieved > default 701 0s by")
	})
}

// A talk that was put aside while the lists were under way may be over when it is handled:
// the member has talked with another caller since.
func TestTalkAsideIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const member = " MemberName=Ann Interface=PJSIP/9\n"
		p := follow(t, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=1\nQueueEntry q=a Position=1 id=2", "2"))
		sub := p.model.Subscribe(10, live.AgentConnected, live.AgentCompleted)
		defer sub.Close()
		p.gap(t, "0 AgentConnect q=a ch=PJSIP/1 id=1 link=1"+member+"1 AgentConnect q=a ch=PJSIP/2 id=2 link=2"+member, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1", "1", "2"))
		p.play(t, "2 AgentComplete q=a ch=PJSIP/1 id=1 link=1 Reason=caller TalkTime=1"+member)
		a := p.model.Agents()[0]
		if m := p.model.Queues()[0].Members[0]; !m.InCall || a.State != live.Talking || a.CallID != "pbx1/2" {
			t.Errorf("member %+v of agent %+v", m, a)
		}
		var told []string
		for len(sub.C()) > 0 {
			e := <-sub.C()
			told = append(told, e.Name+" "+e.Call.Linkedid)
		}
		want(t, told, "agent.connected 2", "agent.connected 1", "agent.completed 1")
	})
}

// After a restart the members are those of before, and whether they talk is as the list says:
// that their talks with the old callers are over is no word on it.
func TestMembersAfterRestart(t *testing.T) {
	const connect = "0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9"
	for _, test := range []struct {
		name, before, during, now string
		inCall                    bool
	}{
		{name: "no more", during: "0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0", now: "Status=1 InCall=0"},
		{name: "again", before: connect, now: "Status=2 InCall=1", inCall: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1", "1"))
				p.play(t, "0 FullyBooted Uptime=100\n"+test.before)
				time.Sleep(200 * time.Second)
				p.gap(t, "0 FullyBooted Uptime=1\n"+test.during, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 "+test.now))
				if m := p.model.Queues()[0].Members[0]; m.InCall != test.inCall {
					t.Errorf("member %+v", m)
				}
			})
		})
	}
}

// The end of a talk was told by the state of the member, shortly before the link was cut, and
// AgentComplete is still waited for. Who is in a call by the list is so with another caller.
func TestNextTalkInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ann = "QueueMember q=a Name=Ann Location=PJSIP/9 "
		p := follow(t, queueOf(t, ann+"Status=1 InCall=0 CallsTaken=0", "1", "2"))
		sub := p.model.Subscribe(10, live.AgentCompleted)
		defer sub.Close()
		p.play(t, `
			0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9
			1 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1`)
		p.Drop()
		queueOf(t, ann+"Status=2 InCall=1 CallsTaken=1", "1", "2")(p.Server)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if m := p.model.Queues()[0].Members[0]; !m.InCall || len(sub.C()) != 1 {
			t.Errorf("%d talks ended; member %+v", len(sub.C()), m)
		}
	})
}

// A list without a caller may be newer than the event that the caller has left: those behind
// move up once.
func TestLeavesBehindList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2", "1", "2"))
		queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=2", "1", "2")(p.Server)
		if err := p.model.Resync(t.Context(), p.client); err != nil {
			t.Fatal(err)
		}
		p.play(t, "0 QueueCallerLeave q=a ch=PJSIP/1 id=1 link=1 pos=1")
		if got := strings.Join(p.waiting(), ","); got != "a 1 PJSIP/2" {
			t.Errorf("waiting %s", got)
		}
	})
}

// Since when a caller waits, of whom only AgentCalled has told, is known from the list.
func TestWaitOfRingingCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueParams q=a", "1"))
		p.gap(t, "0 AgentCalled q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9", queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1 Wait=7", "1"))
		if v := p.model.Waiting()[0]; !v.Joined.Equal(time.Unix(1_700_000_000-7, 0)) {
			t.Errorf("waits since %v", v.Joined)
		}
	})
}

// Who is connected has left the queue: Asterisk says so just before, be it in the gap.
func TestConnectedAfterGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1\nQueueEntry q=a Position=2 id=2", "1", "2"))
		sub := p.model.Subscribe(10, live.QueueConnected, live.QueueLeft)
		defer sub.Close()
		p.gap(t, "0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9", func(s *amitest.Server) {
			s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=2")...)
		})
		if got := strings.Join(p.waiting(), ","); got != "a 1 PJSIP/2" || len(sub.C()) != 2 {
			t.Errorf("waiting %s, told %d", got, len(sub.C()))
		}
	})
}

// Lists that are in when the link has broken make no picture whole: a gap has begun.
func TestBrokenWhenListsAreIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		m := live.New(live.Options{Server: "pbx1"})
		sub := m.Subscribe(10, live.ServerSynced)
		defer sub.Close()
		m.HandleState(ami.Connected, nil)
		p.Respond("ParkedCalls", func(ami.Message) [][]string {
			m.HandleState(ami.Disconnected, io.EOF)
			return amitest.List("ParkedCalls")
		})
		if err := m.Resync(t.Context(), p.client); !errors.Is(err, ami.ErrNotConnected) || len(sub.C()) > 0 {
			t.Errorf("Resync: %v, and told %d times that the picture is whole", err, len(sub.C()))
		}
	})
}

// A channel that ends while the lists are under way may not have been the last of its call: the
// lists have those that began when the link was down.
func TestCallGoesOnInLists(t *testing.T) {
	for name, calls := range map[string]int{"it goes on": 1, "it is over": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, nil)
				sub := p.model.Subscribe(10, live.CallStarted, live.CallEnded)
				defer sub.Close()
				p.play(t, "0 Newchannel ch=PJSIP/1 id=1 link=1 state=Down num=1")
				p.gap(t, "0 Hangup ch=PJSIP/1 id=1 link=1 num=1 Cause-txt=first", func(s *amitest.Server) {
					if calls > 0 {
						s.AnswerList("CoreShowChannels", row("PJSIP/2", "2", "1", "Up", "2", "00:00:40", ""))
					}
				})
				if n := len(p.model.Calls()); n != calls {
					t.Errorf("%d calls after the lists are in, want %d", n, calls)
				}
				p.play(t, "1 Hangup ch=PJSIP/2 id=2 link=1 Cause-txt=Normal")
				var told []string
				for len(sub.C()) > 0 {
					e := <-sub.C()
					told = append(told, strings.TrimSpace(e.Name+" "+e.Call.Caller.Num+"> "+e.Call.Reason))
				}
				want(t, told, "call.started 1>", "call.ended 1> first")
				if c := p.model.Calls(); len(c) != 0 {
					t.Errorf("calls %+v", c)
				}
			})
		})
	}
}

// How long something has lasted is told by the time of its list, and not when all are in.
func TestAgesAreThoseOfTheirList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := follow(t, func(s *amitest.Server) {
			channelRows(s, "1", "2") // for 50 s
			s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1 Wait=20")...)
			s.Respond("ParkedCalls", func(ami.Message) [][]string {
				return amitest.List("ParkedCalls", rowsOf(t, "ParkedCall ParkeeUniqueid=2 Parkinglot=default ParkingSpace=701 ParkingDuration=30")...)
			})
			s.Respond("ConfbridgeListRooms", func(ami.Message) [][]string {
				time.Sleep(10 * time.Second)
				return amitest.List("ConfbridgeListRooms")
			})
		})
		time.Sleep(15 * time.Second)
		synctest.Wait()
		created, joined, parked := p.model.Channels()[0].Created.Sub(began), p.model.Waiting()[0].Joined.Sub(began), p.model.Parked()[0].Since.Sub(began)
		if created != -50*time.Second || joined != -20*time.Second || parked != -20*time.Second { // parked is asked 10 s later
			t.Errorf("created %v, joined %v, parked %v", created, joined, parked)
		}
	})
}

// Word on the end of a talk may come seconds after the member has begun the next one, which
// only the lists told.
func TestLateWordOnTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ann = "QueueMember q=a Name=Ann Location=PJSIP/9 "
		p := follow(t, queueOf(t, ann+"Status=2 InCall=1 CallsTaken=0", "1", "2"))
		p.play(t, "1 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1")
		p.gap(t, "", queueOf(t, ann+"Status=2 InCall=1 CallsTaken=1", "1", "2"))
		p.play(t, "5 AgentComplete q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9 TalkTime=1 Reason=caller")
		if m := p.model.Queues()[0].Members[0]; !m.InCall {
			t.Errorf("member %+v", m)
		}
	})
}

// Word on the end of a talk may come late and without its caller, who is gone. It is not about
// the next talk of the member, which only the lists tell of, be it of the same second.
func TestLateWordWithoutCaller(t *testing.T) {
	const (
		ann      = "QueueMember q=a Name=Ann Location=PJSIP/9 "
		member   = " q=a MemberName=Ann Interface=PJSIP/9 "
		complete = "2 AgentComplete TalkTime=2 Reason=caller" + member
		here     = "2 AgentComplete ch=PJSIP/3 id=3 link=3 TalkTime=2 Reason=caller" + member
	)
	for _, test := range []struct {
		name, before, during string
		wait                 time.Duration // until the link is cut
		want                 []string
	}{
		{name: "before the list", before: complete, want: []string{"1 caller"}},
		{name: "after the list", during: complete, want: []string{"1 caller"}},
		{name: "waited for in vain, before the list", wait: 3 * time.Second, before: complete, want: []string{"1 transfer"}},
		{name: "of one who came in the gap, before the list", before: here, want: []string{"1 ", "3 caller"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, "QueueParams q=a\n"+ann+"Status=1 InCall=0 CallsTaken=0", "1"))
				sub := p.model.Subscribe(10, live.AgentCompleted)
				defer sub.Close()
				emit := func(text string) {
					for _, e := range script(t, text) {
						p.EmitEvent(e)
					}
				}
				emit("0.5 AgentConnect ch=PJSIP/1 id=1 link=1" + member)
				emit("0.6 QueueMemberStatus Status=1 InCall=0 CallsTaken=1 LastCall=1700000000" + member)
				synctest.Wait()
				time.Sleep(test.wait)
				p.gap(t, test.during, func(s *amitest.Server) {
					queueOf(t, "QueueParams q=a Completed=1\n"+ann+"Status=2 InCall=1 CallsTaken=1 LastCall=1700000000", "2", "3")(s)
					s.Respond("BridgeList", func(ami.Message) [][]string {
						emit(test.before)
						time.Sleep(100 * time.Millisecond)
						return amitest.List("BridgeList")
					})
				})
				var told []string
				for len(sub.C()) > 0 {
					e := <-sub.C()
					told = append(told, e.Call.Linkedid+" "+e.Queue.EndedBy)
				}
				want(t, told, test.want...)
				if q := p.model.Queues()[0]; !q.Members[0].InCall || q.Completed != 1 {
					t.Errorf("%d completed, member %+v", q.Completed, q.Members[0])
				}
			})
		})
	}
}

// A caller may leave a queue and come again within seconds, all that in a gap. Whole seconds in
// the list are no reason to take that for one visit, nor to take one visit for two, also when
// the clocks of the two machines differ by less than is corrected.
func TestAgainWithinSeconds(t *testing.T) {
	for _, test := range []struct {
		name  string
		ahead time.Duration // of Asterisk's clock
		after time.Duration // the caller comes again; 0 means not
	}{
		{name: "the same"},
		{name: "the same, by a slow clock", ahead: -900 * time.Millisecond},
		{name: "the same, by a fast clock", ahead: 900 * time.Millisecond},
		{name: "the same, by a clock of another time", ahead: -time.Hour},
		{name: "again", after: 2500 * time.Millisecond},
		{name: "again, by a slow clock", ahead: -900 * time.Millisecond, after: 2500 * time.Millisecond},
		{name: "again, by a fast clock", ahead: 900 * time.Millisecond, after: 2500 * time.Millisecond},
	} {
		for second := range 4 { // the clocks of both may stand anywhere in it
			t.Run(test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := follow(t, queueOf(t, "QueueParams q=a", "1"))
					time.Sleep(time.Duration(second) * 250 * time.Millisecond)
					clock := func() time.Time { return time.Now().Add(test.ahead) }
					began := clock()
					p.Emit("QueueCallerJoin", "Timestamp", timestamp(began), "Queue", "a", "Position", "1", "Channel", "PJSIP/1", "Uniqueid", "1", "Linkedid", "1")
					synctest.Wait()
					sub := p.model.Subscribe(10, live.QueueLeft)
					defer sub.Close()
					time.Sleep(5 * time.Second)
					began = began.Add(test.after)
					p.gap(t, "", func(s *amitest.Server) {
						channelRows(s, "1")
						s.Respond("QueueStatus", func(ami.Message) [][]string {
							wait := clock().Unix() - began.Unix() // as app_queue does
							return amitest.List("QueueStatus", rowsOf(t, fmt.Sprintf("QueueParams q=a\nQueueEntry q=a Position=1 ch=PJSIP/1 id=1 Wait=%d", wait))...)
						})
					})
					v := p.model.Waiting()
					if again := len(sub.C()) == 1; len(v) != 1 || again != (test.after > 0) {
						t.Errorf("left %d times; waiting %+v", len(sub.C()), v)
					}
				})
			})
		}
	}
}

// Since when a member is paused, of whom that was told in a gap, is known from any other event.
func TestPausedInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ann = "QueueParams q=a\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 "
		const paused = "Paused=1 LastPause=1699999990 PausedReason=Auto-Pause"
		p := follow(t, queueOf(t, ann, "1"))
		p.gap(t, "0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=2 "+paused, queueOf(t, ann+paused, "1"))
		if m := p.model.Queues()[0].Members[0]; !m.Paused || m.PausedAt.Unix() != 1699999990 {
			t.Errorf("member %+v", m)
		}
	})
}

// A call that came up in a gap is known at first by a channel only that moves to it, as to get
// it back from a lot. That the channel has gone, before the lists are in, does not end it.
func TestMovesToUnlistedCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.Drop()
		drain(t, p.sub)
		p.gap(t, `
			0 Newchannel ch=PJSIP/8 id=8 link=8 state=Ring
			0 Newstate ch=PJSIP/8 id=8 link=8 state=Up
			0 BridgeEnter BridgeUniqueid=b BridgeNumChannels=1 ch=PJSIP/7 id=7 link=7
			0 BridgeEnter BridgeUniqueid=b BridgeNumChannels=2 ch=PJSIP/8 id=8 link=7
			0 Hangup ch=PJSIP/8 id=8 link=7 cause=16 txt=Normal_Clearing`, func(s *amitest.Server) { channelRows(s, "7") })
		if got := strings.Join(drain(t, p.sub), "\n"); strings.Contains(got, "call.ended 7") || len(p.model.Calls()) != 1 {
			t.Errorf("told\n%s\ncalls %+v", got, p.model.Calls())
		}
		p.play(t, "1 Hangup ch=PJSIP/7 id=7 link=7 cause=16 txt=Normal_Clearing")
		if got := strings.Join(drain(t, p.sub), "\n"); strings.Count(got, "call.ended 7") != 1 {
			t.Errorf("told\n%s", got)
		}
	})
}
