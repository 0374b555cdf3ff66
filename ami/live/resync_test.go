package live_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

func TestAdopt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.AnswerList("CoreShowChannels",
				row("PJSIP/100-2", "1.2", "1.1", "Up", "100", "00:00:50", "b1"),
				row("PJSIP/carrier-1", "1.1", "1.1", "Up", "079", "00:01:00", "b1"),
				row("PJSIP/carrier-3", "1.3", "1.3", "Up", "078", "00:00:30", ""))
			s.AnswerList("QueueStatus",
				[]string{"Event", "QueueParams", "Queue", "support"},
				[]string{"Event", "QueueEntry", "Queue", "support", "Position", "1", "Channel", "PJSIP/carrier-3", "Uniqueid", "1.3", "Wait", "20"})
		})
		if diff := cmp.Diff(drain(t, p.sub), []string{"server.connected", "server.synced"}); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		calls, waiting := p.model.Calls(), p.model.Waiting()
		if len(calls) != 2 || len(waiting) != 1 {
			t.Fatalf("%+v %+v", calls, waiting)
		}
		if c := calls[0]; c.Channel != "PJSIP/carrier-1" || c.Direction != live.In || !c.Answered || c.Duration != time.Minute || c.Legs != 2 || c.Caller.Num != "079" {
			t.Errorf("adopted call %+v", c)
		}
		if c := calls[1]; c.Answered {
			t.Errorf("a waiting caller is answered: %+v", c)
		}
		if q := waiting[0]; q.Waited != 20*time.Second || q.Name != "support" {
			t.Errorf("adopted visit %+v", q)
		}
		p.play(t, `
			0 HangupRequest ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078
			0 QueueCallerAbandon ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 q=support
			0 QueueCallerLeave ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 q=support
			0 Hangup ch=PJSIP/carrier-3 id=1.3 link=1.3 num=078 cause=16 txt=Normal_Clearing`)
		want := []string{
			"queue.abandoned 1.3 078>100 in [support 1 abandoned 20s]", "queue.left 1.3 078>100 in [support 1 abandoned 20s]",
			`call.ended 1.3 078>100 in "Normal Clearing" lasted 30s`,
		}
		if diff := cmp.Diff(drain(t, p.sub), want); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
	})
}

func TestGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, nil)
		p.play(t, `
			0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=079 exten=100
			0 QueueCallerJoin ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Up num=079 q=support pos=1
			0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=078 exten=100`)
		drain(t, p.sub)
		p.AnswerList("CoreShowChannels", row("PJSIP/carrier-2", "1.2", "1.2", "Up", "078", "00:00:01", "b"), row("PJSIP/100-3", "1.3", "1.2", "Up", "", "00:00:01", "b"))
		p.Drop()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		want := []string{
			`server.disconnected "ami: read: EOF"`, "server.connected",
			"queue.left 1.1 079>100 in [support 1 unknown gap 1s]", `call.ended 1.1 079>100 in "gap" lasted 1s`,
			"call.answered 1.2 078>100 in answered", "server.synced",
		}
		got := drain(t, p.sub)
		for i := range got { // the wait for the reconnect has jitter
			got[i] = strings.NewReplacer("gap 0s", "gap 1s").Replace(got[i])
			if at := strings.Index(got[i], `"gap" lasted`); at > 0 {
				got[i] = got[i][:at] + `"gap" lasted 1s`
			}
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		if calls := p.model.Calls(); len(calls) != 1 || calls[0].Legs != 2 {
			t.Errorf("calls %+v", calls)
		}
	})
}

// A restart shows in CoreStatus, or sooner in FullyBooted; it is told once.
func TestRestarted(t *testing.T) {
	for _, booted := range []bool{false, true} {
		t.Run(fmt.Sprintf("FullyBooted=%v", booted), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, nil)
				p.play(t, "0 FullyBooted Uptime=1000")
				p.play(t, "0 Newchannel ch=PJSIP/carrier-1 id=1.1 link=1.1 state=Ring num=079 exten=100")
				p.Drop()
				time.Sleep(2 * time.Second)
				p.play(t, "0 FullyBooted Uptime=1002") // the same process
				drain(t, p.sub)
				p.AnswerList("CoreShowChannels", row("PJSIP/carrier-1", "1.1", "1.1", "Ring", "079", "00:00:01", ""))

				p.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:30:00")
				p.AnswerList("CoreShowChannels")
				if booted {
					p.Respond("CoreStatus", nil) // refused: the user may not
				}
				// The first reconnect ended the call already: its list was empty.
				p.play(t, "0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=079 exten=100")
				drain(t, p.sub)
				p.Drop()
				if booted {
					p.Respond("CoreShowChannels", func(ami.Message) [][]string {
						return append([][]string{{"Event", "FullyBooted", "ActionID", "", "Uptime", "1"}}, amitest.List("CoreShowChannels")...)
					})
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				var names []string
				for _, l := range drain(t, p.sub) {
					name, _, _ := strings.Cut(l, " ")
					names = append(names, name)
				}
				want := []string{"server.disconnected", "server.connected", "server.restarted", "call.ended", "server.synced"}
				if diff := cmp.Diff(names, want); diff != "" {
					t.Errorf("got -, want +\n%s", diff)
				}
			})
		})
	}
}

// A user without the right to CoreStatus, on a server without queues.
func TestResyncWithFewRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Respond("CoreStatus", nil)
			s.Respond("QueueStatus", nil)
			s.AnswerList("CoreShowChannels", row("PJSIP/carrier-1", "1.1", "1.1", "Ring", "079", "00:00:01", ""))
		})
		if len(p.model.Calls()) != 1 {
			t.Error("not adopted")
		}
	})
}

// Without the channels there is no picture; it is tried again.
func TestResyncRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { s.Respond("CoreShowChannels", nil) })
		if got := drain(t, p.sub); !cmp.Equal(got, []string{"server.connected"}) {
			t.Errorf("got %v", got)
		}
		p.AnswerList("CoreShowChannels")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := drain(t, p.sub); !cmp.Equal(got, []string{"server.synced"}) {
			t.Errorf("got %v", got)
		}
	})
}

// A user who may not ask for the channels is told what is missing, and not every second.
func TestResyncRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := follow(t, func(s *amitest.Server) {
			s.Answer("CoreShowChannels", "Response", "Error", "Message", "Permission denied")
		})
		m := live.New(live.Options{Server: "pbx1", Logger: hclog.New(&hclog.LoggerOptions{Output: &log})})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); m.Follow(ctx, p.client) }()
		m.HandleState(ami.Connected, nil)
		time.Sleep(10 * time.Minute)
		stop()
		<-done
		if n := strings.Count(log.String(), "add reporting to write= of the user in manager.conf"); n < 10 || n > 20 {
			t.Errorf("told %d times in ten minutes what the user lacks:\n%s", n, log.String())
		}
	})
}

// Events that come between the question and the lists: of channels in the list, of
// channels not in it, of a channel that the list still holds and that is gone.
func TestEventsDuringResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) {
			s.Respond("CoreShowChannels", func(ami.Message) [][]string {
				for _, e := range script(t, `
					0 DialEnd ch=PJSIP/carrier-1 id=1.1 link=1.1 num=079 dest=PJSIP/100-2 status=ANSWER
					0 Newchannel ch=PJSIP/carrier-2 id=1.2 link=1.2 state=Ring num=078 exten=100
					0 Hangup ch=PJSIP/carrier-3 id=1.3 link=1.3 num=077 txt=x
					0 Newchannel ch=PJSIP/carrier-4 id=1.4 link=1.4 state=Ring num=076 exten=100
					0 Hangup ch=PJSIP/carrier-4 id=1.4 link=1.4 num=076 txt=x`) {
					s.EmitEvent(e)
				}
				time.Sleep(time.Second) // let them be handled first
				return amitest.List("CoreShowChannels",
					row("PJSIP/carrier-1", "1.1", "1.1", "Up", "079", "00:00:10", ""),
					row("PJSIP/carrier-3", "1.3", "1.3", "Up", "077", "00:00:10", ""),
					row("PJSIP/carrier-4", "1.4", "1.4", "Up", "076", "00:00:10", ""))
			})
		})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		var got []string
		for _, c := range p.model.Calls() {
			got = append(got, fmt.Sprint(c.Linkedid, " ", c.Answered))
		}
		slices.Sort(got)
		if want := []string{"1.1 true", "1.2 false"}; !cmp.Equal(got, want) {
			t.Errorf("calls %v, want %v", got, want)
		}
	})
}
