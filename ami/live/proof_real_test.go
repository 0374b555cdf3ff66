package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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

// TestRealProof lets two hundred calls do at random what calls do, cuts the link ten times,
// restarts Asterisk twice, and holds the picture against Asterisk's own lists, and what was
// told against what another session saw, which is never cut. What happens is another each
// time. PBXFLOW_PROOF_FIRST names the seed of what is to happen (as nearly as can be, as
// Asterisk has its own will), PBXFLOW_PROOF_SEEDS says how many are tried from there on, and
// PBXFLOW_PROOF_KEEP names a folder for what the sessions brought, to find a fault by.
func TestRealProof(t *testing.T) {
	first, seeds := setting(t, "PBXFLOW_PROOF_FIRST", rand.Uint64N(1_000_000)), setting(t, "PBXFLOW_PROOF_SEEDS", 1)
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		failures := tellLast(t)
		pbx := start(proofConfig())
		for seed := first; seed < first+seeds; seed++ {
			if seed > first { // whatever became of the one before
				if err := pbx.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				defer func() {
					if t.Failed() {
						failures.add(fmt.Sprintf("again: PBXFLOW_PROOF_FIRST=%d PBXFLOW_REQUIRE_ASTERISK=1 go test -race -run 'TestRealProof/asterisk-%s' ./ami/live", seed, v.Name))
					}
				}()
				prove(outspoken{t, failures}, pbx, seed)
			})
		}
	})
}

// setting returns a number of the environment.
func setting(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
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
	changed bell // rung when a session comes or goes, or the model is synced
}

func prove(t testing.TB, pbx *asterisktest.Instance, seed uint64) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	p := &proof{pbx: pbx, heard: newWitness()}
	p.driver = &driver{t: t, ctx: ctx, rng: rand.New(rand.NewPCG(seed, 1)), witness: newWitness(), newer: pbx.Version.Name != "16"}
	p.driver.regain = p.regain
	p.connect()
	for i := range proofPhones {
		phone := newSIPPhone(t, pbx.SIP, fmt.Sprint("phone", i))
		phone.limit = 2 * time.Second
		p.phones = append(p.phones, &proofPhone{sipPhone: phone})
	}
	defer func() { p.stop(); p.keepTold(); p.keepRerun() }()
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
	p.model = live.New(live.Options{Server: "pbx1", Trunks: proofTrunks, Logger: log})
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
			p.changed.ring()
		}
	})
	o := options("pbx1")
	o.Dial = p.keeping("model", p.link.dial)
	o.OnState = func(state ami.State, err error) {
		p.model.HandleState(state, err)
		p.heard.see(ami.NewEvent("Link", "State", state.String(), "Timestamp", timestamp(time.Now())))
	}
	o.Handler = func(e ami.Event) { p.model.Handle(e); p.heard.see(e) }
	followed := ami.New(o)
	rings := func(ami.State, error) { p.changed.ring() }
	o = options("witness")
	o.Username, o.Secret = "witness", "witness"
	o.OnState = rings
	o.Dial = p.keeping("witness", nil)
	o.Handler = p.witness.see
	watching := ami.New(o)
	o = options("driver")
	o.Username, o.Secret = "witness", "witness"
	o.Dial = p.keeping("driver", nil)
	o.Events = "off"
	o.OnState = rings
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
	p.await("sessions", func() bool { return watching.Connected() && p.client.Connected() })
	p.awaitSync()
}

// timestamp writes a time as Asterisk does.
func timestamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// await blocks until something holds that a session or the model tells.
func (p *proof) await(what string, holds func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := p.changed.until(ctx, holds); err != nil {
		p.t.Fatalf("no %s within a minute: %+v", what, p.model.Server())
	}
}

// awaitSync blocks until the model has the whole picture. Where Asterisk hangs, in that it
// does not answer another session either, it is booted again.
func (p *proof) awaitSync() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, asteriskLimit)
	defer cancel()
	if p.changed.until(ctx, p.synced.Load) == nil {
		return
	}
	p.regain(fmt.Errorf("no sync: %w", context.DeadlineExceeded))
	p.await("sync", p.synced.Load)
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
	p.compare(n)
	p.t.Logf("phase %d: acted for %v, compared after %v: %d channels, %d events", n, acted, time.Since(began), len(p.witness.channels(false)), p.witness.count())
}

// pace lets the witness see something happen, if something does.
func (p *proof) pace() {
	seen := p.witness.count()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Millisecond)
	defer cancel()
	// Nothing may happen.
	_ = p.witness.sees(ctx, func() bool { return len(p.witness.events) >= seen+20 })
}

// freeze blocks until nothing happens any more.
func (p *proof) freeze() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := p.witness.quiet(ctx, rest); err != nil {
		events := p.witness.all()
		var last []string
		for _, e := range events[max(0, len(events)-20):] {
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
	p.t.Fatalf("no answer within a minute: the witness has it: %v, the model: %v, server %+v", p.fenced(p.witness, name), p.fenced(p.heard, name), p.model.Server())
}

func (p *proof) fenced(w *witness, name string) bool {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	return w.sees(ctx, func() bool { return w.fences[name] }) == nil
}

// compare holds the picture against Asterisk's own lists. What happens while they are read
// makes it try again.
func (p *proof) compare(phase int) {
	p.t.Helper()
	var before []string // what the lists said
	for range 20 {
		p.freeze()
		seen := p.witness.count()
		ctx, cancel := context.WithTimeout(p.ctx, asteriskLimit)
		lists, err := readLists(ctx, p.client)
		tapes, failed := p.tapes(ctx)
		cancel()
		if err := errors.Join(err, failed); err != nil {
			p.regain(err)
			continue
		}
		p.fence()
		snapshot := p.model.Snapshot()
		picture := pictured(snapshot)
		if p.witness.count() != seen {
			continue // Asterisk may have been booted again
		}
		diff := differ(lists.lines, picture.lines)
		diff = slices.DeleteFunc(diff, lists.contradicts(diff))
		diff = slices.DeleteFunc(diff, p.witness.misled(diff, p.heard.unsure))
		diff = slices.DeleteFunc(diff, func(line string) bool {
			return slices.ContainsFunc(lists.torn, func(torn string) bool { return strings.HasPrefix(line, torn) })
		})
		if len(diff) > 0 && !slices.Equal(lists.lines, before) {
			before = lists.lines
			continue // some of the lists change after the last event
		}
		p.compareUnlisted(phase, snapshot, tapes)
		if len(diff) > 0 {
			p.t.Errorf("phase %d: the lists and the model differ:\n%s", phase, strings.Join(diff, "\n"))
		}
		for _, line := range lists.late(picture, p.witness.toldAt) {
			if name := strings.Fields(line)[1]; p.witness.masked(name) {
				continue // the list tells the age of what took its place
			}
			p.t.Errorf("phase %d: %s", phase, line)
		}
		return
	}
	p.t.Errorf("phase %d: the scene does not stand still", phase)
}
