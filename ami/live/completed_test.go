package live_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// A queue counts a talk when its member's own counter does: when the device of the member is
// free again, or else with AgentComplete, but not that of a caller whom the member has left
// for another one. Lists may be older than what events told meanwhile, or newer.
func TestCompleted(t *testing.T) {
	const member = " MemberName=Ann Interface=PJSIP/9"
	const free = "0 QueueMemberStatus q=a Status=1 InCall=0 CallsTaken=1" + member + "\n"
	connect := func(id string) string {
		return "0 AgentConnect q=a ch=PJSIP/" + id + " id=" + id + " link=" + id + member + "\n"
	}
	complete := func(id string) string {
		return "0 AgentComplete q=a ch=PJSIP/" + id + " id=" + id + " link=" + id + member + " TalkTime=1 Reason=caller\n"
	}
	const none, one = "QueueParams q=a Completed=3\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 InCall=0 CallsTaken=0",
		"QueueParams q=a Completed=4\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 InCall=0 CallsTaken=1"
	const reset = "QueueParams q=a Completed=0\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 InCall=0 CallsTaken=0"
	tests := []struct {
		name, play, during, list, after, also string
		want                                  int
	}{
		{name: "a talk", play: connect("1") + complete("1"), want: 4},
		{name: "two talks", play: connect("1") + complete("1") + connect("2") + complete("2"), want: 5},
		{name: "by the device first", play: connect("1") + free + complete("1"), want: 4},
		{name: "by the device last", play: connect("1") + complete("1") + free, want: 4},
		{name: "by the device alone", play: connect("1") + free, want: 4},
		{name: "of a member whose device is still in use", play: connect("1") + "0 QueueMemberStatus q=a Status=2 InCall=0 CallsTaken=1" + member, want: 4},
		{name: "left for another", play: connect("1") + connect("2") + complete("2") + complete("1"), want: 4},
		{name: "left for another, who stays", play: connect("1") + connect("2") + complete("1"), want: 3},
		{name: "one that was not seen to begin, and was left", list: one, after: connect("2") + complete("2") + complete("1"), want: 5},
		{name: "one that was counted in the gap", play: connect("1"), list: one, after: complete("1"), want: 4},
		{name: "the list is older", play: connect("1"), during: complete("1"), list: none, want: 4},
		{name: "the list is newer", play: connect("1"), during: complete("1"), list: one, want: 4},
		{name: "the list is older than word of the device", play: connect("1"), during: free, list: none, want: 4},
		{name: "the list is newer than word of the device", play: connect("1"), during: free, list: one, want: 4},
		{name: "word of the device after a newer list", play: connect("1"), during: complete("1"), list: one, after: free, want: 4},
		{name: "word of the device after an older list", play: connect("1"), during: complete("1"), list: none, after: free, want: 4},
		{name: "after a restart", play: connect("1") + complete("1") + free, during: "0 FullyBooted Uptime=1\n" + connect("2") + complete("2"), list: reset, want: 1},
		{name: "after a restart, and word of the device", play: connect("1") + free, during: "0 FullyBooted Uptime=1\n" + connect("2") + free, list: reset, want: 1},
		{name: "the list is older than word of the device, and of a caller who is not known", during: free + complete("3"), list: strings.Replace(none, "InCall=0", "InCall=1", 1), also: "3", want: 4},
		{name: "set back", play: connect("1") + free + "0 QueueMemberStatus q=a Status=1 InCall=0 CallsTaken=0" + member, want: 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := func(list string, also ...string) func(s *amitest.Server) {
					return queueOf(t, list, append([]string{"1", "2"}, also...)...)
				}
				p := follow(t, answers(none))
				p.play(t, "0 FullyBooted Uptime=100")
				p.play(t, test.play)
				if test.list != "" {
					time.Sleep(200 * time.Second)
					p.gap(t, test.during, answers(test.list, strings.Fields(test.also)...))
				}
				p.play(t, test.after)
				time.Sleep(3 * time.Second)
				synctest.Wait()
				if q := p.model.Queues()[0]; q.Completed != test.want {
					t.Errorf("completed %d, want %d: %+v", q.Completed, test.want, q)
				}
			})
		})
	}
}

// Of the end of a talk that was over when the next one began, Asterisk may tell as late as when
// the caller is gone. The member is in the next one, of which only the list told.
func TestLongOverTalk(t *testing.T) {
	for name, late := range map[string]string{
		"the caller is gone": "0 Hangup ch=PJSIP/1 id=1 link=1\n0 AgentComplete q=a MemberName=Ann Interface=PJSIP/9 TalkTime=60 Reason=caller",
		"it was not seen":    "0 AgentComplete q=a ch=PJSIP/3 id=3 link=3 MemberName=Ann Interface=PJSIP/9 TalkTime=60 Reason=caller",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, queueOf(t, "QueueParams q=a Completed=3\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 CallsTaken=0", "1", "2", "3"))
				time.Sleep(50 * time.Second)
				p.play(t, `
				0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9
				0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1`)
				over := strconv.FormatInt(time.Now().Unix(), 10)
				p.gap(t, "", func(s *amitest.Server) {
					s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a Completed=4\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1 CallsTaken=1 LastCall="+over)...)
				})
				p.play(t, late)
				if q := p.model.Queues()[0]; !q.Members[0].InCall || q.Completed != 4 {
					t.Errorf("queue %+v", q)
				}
			})
		})
	}
}

// Between the word that a talk is over and that it is told, the session broke, and the next talk
// began. The list that tells of that may come later than the former is told.
func TestNextTalkWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, queueOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=1 CallsTaken=0", "1", "2"))
		p.play(t, `
			0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9
			0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1`)
		p.AnswerList("QueueStatus", rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1 CallsTaken=1")...)
		p.Respond("ParkedCalls", func(ami.Message) [][]string {
			time.Sleep(3 * time.Second)
			return amitest.List("ParkedCalls")
		})
		p.Drop()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if m := p.model.Queues()[0].Members[0]; !m.InCall {
			t.Errorf("member %+v", m)
		}
	})
}

// A list does not count who left the queue after it was read, while others were asked for.
func TestAbandonedWhileAsking(t *testing.T) {
	for during, want := range map[string]int{"CoreShowChannels": 3, "ParkedCalls": 4} {
		t.Run(during, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) {
					s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a Abandoned=3\nQueueEntry q=a Position=1 id=1")...)
				})
				p.Respond(during, func(ami.Message) [][]string {
					time.Sleep(time.Millisecond)
					for _, e := range script(t, "0 QueueCallerAbandon q=a ch=PJSIP/1 id=1 link=1\n0 QueueCallerLeave q=a ch=PJSIP/1 id=1 link=1") {
						p.EmitEvent(e)
					}
					time.Sleep(time.Millisecond)
					if during == "ParkedCalls" {
						return amitest.List(during)
					}
					return amitest.List(during, row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""))
				})
				if during == "ParkedCalls" {
					channelRows(p.Server, "1")
				}
				p.Drop()
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if q := p.model.Queues()[0]; q.Abandoned != want {
					t.Errorf("%d abandoned, want %d", q.Abandoned, want)
				}
			})
		})
	}
}

// A member may be told of after the talk, with word from before that.
func TestTalkOfUnknownMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
		p.gap(t, `
			0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9
			0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=2 InCall=0 CallsTaken=0`, func(s *amitest.Server) {
			s.AnswerList("QueueStatus", rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1 CallsTaken=0")...)
		})
		if m := p.model.Queues()[0].Members[0]; !m.InCall {
			t.Errorf("member %+v", m)
		}
	})
}

// A talk that was put aside may be over when it is handled, by word of the device.
func TestTalkAsideWasFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("QueueStatus", rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=1 CallsTaken=0")...)
		})
		sub := p.model.Subscribe(10, live.AgentConnected, live.AgentCompleted)
		defer sub.Close()
		p.gap(t, `
			0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9
			1 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 InCall=0 CallsTaken=1`, func(s *amitest.Server) {
			channelRows(s, "1")
			s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a Completed=1\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 InCall=0 CallsTaken=1")...)
		})
		if q := p.model.Queues()[0]; q.Members[0].InCall || q.Completed != 1 || len(sub.C()) != 2 {
			t.Errorf("%d told; queue %+v", len(sub.C()), q)
		}
	})
}

// To Asterisk a member who leaves the queue in a talk, and comes back, is in none.
func TestAddedInTalk(t *testing.T) {
	const connect = "0 AgentConnect q=a ch=PJSIP/1 id=1 link=1 MemberName=Ann Interface=PJSIP/9\n"
	const again = "1 QueueMemberRemoved q=a MemberName=Ann Interface=PJSIP/9\n2 QueueMemberAdded q=a MemberName=Ann Interface=PJSIP/9 Status=2 InCall=0"
	for name, events := range map[string][2]string{"told": {connect + again, ""}, "told while asking": {connect, again}, "all while asking": {"", connect + again}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := func(s *amitest.Server) {
					channelRows(s, "1")
					s.AnswerList("QueueStatus", rowsOf(t, "QueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=0")...)
				}
				p := follow(t, list)
				p.play(t, events[0])
				if events[1] != "" {
					p.gap(t, events[1], list)
				}
				if m := p.model.Queues()[0].Members[0]; m.InCall {
					t.Errorf("member %+v", m)
				}
			})
		})
	}
}
