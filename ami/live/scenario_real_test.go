package live_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// newDesk returns a desk at a real Asterisk, with a model that is synced.
func newDesk(t *testing.T, pbx *asterisktest.Instance, tape *tape) *desk {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	d := &desk{t: t, ctx: ctx, pbx: pbx}
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	d.model = live.New(live.Options{Server: "pbx1", Logger: log})
	d.sub = d.model.Subscribe(10_000, append(allEvents(), "UserEvent", "ConfbridgeJoin", "ConfbridgeMute", "MixMonitorStart")...)
	d.client = ami.New(ami.Options{
		Name: "pbx1", Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Logger: log,
		Handler: func(e ami.Event) { tape.write(e); d.model.Handle(e); d.changed.ring() }, OnState: d.model.HandleState,
	})
	d.connect()
	t.Cleanup(func() { d.disconnect(); d.sub.Close(); cancel() })
	return d
}

// connect brings the session up, and waits until the model is synced.
func (d *desk) connect() {
	d.t.Helper()
	running, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { d.client.Run(running) })
	wg.Go(func() { d.model.Follow(running, d.client) })
	d.disconnect = func() { stop(); wg.Wait() }
	d.await(live.ServerSynced)
}

// TestRealScenarios plays the scenarios on the real Asterisks.
func TestRealScenarios(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		tape := new(tape)
		d := newDesk(t, start(scenarioConfig()), tape)
		for _, s := range slices.Concat(scenarios, queueScenarios) {
			if s.only != "" && s.only != v.Name {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				d.t, d.seen = t, nil
				tape.rewind()
				s.play(d)
				d.settle()
				s.compareReal(t, d.seen)
				checkEmpty(t, d.model)
				if *record {
					tape.save(t, transcript(s.name, v))
				}
			})
		}
		t.Run("gap", func(t *testing.T) { d.t, d.seen = t, nil; playGap(d) })
		t.Run("reload", func(t *testing.T) {
			d.t = t
			if out, err := d.pbx.Console(d.ctx, "module reload app_queue.so"); err != nil {
				t.Fatalf("%s: %v", out, err)
			}
			d.await(live.ServerSynced)
		})
		d.t = t
	})
}

// playGap lets things happen while the link is down.
func playGap(d *desk) {
	ann, lazy := "Local/agent@phones/n", "Local/lazy@phones/n"
	d.do("QueueAdd", "Queue", "support", "Interface", ann, "MemberName", "Ann")
	d.do("QueueAdd", "Queue", "support", "Interface", lazy, "MemberName", "Lazy", "Paused", "true")
	d.call("caller", "park")
	parked := d.await(live.ParkParked).Park.Channel
	stays := d.call("caller", "dial")
	d.await(live.CallAnswered)
	d.call("caller", "conf")
	d.await("ConfbridgeJoin")
	d.fence()
	d.disconnect()

	for _, command := range []string{
		"queue pause member " + ann + " queue support reason lunch", "queue remove member " + lazy + " from support",
		"devstate change Custom:night INUSE", "channel request hangup " + parked,
	} {
		if out, err := d.pbx.Console(d.ctx, command); err != nil {
			d.t.Fatalf("%s: %v", out, err)
		}
	}
	d.call("caller", "conf")
	d.call("caller", "park")
	d.parkedBeside(parked)

	d.seen = nil
	d.connect()
	var got []string
	for _, e := range d.seen {
		switch e.Name {
		case live.CallEnded:
			got = append(got, e.Name+" "+e.Call.Dialed+" "+e.Call.Reason)
		case live.DeviceChanged:
			if strings.HasPrefix(e.Device.Name, "Custom:") {
				got = append(got, e.Name+" "+e.Device.State)
			}
		case live.ServerSynced:
			if e.Peer.Gap <= 0 || e.Peer.Gaps != 1 || len(e.Peer.Unknown) > 0 {
				d.t.Errorf("synced with %+v", e.Peer)
			}
			fallthrough
		default:
			got = append(got, e.Name)
		}
	}
	want(d.t, got, live.ServerDisconnected, live.ServerConnected, "call.ended caller gap", live.AgentPaused, live.AgentRemoved, "device.changed INUSE", live.ServerSynced)
	d.fence()
	d.late()
	if c := d.model.Coverage(time.Now().Add(-time.Second)); len(d.model.Calls()) != 4 || c.Share > 1 {
		d.t.Errorf("coverage %+v, calls %+v", c, d.model.Calls())
	}
	for _, c := range d.model.Calls() {
		if c.Linkedid == stays && !c.Answered {
			d.t.Errorf("the call that stays was answered: %+v", c)
		}
	}
	d.do("QueueRemove", "Queue", "support", "Interface", ann)
	d.settle()
	checkEmpty(d.t, d.model)
}

func allEvents() (names []string) {
	for _, e := range live.Events {
		names = append(names, e.Name)
	}
	return names
}

// settle hangs all channels up and waits for the last event.
func (d *desk) settle() {
	d.t.Helper()
	for _, ch := range d.model.Channels() {
		// It may be gone by now.
		_, _ = d.client.Do(d.ctx, ami.Action{Name: "Hangup"}.With("Channel", ch.Name))
	}
	if err := d.pbx.WaitIdle(d.ctx); err != nil {
		d.t.Fatal(err)
	}
	// Bridges, devices and agents come to rest a little later, on threads of their own.
	d.until(func() bool { return len(leftOver(d.model.Snapshot())) == 0 })
}

// parkedBeside waits, with no session, until Asterisk has parked another channel.
func (d *desk) parkedBeside(channel string) {
	d.t.Helper()
	for {
		out, err := d.pbx.Console(d.ctx, "parking show default")
		if err != nil {
			d.t.Fatalf("%s: %v", out, err)
		}
		for line := range strings.Lines(out) {
			if strings.Contains(line, "Local/caller@") && !strings.Contains(line, channel) {
				return
			}
		}
	}
}

// until lets events come until something holds.
func (d *desk) until(holds func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
	defer cancel()
	d.fence()
	if err := d.changed.until(ctx, holds); err != nil {
		d.t.Errorf("it does not come to be within a minute: %+v", d.model.Snapshot())
	}
	d.fence()
}

// talk waits until so many pairs of channels are bridged.
func (d *desk) talk(pairs int) {
	d.t.Helper()
	d.until(func() bool {
		n := 0
		for _, b := range d.model.Bridges() {
			if len(b.Channels) == 2 {
				n++
			}
		}
		return n == pairs
	})
}

// press has the far end of a Local channel press keys.
func (d *desk) press(channel, keys string) {
	d.t.Helper()
	d.do("Redirect", "Channel", farEnd(d.channel(channel).Name), "Context", "main", "Exten", "keys"+keys, "Priority", "1")
}

// hangup lets the far end of a Local channel hang up.
func (d *desk) hangup(channel string) {
	d.t.Helper()
	d.do("Hangup", "Channel", farEnd(channel))
}

// farEnd returns the other half of a Local channel.
func farEnd(channel string) string { return strings.TrimSuffix(channel, ";1") + ";2" }

// fence waits until all that Asterisk told before has come.
func (d *desk) fence() {
	d.t.Helper()
	d.do("UserEvent", "UserEvent", "fence")
	limit := time.After(time.Minute)
	for {
		select {
		case e := <-d.sub.C():
			if e.Name == "UserEvent" {
				return
			}
			d.see(e)
		case <-limit:
			d.t.Fatal("no answer within a minute")
		}
	}
}

// tape keeps what Asterisk tells.
type tape struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// noise are events and variables that say nothing to the model.
var noise = map[string]bool{
	"TestEvent": true, "RTCPSent": true, "RTCPReceived": true, "LocalBridge": true, "SuccessfulAuth": true, "DTMFBegin": true, "DTMFEnd": true,
	"UserEvent": true, "ChallengeSent": true, "SoftHangupRequest": true, "OriginateResponse": true,
}

func (p *tape) write(e ami.Event) {
	if noise[e.Name()] || e.Name() == "VarSet" && !strings.Contains("QUEUESTATUS ABANDONED MIXMONITOR_FILENAME", e.Get("Variable")) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.WriteString(strings.ReplaceAll(e.String(), "\n", "\r\n") + "\r\n")
}

func (p *tape) rewind() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text.Reset()
}

func (p *tape) save(t *testing.T, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := os.WriteFile(name, p.text.Bytes(), 0o644); err != nil {
		t.Error(err)
	}
}
