package live_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// spies is a row of a channel that listens.
func spies(id, app, data string, more ...string) []string {
	listener := row("PJSIP/"+id, id, id, "Up", id, "00:00:50", "")
	listener[slices.Index(listener, "Dial")] = app
	return append(append(listener, "ApplicationData", data), more...)
}

// Whom somebody hears shows in the list, if the application says it.
func TestListenInsOfList(t *testing.T) {
	for _, test := range []struct {
		name  string
		spies [][]string
		want  string
	}{
		{name: "by name", spies: [][]string{spies("8", "ChanSpy", "PJSIP/15,q")}, want: "PJSIP/8 hears PJSIP/15"},
		{name: "by id", spies: [][]string{spies("8", "ChanSpy", "id-2,uq")}, want: "PJSIP/8 hears PJSIP/2"},
		{name: "in other letters", spies: [][]string{spies("8", "ChanSpy", "pjsip/2,q")}, want: "PJSIP/8 hears PJSIP/2"},
		{name: "by a prefix of many", spies: [][]string{spies("8", "ChanSpy", "PJSIP,q")}},
		{name: "who listens cannot be heard", spies: [][]string{spies("8", "ChanSpy", "PJSIP/1,q"), spies("18", "ChanSpy", "PJSIP/1,q")}, want: "PJSIP/18 hears PJSIP/15,PJSIP/8 hears PJSIP/15"},
		{name: "by extension", spies: [][]string{spies("8", "ExtenSpy", "300@main,q", "Context", "spies")}, want: "PJSIP/8 hears PJSIP/2"},
		{name: "by extension of its context", spies: [][]string{spies("8", "ExtenSpy", "300", "Context", "main")}, want: "PJSIP/8 hears PJSIP/2"},
		{name: "by extension of another context", spies: [][]string{spies("8", "ExtenSpy", "300", "Context", "spies")}},
		{name: "a beep", spies: [][]string{spies("8", "ChanSpy", "PJSIP/1,qEBW", "Context", "__func_periodic_hook_context__")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) {
					other := row("PJSIP/2", "id-2", "id-2", "Up", "2", "00:00:50", "")
					other[slices.Index(other, "Exten")+1] = "300"
					s.AnswerList("CoreShowChannels", append([][]string{row("PJSIP/15", "1", "1", "Up", "1", "00:00:50", ""), append(other, "Context", "main")}, test.spies...)...)
				})
				var got []string
				for _, l := range p.model.ListenIns() {
					got = append(got, l.Channel+" hears "+l.Target)
				}
				slices.Sort(got)
				if text := strings.Join(got, ","); text != test.want {
					t.Errorf("got %s, want %s", text, test.want)
				}
			})
		})
	}
}

// In a gap somebody has gone on to hear another.
func TestListenInGoesOnInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channels := func(data string) func(s *amitest.Server) {
			return func(s *amitest.Server) {
				s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""), row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", ""), spies("8", "ChanSpy", data))
			}
		}
		p := follow(t, channels("PJSIP/1,q"))
		sub := p.model.Subscribe(10, live.SpyStopped)
		defer sub.Close()
		p.gap(t, "", channels("PJSIP/1,q"))
		want(t, configured(t, sub))
		p.gap(t, "", channels("PJSIP/2,q"))
		want(t, configured(t, sub), "spy.stopped 1>100 PJSIP/8 hears PJSIP/1")
		if l := p.model.ListenIns(); len(l) != 1 || l[0].Target != "PJSIP/2" {
			t.Errorf("listen-ins %+v", l)
		}
	})
}

// What has ended and begun again in a gap under the same name is another one.
func TestBegunAgainInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lists := func(bridge, duration, space string) func(s *amitest.Server) {
			return func(s *amitest.Server) {
				s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", bridge), row("PJSIP/2", "2", "2", "Up", "2", "00:00:50", "lot"))
				s.AnswerList("BridgeList", rowsOf(t, "BridgeListItem BridgeUniqueid="+bridge+"\nBridgeListItem BridgeUniqueid=lot")...)
				s.AnswerList("ConfbridgeListRooms", rowsOf(t, "ConfbridgeListRooms Conference=7")...)
				s.AnswerList("ConfbridgeList", rowsOf(t, "ConfbridgeList Conference=7 ch=PJSIP/1 id=1")...)
				s.AnswerList("ParkedCalls", rowsOf(t, "ParkedCall ParkeeUniqueid=2 Parkinglot=default ParkingTimeout=45 ParkingDuration="+duration+" ParkingSpace="+space)...)
			}
		}
		p := follow(t, lists("b1", "10", "701"))
		p.play(t, "0 ConfbridgeRecord Conference=7")
		cut := func(answers func(s *amitest.Server)) {
			answers(p.Server)
			p.Drop()
			time.Sleep(100 * time.Second)
			synctest.Wait()
		}
		began := p.model.Conferences()[0].Since
		cut(lists("b1", "11", "701"))
		if c, k := p.model.Conferences()[0], p.model.Parked()[0]; !c.Recording || !c.Since.Equal(began) || k.Duration < 100*time.Second {
			t.Errorf("the same: conference %+v, parked %+v", c, k)
		}
		cut(lists("b2", "0", "702"))
		if c, k := p.model.Conferences()[0], p.model.Parked()[0]; c.Recording || c.Bridge != "b2" || c.Since.Equal(began) || k.Space != 702 || k.Duration > 101*time.Second || k.Timeout != 45*time.Second {
			t.Errorf("begun again: conference %+v, parked %+v", c, k)
		}
	})
}

// Somebody has stopped to listen after the list was made.
func TestListenInEndsBesideList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("CoreShowChannels", row("PJSIP/1", "1", "1", "Up", "1", "00:00:50", ""), spies("8", "ChanSpy", "PJSIP/1,q"))
		})
		p.gap(t, "0 ChanSpyStop SpyerUniqueid=8", func(*amitest.Server) {})
		if l := p.model.ListenIns(); len(l) != 0 {
			t.Errorf("listen-ins %+v", l)
		}
	})
}

// Asterisk's clock is not ours. Times are those of its clock, and so is how long something lasts.
func TestOtherClock(t *testing.T) {
	for _, ahead := range []time.Duration{time.Minute, -time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			p := follow(t, queueOf(t, "QueueParams q=a", "1"))
			sub := p.model.Subscribe(10, live.QueueLeft, live.ParkParked)
			defer sub.Close()
			tell := func(name, id string) {
				at := time.Now().Add(ahead)
				p.Emit(name, "Channel", "PJSIP/"+id, "Uniqueid", id, "Linkedid", id, "Queue", "a", "Timestamp", fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000))
				synctest.Wait()
			}
			tell("QueueCallerJoin", "1")
			p.gap(t, "", func(s *amitest.Server) {
				s.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1 Wait=0")...)
			})
			v := p.model.Waiting()
			if len(v) != 1 || v[0].Waited.Round(time.Second) != 5*time.Second || len(sub.C()) != 0 {
				t.Errorf("%v ahead: waiting %+v, told %d", ahead, v, len(sub.C()))
			}
			// Another one was there before, and is told of by the list alone.
			p.gap(t, "", queueOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1 Wait=5\nQueueEntry q=a Position=2 id=2 Wait=1", "1", "2"))
			tell("QueueCallerLeave", "2")
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if len(sub.C()) != 1 {
				t.Fatalf("told %d", len(sub.C()))
			}
			if q := (<-sub.C()).Queue; q.Waited < 4*time.Second || q.Waited > 7*time.Second {
				t.Errorf("%v ahead: waited %v", ahead, q.Waited)
			}
		})
	}
}

// Who has left a queue shortly before the link was cut, and has come again at once.
func TestComeAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
		p.play(t, "0 QueueCallerJoin ch=PJSIP/1 id=1 link=1 q=a pos=1\n0 QueueCallerLeave ch=PJSIP/1 id=1 link=1 q=a")
		p.AnswerList("QueueStatus", rowsOf(t, "QueueParams q=a\nQueueEntry q=a Position=1 id=1 Wait=0")...)
		p.Drop()
		time.Sleep(time.Second)
		synctest.Wait()
		if v := p.model.Waiting(); len(v) != 1 {
			t.Errorf("waiting %+v", v)
		}
	})
}

// In a gap a member has ended a talk, whose caller goes on elsewhere, and begun another one.
func TestOtherTalkInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members := func(rest string) func(s *amitest.Server) {
			return queueOf(t, "QueueParams q=a\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=2 InCall=1 "+rest, "1", "2")
		}
		p := follow(t, members("CallsTaken=1 LastCall=0"))
		sub := p.model.Subscribe(10, live.AgentCompleted)
		defer sub.Close()
		time.Sleep(10 * time.Second)
		p.play(t, "0 AgentConnect ch=PJSIP/1 id=1 link=1 q=a MemberName=Ann Interface=PJSIP/9")
		before := strconv.FormatInt(time.Now().Add(-5*time.Second).Unix(), 10)
		later := strconv.FormatInt(time.Now().Add(time.Second).Unix(), 10)
		p.gap(t, "", members("CallsTaken=2 LastCall="+before)) // told late of the one before
		p.gap(t, "", members("CallsTaken=2 LastCall="+later))  // by Asterisk's clock
		if len(sub.C()) != 0 {
			t.Errorf("the talk was ended")
		}
		p.gap(t, "", members("CallsTaken=3 LastCall="+later))
		if a := p.model.Agents()[0]; len(sub.C()) != 1 || a.CallID != "" || a.State != live.Talking || !p.model.Queues()[0].Members[0].InCall {
			t.Errorf("%d talks ended; agent %+v", len(sub.C()), a)
		}
	})
}
