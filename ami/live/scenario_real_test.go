package live_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealScenarios plays the scenarios on the real Asterisks.
func TestRealScenarios(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		d := &desk{ctx: ctx, pbx: start(scenarioConfig())}
		log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
		d.model = live.New(live.Options{Server: "pbx1", Logger: log})
		d.sub = d.model.Subscribe(10_000, append(allEvents(), "UserEvent", "ConfbridgeJoin", "ConfbridgeMute", "MixMonitorStart", "MusicOnHoldStart")...)
		tape := new(tape)
		d.client = ami.New(ami.Options{
			Name: "pbx1", Addr: d.pbx.AMI, Username: d.pbx.AMIUser, Secret: d.pbx.AMISecret, Logger: log,
			Handler: func(e ami.Event) { tape.write(e); d.model.Handle(e) }, OnState: d.model.HandleState,
		})
		running, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { d.client.Run(running) })
		wg.Go(func() { d.model.Follow(running, d.client) })
		t.Cleanup(func() { stop(); wg.Wait(); d.sub.Close() })
		d.t = t
		d.await(live.ServerSynced)
		for _, s := range scenarios {
			if s.only != "" && s.only != v.Name {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				d.t, d.seen = t, nil
				tape.rewind()
				s.play(d)
				d.settle()
				s.compare(t, d.seen)
				checkEmpty(t, d.model)
				if *record {
					tape.save(t, transcript(s.name, v))
				}
			})
		}
	})
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

// until lets events come until something holds. When it never does, what follows fails.
func (d *desk) until(holds func() bool) {
	d.t.Helper()
	limit := time.Now().Add(10 * time.Second)
	for d.fence(); !holds() && time.Now().Before(limit); d.fence() {
		time.Sleep(10 * time.Millisecond) // between two questions
	}
}

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
