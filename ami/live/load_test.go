package live_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/apart"
)

const (
	loadEvents = 200_000
	loadRate   = 20_000 // a second
)

// serveLoad is a manager, in a process of its own. It lets anybody in and sends real
// events at the rate of loadRate.
func serveLoad(conn net.Conn) error {
	events, err := apart.Events("testdata/queue-and-spy.ami")
	if err != nil {
		return err
	}
	fmt.Fprint(conn, "Asterisk Call Manager/11.0.0\r\n")
	m, err := ami.NewReader(conn).ReadMessage()
	if err != nil {
		return err
	}
	fmt.Fprint(conn, "Response: Success\r\nActionID: "+m.Get("ActionID")+"\r\n\r\n")
	if err := apart.Pace(conn, events, loadEvents, loadRate); err != nil {
		return err
	}
	fmt.Fprint(conn, "Event: EndOfLoad\r\n\r\n")
	conn.Read(make([]byte, 1000)) // the logoff
	return nil
}

// BenchmarkLoad reads 20,000 real events a second over TCP into a model, of which rules take
// all derived events. What counts is the time of one core that this takes.
func BenchmarkLoad(b *testing.B) {
	addr := apart.Start(b)
	for _, who := range []string{"client", "model", "model and rules"} {
		b.Run(who, func(b *testing.B) {
			var used, wall time.Duration
			for b.Loop() {
				cpu, took := readLoad(b, addr, who)
				used, wall = used+cpu, wall+took
			}
			b.ReportMetric(used.Seconds()/float64(b.N)/loadEvents*200_000, "cpu-s/200k")
			b.ReportMetric(100*used.Seconds()/wall.Seconds(), "%core")
			b.ReportMetric(float64(b.N)*loadEvents/wall.Seconds(), "events/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// readLoad takes the load once, and returns the time of the processor and that of the clock.
func readLoad(b *testing.B, addr, who string) (used, wall time.Duration) {
	m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}})
	if who == "model and rules" {
		sub := m.Subscribe(1000)
		defer sub.Close()
		go func() {
			for range sub.C() {
			}
		}()
	}
	last, events := make(chan struct{}), 0
	c := ami.New(ami.Options{Addr: addr, Username: "load", PlainLogin: true, PingInterval: time.Hour, Handler: func(e ami.Event) {
		if who != "client" {
			m.Handle(e)
		}
		if events++; e.Name() == "EndOfLoad" {
			close(last)
		}
	}})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	start, before := time.Now(), processorTime(b)
	go func() { done <- c.Run(ctx) }()
	<-last
	used, wall = processorTime(b)-before, time.Since(start)
	stop()
	<-done
	if events != loadEvents+1 {
		b.Fatalf("%d events of %d", events, loadEvents+1)
	}
	return used, wall
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A subscriber that takes 1 ms for an event costs neither the link nor the model anything,
// at ten times as many events: what it loses is counted, and marked where it is missing.
func TestSlowSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sent = 60_000 // in six seconds
		p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
		s := p.model.Subscribe(1000, "DTMFEnd")
		var taken, marked, next uint64
		done := make(chan struct{})
		go func() {
			defer close(done)
			for e := range s.C() {
				if e.Name == live.EventsLost {
					marked += e.Lost
					next += e.Lost
					continue
				}
				if got := e.Raw.Get("N"); got != strconv.FormatUint(next, 10) {
					t.Errorf("event %s where %d is due", got, next)
				}
				taken++
				next++
				time.Sleep(time.Millisecond)
			}
		}()
		for i := range sent {
			p.Emit("DTMFEnd", "N", strconv.Itoa(i))
			p.Emit("Newexten", "Channel", "PJSIP/1", "Uniqueid", "1", "Linkedid", "1", "Application", "Wait", "AppData", strconv.Itoa(i))
			if i%100 == 99 {
				time.Sleep(10 * time.Millisecond)
			}
		}
		synctest.Wait()
		if ch := p.model.Channels()[0]; ch.AppData != strconv.Itoa(sent-1) || p.model.Server().Gaps != 0 {
			t.Errorf("the model is behind: %+v; %+v", ch, p.model.Server())
		}
		s.Close()
		<-done
		if taken+s.Lost() != sent || marked != s.Lost() || marked < sent/2 {
			t.Errorf("taken %d and lost %d of %d; %d are marked", taken, s.Lost(), sent, marked)
		}
	})
}
