package live_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What follows is what the proof on the real Asterisk found.

// Who left a queue and came again while the link was down begins another visit.
func TestVisitsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueEntry q=a Position=1 id=1 Wait=60", "1"))
		drain(t, p.sub)
		p.gap(t, "", func(s *amitest.Server) {
			s.AnswerList("QueueStatus", rowsOf(t, "QueueEntry q=a Position=1 id=1 Wait=0")...)
		})
		v := p.model.Waiting()
		if got := strings.Join(drain(t, p.sub), "\n"); !strings.Contains(got, "queue.left") || len(v) != 1 || v[0].Waited > 10*time.Second {
			t.Errorf("told %s; waiting %+v", got, v)
		}
	})
}

// The end of a talk is told once and counted once, however little was seen of it.
func TestTalksEnd(t *testing.T) {
	const inCall = "QueueParams q=a Completed=3\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1"
	const free = "QueueParams q=a Completed=4\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 InCall=0 CallsTaken=1"
	const connect = "0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9 HoldTime=2\n"
	const complete = "9 AgentComplete q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9 HoldTime=2 TalkTime=7 Reason=agent\n"
	const status = "9 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1\n"
	tests := []struct {
		name, first, then, after, play string // lists, and events: of the beginning and after a gap
		told                           []string
	}{
		{name: "not seen to begin", first: inCall, play: complete, told: []string{"agent 7s"}},
		{name: "the caller is not named", first: inCall, play: "9 AgentComplete q=a Interface=PJSIP/9 TalkTime=7 Reason=agent"},
		{name: "the caller is not named, twice", first: inCall, play: status + "9 AgentComplete q=a Interface=PJSIP/9 TalkTime=7 Reason=agent"},
		{name: "by the state of the member", first: inCall, play: connect + status, told: []string{"transfer 0s"}},
		{name: "of another, while this one lasts", first: strings.Replace(inCall, "=3", "=2", 1), then: connect, play: strings.Replace(status, "Status=1", "Status=2", 1) + complete, told: []string{"agent 7s"}},
		{name: "both, in the wrong order", first: inCall, play: connect + status + complete, told: []string{"agent 7s"}},
		{name: "both, and it was not seen to begin", first: inCall, play: status + complete, told: []string{"agent 7s"}},
		{name: "by the state of the member, and it was not seen to begin", first: inCall, play: status, told: nil},
		{name: "ended by the list", first: inCall, then: connect, after: free, told: []string{" 0s"}},
		{name: "the list comes before the event", first: inCall, then: connect, after: free, play: complete, told: []string{" 0s"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, test.first, "1"))
				sub := p.model.Subscribe(10, live.AgentCompleted)
				defer sub.Close()
				p.play(t, test.then)
				if test.after != "" {
					p.gap(t, "", func(s *amitest.Server) { s.AnswerList("QueueStatus", rowsOf(t, test.after)...) })
				}
				p.play(t, test.play)
				time.Sleep(3 * time.Second)
				synctest.Wait()
				var told []string
				for len(sub.C()) > 0 {
					q := (<-sub.C()).Queue
					told = append(told, q.EndedBy+" "+q.Talked.Truncate(time.Second).String())
				}
				q := p.model.Queues()[0]
				if !slices.Equal(told, test.told) || q.Completed != 4 || q.Members[0].InCall {
					t.Errorf("told %q, want %q; queue %+v", told, test.told, q)
				}
			})
		})
	}
}

// A session that breaks before the picture is whole lies in the gap, and the next one is
// not kept waiting. What comes right after the login is not lost.
func TestBrokenSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		events := drain(t, p.sub)
		down := time.Now()
		p.Respond("CoreStatus", func(ami.Message) [][]string { // the first session breaks here
			p.Answer("CoreStatus", "Response", "Success")
			p.Drop()
			return nil
		})
		sub := p.model.Subscribe(10, live.ServerSynced, live.QueueJoined)
		defer sub.Close()
		p.Drop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		synced := (<-sub.C()).Peer
		if gap := synced.GapTo.Sub(synced.GapFrom); !synced.GapFrom.Equal(down) || gap != synced.Gap || gap <= 0 || synced.Gaps != 2 {
			t.Errorf("after %v: %+v", events, synced)
		}
	})
}

// Events between the connect and Resync are of calls that the lists will show.
func TestEventsBeforeResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		m := live.New(live.Options{Server: "pbx1"})
		sub := m.Subscribe(10, live.QueueJoined, live.QueueLeft)
		defer sub.Close()
		m.HandleState(ami.Connected, nil)
		for _, e := range script(t, "0 QueueCallerJoin q=a ch=PJSIP/1 id=1 link=1 pos=1") {
			m.Handle(e)
		}
		channelRows(p.Server, "1")
		p.AnswerList("QueueStatus", rowsOf(t, "QueueEntry q=a Position=1 id=1")...)
		if err := m.Resync(t.Context(), p.client); err != nil {
			t.Fatal(err)
		}
		if got := drain(t, sub); len(got) != 1 {
			t.Errorf("told %v, want that the caller joined", got)
		}
	})
}

// Asterisk lets clients in before its modules are there to answer.
func TestLateBoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Answer("QueueStatus", "Response", "Error", "Message", "Invalid/unknown command: QueueStatus.")
		})
		p.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a")...)
		p.play(t, "0 FullyBooted Uptime=0 Status=Fully_Booted")
		time.Sleep(time.Second)
		synctest.Wait()
		if s := p.model.Snapshot(); len(s.Server.Unknown) != 0 || len(s.Queues) != 1 {
			t.Errorf("unknown %v, queues %+v", s.Server.Unknown, s.Queues)
		}
	})
}

// It may say that they are there while it is asked.
func TestBootWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Answer("QueueStatus", "Response", "Error", "Message", "Invalid/unknown command: QueueStatus.")
			s.Respond("ParkedCalls", func(ami.Message) [][]string {
				s.AnswerList("ParkedCalls")
				s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a")...)
				s.Emit("FullyBooted", "Uptime", "3", "Status", "Fully Booted")
				time.Sleep(100 * time.Millisecond) // let it be handled first
				return amitest.List("ParkedCalls")
			})
		})
		time.Sleep(time.Second)
		synctest.Wait()
		if s := p.model.Snapshot(); len(s.Server.Unknown) != 0 || len(s.Queues) != 1 {
			t.Errorf("unknown %v, queues %+v", s.Server.Unknown, s.Queues)
		}
	})
}

// Of a queue that is no longer in queues.conf Asterisk does not tell, but that it has read that.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueParams q=a\nQueueParams q=b\nQueueMember q=b Name=Ann Location=PJSIP/9 Status=1"))
		sub := p.model.Subscribe(10, live.ServerSynced, live.AgentRemoved)
		defer sub.Close()
		queueOf(t, "QueueParams q=a")(p.Server)
		p.Emit("Reload", "Module", "pbx_config.so", "Status", "0")
		time.Sleep(time.Second)
		if len(sub.C()) != 0 {
			t.Error("told of a module that has nothing to do with it")
		}
		p.Emit("Reload", "Module", "app_queue.so", "Status", "0")
		time.Sleep(time.Second)
		want(t, configured(t, sub), `agent.removed (Ann ready [] [] "")`, "server.synced")
		if q := p.model.Queues(); len(q) != 1 {
			t.Errorf("queues %+v", q)
		}
	})
}

// A member that is added when it was one already was removed meanwhile, as by a restart.
func TestAddedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=1")
		p := follow(t, func(s *amitest.Server) { s.AnswerList("QueueStatus", members...) })
		sub := p.model.Subscribe(10, live.AgentAdded, live.AgentRemoved)
		defer sub.Close()
		p.gap(t, "0 QueueMemberAdded q=a MemberName=Ann Interface=PJSIP/9 Status=1", func(*amitest.Server) {})
		want(t, configured(t, sub), `agent.removed (Ann ready [] [] "")`, `agent.added (Ann ready [a] [] "")`)
	})
}

// Word that another channel has taken the place of a parked one may come before the channel.
func TestSwapOvertakes(t *testing.T) {
	m := newModel()
	play(t, m, `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Up
		1 ParkedCall ParkeeUniqueid=1 Parkinglot=default ParkingSpace=701
		2 ParkedCallSwap ParkeeUniqueid=2 Parkinglot=default ParkingSpace=701
		2 Newchannel ch=PJSIP/2-1 id=2 link=1 state=Down
		2 BridgeEnter ch=PJSIP/2-1 id=2 link=1 state=Down BridgeUniqueid=b`)
	if p := m.Parked(); len(p) != 1 || p[0].Channel != "PJSIP/2-1" {
		t.Errorf("parked %+v", p)
	}
}

// The lists may be newer than the event that tells of something: it is told all the same.
func TestListsAreFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		sub := p.model.Subscribe(10, live.SpyStarted, live.ParkParked)
		defer sub.Close()
		p.gap(t, "", func(s *amitest.Server) {
			channelRows(s, "1", "2", "3")
			spy := append(row("PJSIP/4", "4", "4", "Up", "4", "00:00:50", ""), "ApplicationData", "PJSIP/1,uq")
			spy[slices.Index(spy, "Dial")] = "ChanSpy"
			s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""), row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", ""), spy)
			s.AnswerList("QueueStatus")
		})
		p.AnswerList("ParkedCalls", rowsOf(t, "ParkedCall ParkeeUniqueid=2 Parkinglot=default ParkingSpace=701")...)
		if err := p.model.Resync(t.Context(), p.client); err != nil {
			t.Fatal(err)
		}
		if s := p.model.Snapshot(); len(s.ListenIns) != 1 || len(s.Parked) != 1 || len(sub.C()) > 0 {
			t.Errorf("listen-ins %+v, parked %+v, told %d", s.ListenIns, s.Parked, len(sub.C()))
		}
		for range 2 { // only once
			p.play(t, "0 ChanSpyStart SpyeeUniqueid=1 SpyeeChannel=PJSIP/1 SpyerUniqueid=4 SpyerChannel=PJSIP/4\n"+
				"0 ParkedCall ParkeeUniqueid=2 Parkinglot=default ParkingSpace=701")
		}
		want(t, configured(t, sub), "spy.started 1>100 PJSIP/4 hears PJSIP/1", "park.parked 2>100 default 701 0s by")
	})
}

// A channel that moved to another call while the link was down does not end its old call
// when that has another channel by now.
func TestMovedInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.play(t, "0 Newchannel ch=PJSIP/1 id=1 link=1 state=Up num=1\n0 Newchannel ch=PJSIP/3 id=3 link=3 state=Up num=3")
		drain(t, p.sub)
		p.gap(t, "", func(s *amitest.Server) {
			s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "3", "Up", "1", "00:00:50", ""), row("PJSIP/2", "2", "1", "Up", "2", "00:00:40", ""), row("PJSIP/3", "3", "3", "Up", "3", "00:00:30", ""))
		})
		if got := strings.Join(drain(t, p.sub), "\n"); strings.Contains(got, "call.ended") || len(p.model.Calls()) != 2 {
			t.Errorf("told %s; calls %+v", got, p.model.Calls())
		}
	})
}

// A phone that rang for a call shortly before the lists came is not the whole of it.
func TestLegEndsBeforeResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		drain(t, p.sub)
		p.gap(t, `
			0 Newchannel ch=PJSIP/2 id=2 link=1 state=Down
			0 Hangup ch=PJSIP/2 id=2 link=1
			0 Newchannel ch=PJSIP/4 id=4 link=3 state=Down
			0 Hangup ch=PJSIP/4 id=4 link=3`, func(s *amitest.Server) { channelRows(s, "1") })
		p.play(t, "0 Hangup ch=PJSIP/1 id=1 link=1 cause=16")
		if got := drain(t, p.sub); strings.Count(strings.Join(got, "\n"), "call.ended") != 1 {
			t.Errorf("told %v, want one call to end", got)
		}
	})
}

// A restart is told once, also when the session in which it was seen breaks before Resync.
func TestRestartToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.play(t, "0 FullyBooted Uptime=100")
		time.Sleep(200 * time.Second)
		sub := p.model.Subscribe(10, live.ServerRestarted, live.CallEnded)
		defer sub.Close()
		p.Respond("CoreSettings", func(ami.Message) [][]string { // the session breaks here
			p.Answer("CoreSettings", "Response", "Success")
			for _, e := range script(t, "0 FullyBooted Uptime=1\n0 Newchannel ch=PJSIP/1 id=1 link=1 state=Up") {
				p.EmitEvent(e)
			}
			time.Sleep(time.Second)
			p.Drop()
			return nil
		})
		p.gap(t, "", func(s *amitest.Server) {
			channelRows(s, "1")
			s.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:03:20")
		})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		want(t, configured(t, sub), "server.restarted")
	})
}

// When Asterisk's clock is set back its Uptime is less than before: that is no restart.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		sub := p.model.Subscribe(10, live.ServerRestarted)
		defer sub.Close()
		p.play(t, "0 FullyBooted Uptime=1000")
		time.Sleep(100 * time.Second)
		p.play(t, "0 FullyBooted Uptime=1070")
		if len(sub.C()) != 0 {
			t.Error("told of a restart")
		}
	})
}

// A restart within the second in which Asterisk had started is one by its threads.
func TestRestartWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		threads := func(s *amitest.Server, number string) {
			s.AnswerCommand("core show threads", "0x7f"+number+" 12"+number+" listener             started at [ 1234] manager.c session()")
		}
		p := follow(t, func(s *amitest.Server) { threads(s, "1") })
		sub := p.model.Subscribe(10, live.ServerRestarted)
		defer sub.Close()
		p.gap(t, "", func(*amitest.Server) {})
		if n := len(sub.C()); n != 0 {
			t.Errorf("told %d restarts without one", n)
		}
		p.gap(t, "", func(s *amitest.Server) { threads(s, "2") })
		want(t, configured(t, sub), "server.restarted")
	})
}

// The session that tells of the first channels after a restart may break before the restart is
// found. They are not of the old process.
func TestToldBeforeRestartFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
		sub := p.model.Subscribe(10, live.CallStarted, live.CallEnded)
		defer sub.Close()
		p.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-22", "CoreStartupTime", "08:00:00")
		p.Respond("CoreShowChannels", func(ami.Message) [][]string {
			for _, e := range script(t, "0 Newchannel ch=PJSIP/2 id=2 link=2 state=Ring\n0 Newchannel ch=PJSIP/3 id=3 link=3 state=Ring") {
				p.EmitEvent(e)
			}
			time.Sleep(100 * time.Millisecond)
			channelRows(p.Server, "2", "4")
			p.Drop()
			return nil
		})
		p.Drop()
		time.Sleep(10 * time.Second)
		p.play(t, "0 Hangup ch=PJSIP/2 id=2 link=2 cause=16 txt=bye")
		var told []string
		for len(sub.C()) > 0 {
			e := <-sub.C()
			told = append(told, e.Name+" "+e.Call.Linkedid+" "+e.Call.Reason)
		}
		want(t, told, "call.ended 1 gap", "call.started 3 ", "call.ended 3 gap", "call.started 2 ", "call.ended 2 bye")
	})
}

// When the call of who listens is sent elsewhere, and had no dialplan, another channel takes
// its place in silence, and nothing tells that the listening is over. A step of a dialplan
// before it is no such thing, though it may be told of later.
func TestListenerSentElsewhere(t *testing.T) {
	m := newModel()
	got := play(t, m, `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Up num=1
		0 Newchannel ch=PJSIP/2-2 id=2 link=2 state=Up num=2 exten=spy Context=main
		1 ChanSpyStart SpyeeUniqueid=1 SpyerUniqueid=2 SpyerChannel=PJSIP/2-2 SpyerContext=main SpyerExten=spy
		1 Newexten ch=PJSIP/2-2 id=2 link=2 Context=main exten=spy Application=Answer
		1 Newexten ch=PJSIP/2-2 id=2 link=2 Context=main exten=spy Application=ChanSpy
		9 Newexten ch=PJSIP/2-2 id=2 link=2 Context=main exten=support Application=Queue`, live.SpyStarted, live.SpyStopped)
	want(t, got, "spy.started 1> PJSIP/2-2 hears PJSIP/1-1", "spy.stopped 1> PJSIP/2-2 hears PJSIP/1-1")
	if l := m.ListenIns(); len(l) != 0 {
		t.Errorf("listen-ins %+v", l)
	}
}

// What comes next for a channel waits too, while what came too early does.
func TestNextWaitsToo(t *testing.T) {
	m := newModel()
	got := play(t, m, `
		1 ParkedCall ParkeeUniqueid=1 Parkinglot=default ParkingSpace=701
		1 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Down
		2 UnParkedCall ParkeeUniqueid=1 Parkinglot=default ParkingSpace=701
		2 Newstate ch=PJSIP/1-1 id=1 link=1 state=Up`, live.ParkParked, live.ParkRetrieved)
	if len(got) != 2 || !strings.HasPrefix(got[0], live.ParkParked) || len(m.Parked()) != 0 {
		t.Errorf("told %v; parked %+v", got, m.Parked())
	}
}
