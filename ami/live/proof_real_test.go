package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

const (
	proofCalls = 200 // that last at the same time
	proofDeeds = 150 // in a phase
	rest       = 1500 * time.Millisecond
)

// TestRealProof lets two hundred calls do at random what calls do, cuts the link, restarts
// Asterisk, and holds the picture against Asterisk's own lists, and what was told against
// what another session saw, which is never cut. PBXFLOW_PROOF_SEEDS says how often,
// PBXFLOW_PROOF_FIRST which seed is the first.
func TestRealProof(t *testing.T) {
	s := os.Getenv("PBXFLOW_PROOF_SEEDS")
	if s == "" {
		t.Skip("it still finds rare faults: set PBXFLOW_PROOF_SEEDS=1 to look for them")
	}
	seeds, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	first := uint64(1)
	if s := os.Getenv("PBXFLOW_PROOF_FIRST"); s != "" {
		var err error
		if first, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		pbx := start(proofConfig())
		for i := range uint64(seeds) {
			t.Run(fmt.Sprint("seed ", first+i), func(t *testing.T) { prove(t, pbx, first+i) })
		}
	})
}

// proof is one run.
type proof struct {
	*driver
	pbx     *asterisktest.Instance
	model   *live.Model
	link    cutter   // of the model's session
	heard   *witness // what the model's session brings
	told    []live.Event
	ends    []live.Outage // restarts: from the end of Asterisk until it was there again
	telling sync.WaitGroup
	fences  int
	stop    func() // ends the sessions; all has been told then
	synced  atomic.Bool
}

func prove(t *testing.T, pbx *asterisktest.Instance, seed uint64) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	p := &proof{pbx: pbx, heard: newWitness()}
	p.driver = &driver{t: t, ctx: ctx, rng: rand.New(rand.NewPCG(seed, 1)), witness: newWitness(), newer: pbx.Version.Name != "16"}
	p.connect()
	for i := range proofPhones {
		phone := newSIPPhone(t, pbx.SIP, fmt.Sprint("phone", i))
		phone.limit = 2 * time.Second
		p.phones = append(p.phones, &proofPhone{sipPhone: phone})
	}
	defer func() { p.stop(); p.keep() }()
	p.staff()
	for range proofCalls {
		p.call()
	}
	for phase := range 5 {
		p.phase(phase)
	}
	p.finish()
}

// connect starts three sessions: of the model, of the witness, and of the driver.
func (p *proof) connect() {
	running, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	options := func(name string) ami.Options {
		return ami.Options{
			Name: name, Addr: p.pbx.AMI, Username: p.pbx.AMIUser, Secret: p.pbx.AMISecret,
			Backoff: func() backoff.BackOff { return backoff.NewConstantBackOff(50 * time.Millisecond) },
		}
	}
	log := hclog.New(&hclog.LoggerOptions{Output: p.t.Output()})
	p.model = live.New(live.Options{Server: "pbx1", Trunks: []string{"Local/briefly@*"}, Logger: log})
	sub := p.model.Subscribe(1_000_000)
	p.telling.Go(func() {
		for e := range sub.C() {
			p.told = append(p.told, e)
			switch e.Name {
			case live.ServerConnected, live.ServerDisconnected:
				p.synced.Store(false)
			case live.ServerSynced:
				p.heard.see(ami.NewEvent("Synced", "Timestamp", timestamp(e.Time)))
				p.synced.Store(true)
			}
		}
	})
	o := options("pbx1")
	o.Dial = p.link.dial
	o.OnState = func(state ami.State, err error) {
		p.model.HandleState(state, err)
		p.heard.see(ami.NewEvent("Link", "State", state.String(), "Timestamp", timestamp(time.Now())))
	}
	o.Handler = func(e ami.Event) { p.model.Handle(e); p.heard.see(e) }
	followed := ami.New(o)
	o = options("witness")
	o.Handler = p.witness.see
	watching := ami.New(o)
	o = options("driver")
	o.Events = "off"
	p.client = ami.New(o)
	wg.Go(func() { followed.Run(running) })
	wg.Go(func() { p.model.Follow(running, followed) })
	wg.Go(func() { watching.Run(running) })
	wg.Go(func() { p.client.Run(running) })
	p.stop = sync.OnceFunc(func() {
		p.link.mend()
		stop()
		wg.Wait()
		if n := sub.Lost(); n > 0 {
			p.t.Errorf("%d derived events lost", n)
		}
		sub.Close()
		p.telling.Wait()
	})
	p.t.Cleanup(p.stop)
	for !watching.Connected() || !p.client.Connected() {
		time.Sleep(10 * time.Millisecond) // between two questions
	}
	p.awaitSync()
}

// timestamp writes a time as Asterisk does.
func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// awaitSync blocks until the model has the whole picture.
func (p *proof) awaitSync() {
	p.t.Helper()
	limit := time.Now().Add(time.Minute)
	for !p.synced.Load() {
		if time.Now().After(limit) {
			p.t.Fatalf("not synced within a minute: %+v", p.model.Server())
		}
		time.Sleep(10 * time.Millisecond) // between two questions
	}
}

// phase lets things happen, with two cuts of the link, and compares when they have come to
// rest. In two phases Asterisk is restarted as well.
func (p *proof) phase(n int) {
	began := time.Now()
	cuts := []int{p.rng.IntN(proofDeeds / 2), proofDeeds/2 + p.rng.IntN(proofDeeds/2)}
	mends := []int{cuts[0] + 1 + p.rng.IntN(20), cuts[1] + 1 + p.rng.IntN(20)}
	restart := -1
	if n == 2 || n == 3 {
		restart = p.rng.IntN(proofDeeds)
	}
	for i := range proofDeeds {
		for j := range cuts {
			if i == cuts[j] {
				p.link.cut(p.rng.IntN(2) * p.rng.IntN(300_000))
			}
			if i == mends[j] {
				p.link.mend()
			}
		}
		if i == restart {
			p.restart(n == 2)
		}
		p.step()
		p.pace()
	}
	p.link.mend()
	p.link.calm()
	acted := time.Since(began)
	p.freeze()
	p.t.Logf("phase %d: acted for %v, frozen after %v: %d channels, %d events", n, acted, time.Since(began), len(p.witness.channels(false)), p.witness.count())
	p.compare(n)
}

// pace lets the witness see something happen, if something does.
func (p *proof) pace() {
	seen := p.witness.count()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Millisecond)
	defer cancel()
	// Nothing may happen.
	_ = p.witness.until(ctx, func() bool { return len(p.witness.events) >= seen+20 })
}

// keep writes what both sessions brought into the folder PBXFLOW_PROOF_KEEP, to find a
// fault by it.
func (p *proof) keep() {
	dir := os.Getenv("PBXFLOW_PROOF_KEEP")
	if dir == "" {
		return
	}
	var told strings.Builder
	for _, e := range p.told {
		fmt.Fprintf(&told, "%s %s", timestamp(e.Time), tell(e))
		if e.Call != nil {
			fmt.Fprintf(&told, " %s %s", e.Call.Linkedid, e.Call.Reason)
		}
		told.WriteString("\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "told"), []byte(told.String()), 0o644); err != nil {
		p.t.Error(err)
	}
	for name, w := range map[string]*witness{"witness": p.witness, "heard": p.heard} {
		var b strings.Builder
		for _, e := range w.all() {
			b.WriteString(e.String() + "\n")
		}
		name = fmt.Sprintf("%s-%s.ami", strings.ReplaceAll(p.t.Name(), "/", "-"), name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o644); err != nil {
			p.t.Error(err)
		}
	}
}

// freeze blocks until nothing happens any more.
func (p *proof) freeze() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := p.witness.quiet(ctx, rest); err != nil {
		events := p.witness.all()
		var last []string
		for _, e := range events[max(0, len(events)-60):] {
			last = append(last, e.Name()+" "+e.Get("Channel")+" "+e.Get("Queue")+" "+e.Get("Device"))
		}
		p.t.Fatalf("%v: %s", err, strings.Join(last, "\n"))
	}
	p.fence()
}

// fence blocks until both sessions have brought all that Asterisk told before.
func (p *proof) fence() {
	p.t.Helper()
	p.fences++
	name := strconv.Itoa(p.fences)
	for range 10 {
		p.do("UserEvent", "UserEvent", "fence", "Fence", name)
		if p.fenced(p.witness, name) && p.fenced(p.heard, name) {
			p.awaitSync()
			return
		}
		p.awaitSync() // the link broke
	}
	p.t.Fatal("no answer within a minute")
}

func (p *proof) fenced(w *witness, name string) bool {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	return w.until(ctx, func() bool { return w.fences[name] }) == nil
}

// compare holds the picture against Asterisk's own lists. What happens while they are read
// makes it try again.
func (p *proof) compare(phase int) {
	p.t.Helper()
	for range 20 {
		before := p.witness.count()
		p.fence()
		lists, err := readLists(p.ctx, p.client)
		if err != nil {
			p.t.Fatal(err)
		}
		p.fence()
		picture := pictured(p.model.Snapshot())
		if p.witness.count() != before {
			continue
		}
		diff := differ(lists.lines, picture.lines)
		diff = slices.DeleteFunc(diff, p.witness.misled(diff, p.heard.unsure))
		diff = slices.DeleteFunc(diff, func(line string) bool {
			return slices.ContainsFunc(lists.torn, func(torn string) bool { return strings.HasPrefix(line, torn) })
		})
		if len(diff) > 0 {
			p.t.Errorf("phase %d: the lists and the model differ:\n%s", phase, strings.Join(diff, "\n"))
		}
		for _, line := range lists.late(picture) {
			if name := strings.Fields(line)[1]; p.witness.masked(name) {
				continue // the list tells the age of what took its place
			}
			p.t.Errorf("phase %d: %s", phase, line)
		}
		return
	}
	p.t.Errorf("phase %d: the scene does not stand still", phase)
}

// restart ends Asterisk, at once or in order, and boots it again.
func (p *proof) restart(kill bool) {
	p.t.Helper()
	from := time.Now().Add(-time.Second / 2) // the last words need not reach both sessions
	p.witness.mu.Lock()
	booted := p.witness.booted
	p.witness.mu.Unlock()
	if kill {
		p.pbx.Kill()
	}
	if err := p.pbx.Restart(p.ctx); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := p.witness.until(ctx, func() bool { return p.witness.booted > booted }); err != nil {
		p.t.Fatal("no word of Asterisk after its start")
	}
	for !p.client.Connected() {
		time.Sleep(10 * time.Millisecond) // between two questions
	}
	p.ends = append(p.ends, live.Outage{From: from, To: time.Now()})
	for _, phone := range p.phones {
		phone.forget()
	}
	p.staff()
	for range proofCalls {
		p.call()
	}
}

// finish ends all calls, and wants nothing left, and the right things told.
func (p *proof) finish() {
	p.t.Helper()
	for range 3 { // a call may begin another
		for _, name := range p.witness.channels(false) {
			p.do("Hangup", "Channel", name)
		}
	}
	if err := p.pbx.WaitIdle(p.ctx); err != nil {
		p.t.Fatal(err)
	}
	p.freeze()
	p.compare(9)
	for i := range proofAgents + proofLazy {
		p.do("QueuePause", "Interface", member(i), "Paused", "false")
		for _, queue := range proofQueues {
			p.do("QueueRemove", "Queue", queue, "Interface", member(i))
		}
	}
	p.freeze()
	checkEmpty(p.t, p.model)
	p.stop()
	p.checkStories()
}
