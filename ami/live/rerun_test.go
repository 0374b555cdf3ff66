package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// TestRerun plays what a real Asterisk told in a run of TestRealProof, from its start until
// the last call had ended, to two models: one is told all, and is the truth; the other one
// loses its link at any time, and gets its lists from the truth, which may be a little older
// than what it has been told, or newer. It finds in seconds what TestRealProof needs hours for,
// but not what both models take wrongly. PBXFLOW_RERUN_FIRST and PBXFLOW_RERUN_SEEDS say which
// seeds are tried; what a seed lets happen also depends on the scheduler.
func TestRerun(t *testing.T) {
	first, seeds := setting(t, "PBXFLOW_RERUN_FIRST", 1), setting(t, "PBXFLOW_RERUN_SEEDS", 2)
	files, err := filepath.Glob("testdata/rerun-*.ami.gz")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	for i, file := range files {
		events, before := readRerun(t, file), readRerun(t, files[(i+1)%len(files)])
		before = before[:len(before)*3/5]
		restarted := later(events, when(before[len(before)-1]).Unix()-when(events[0]).Unix()+10)
		for seed := first; seed < first+seeds; seed++ {
			name := fmt.Sprint(strings.TrimSuffix(filepath.Base(file), ".ami.gz"), " seed ", seed)
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { rerunOnce(t, seed, events) })
			})
			t.Run(name+" after a restart", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { rerunOnce(t, seed, before, restarted) })
			})
		}
	}
}

// rerun is a run of the proof without Asterisk.
type rerun struct {
	*proof
	*amitest.Server
	mu     sync.Mutex
	rng    *rand.Rand
	truth  *live.Model
	events []ami.Event // to come
	ahead  []ami.Event // that the truth has taken in, and the link has not brought
	time   sync.Mutex
	now    time.Time // of the last event
	ticks  time.Duration
	still  bool // nothing happens while lists are made, and no link breaks

	compared int             // how often the model was held against the truth
	left     map[string]bool // queues of which the last list counts callers whose leaving is still to be told
}

func rerunOnce(t *testing.T, seed uint64, runs ...[]ami.Event) {
	x := &rerun{Server: amitest.New(), rng: rand.New(rand.NewPCG(seed, 2)), still: true}
	x.proof = &proof{driver: &driver{t: t, ctx: t.Context(), witness: newWitness()}, heard: newWitness()}
	x.answers()
	for i, events := range runs {
		x.boot(i, events)
		if i == 0 {
			x.connect()
		}
		for part := range 5 {
			for until := len(events) * (4 - part) / 5; x.coming() > until; {
				x.step()
			}
			x.compare(fmt.Sprintf("run %d, part %d", i, part))
		}
	}
	x.stop()
	if x.compared < 4*len(runs) { // each may end in a moment that cannot be compared
		t.Errorf("the model was held against the truth %d times in %d runs", x.compared, len(runs))
	}
	x.checkStories()
}

// boot starts Asterisk, in which these events are to happen. One that ran is gone.
func (x *rerun) boot(run int, events []ami.Event) {
	x.Down(true)
	x.Drop()
	synctest.Wait()
	x.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", fmt.Sprintf("08:00:%02d", run))
	x.mu.Lock()
	from := x.clock().Add(-time.Second / 2)
	x.events, x.ahead = events, nil
	x.reach(when(events[0]))
	x.left = make(map[string]bool)
	if run > 0 {
		x.ends = append(x.ends, live.Outage{From: from, To: when(events[0])})
		x.witness.see(ami.NewEvent("FullyBooted", "Timestamp", events[0].Get("Timestamp")))
	}
	x.mu.Unlock()
	nothing := amitest.New() // for the truth to begin with
	defer nothing.Close()
	for action := range rowsOfSnapshot {
		nothing.AnswerList(action)
	}
	var queues [][]string
	for _, queue := range append([]string{"strict", "keys"}, proofQueues...) {
		queues = append(queues, []string{"Event", "QueueParams", "Queue", queue})
	}
	nothing.AnswerList("QueueStatus", queues...)
	x.truth = live.New(live.Options{Server: "pbx1", Trunks: proofTrunks, Now: x.clock})
	c := ami.New(ami.Options{Name: "truth", Addr: nothing.Addr(), Username: nothing.Username, Secret: nothing.Secret, Dial: nothing.Dial, OnState: func(s ami.State, err error) {
		if s == ami.Connected { // it stays so
			x.truth.HandleState(s, err)
		}
	}})
	running, stop := context.WithCancel(x.ctx)
	var wg sync.WaitGroup
	wg.Go(func() { c.Run(running) })
	synctest.Wait()
	if err := x.truth.Resync(running, c); err != nil {
		x.t.Fatal(err)
	}
	stop()
	wg.Wait()
	x.Down(false)
}

// clock is that of the events, and a little more each time, so that no two times are equal,
// nor that of an event.
func (x *rerun) clock() time.Time {
	x.time.Lock()
	defer x.time.Unlock()
	x.ticks++
	return x.now.Add((2*x.ticks - 1) * time.Microsecond)
}

// reach sets the clock to the time of an event.
func (x *rerun) reach(at time.Time) {
	x.time.Lock()
	defer x.time.Unlock()
	if at.After(x.now) {
		x.now, x.ticks = at, 0
	}
}

// connect starts the session of the model that loses its link.
func (x *rerun) connect() {
	log := hclog.New(&hclog.LoggerOptions{Output: x.t.Output()})
	x.model = live.New(live.Options{Server: "pbx1", Trunks: proofTrunks, Now: x.clock, Logger: log})
	sub := x.model.Subscribe(1_000_000)
	var wg, telling sync.WaitGroup
	telling.Go(func() {
		for e := range sub.C() {
			x.told = append(x.told, e)
			if e.Name == live.ServerSynced {
				x.heard.see(ami.NewEvent("Synced", "Timestamp", timestamp(e.Time)))
			}
		}
	})
	c := ami.New(ami.Options{
		Name: "pbx1", Addr: x.Addr(), Username: x.Username, Secret: x.Secret, Dial: x.Dial,
		Backoff: func() backoff.BackOff { return backoff.NewConstantBackOff(50 * time.Millisecond) },
		Handler: func(e ami.Event) { x.model.Handle(e); x.heard.see(e) },
		OnState: func(state ami.State, err error) {
			x.model.HandleState(state, err)
			x.heard.see(ami.NewEvent("Link", "State", state.String(), "Timestamp", timestamp(x.clock())))
		},
	})
	running, stop := context.WithCancel(context.Background())
	wg.Go(func() { c.Run(running) })
	wg.Go(func() { x.model.Follow(running, c) })
	x.proof.stop = sync.OnceFunc(func() {
		stop()
		wg.Wait()
		sub.Close()
		telling.Wait()
		x.Close()
	})
	x.t.Cleanup(x.proof.stop)
	synctest.Wait()
	x.stand(false)
}

func (x *rerun) stand(still bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.still = still
}

// step lets some events happen, and may cut the link.
func (x *rerun) step() {
	x.mu.Lock()
	from := x.clock()
	x.happen(1 + x.rng.IntN(40))
	x.bring(len(x.ahead) - x.rng.IntN(5))
	passed, what := x.clock().Sub(from), x.rng.IntN(200)
	x.mu.Unlock()
	time.Sleep(min(passed, 100*time.Millisecond))
	switch {
	case what < 3:
		x.Drop()
	case what < 5:
		x.Down(true)
		x.Drop()
	case what < 30:
		x.Down(false)
	}
}

// coming returns how many events are still to happen.
func (x *rerun) coming() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.events)
}

// happen lets n events happen: the truth knows of them at once.
func (x *rerun) happen(n int) {
	for range min(n, len(x.events)) {
		e := x.events[0]
		x.events = x.events[1:]
		x.reach(when(e))
		x.truth.Handle(e)
		x.witness.see(e)
		x.ahead = append(x.ahead, e)
	}
}

// bring writes n of the events that have happened to the link, if there is one.
func (x *rerun) bring(n int) {
	for range min(max(n, 0), len(x.ahead)) {
		x.EmitEvent(x.ahead[0])
		x.ahead = x.ahead[1:]
	}
}

// answers lets the lists be those of the truth.
func (x *rerun) answers() {
	for action, rows := range rowsOfSnapshot {
		x.Respond(action, func(a ami.Message) [][]string {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.around()
			now := x.clock()
			snapshot := x.truth.Snapshot()
			for _, q := range snapshot.Queues {
				for i, row := range q.Members {
					q.Members[i].CallsTaken = x.truth.Taken(q.Name, row.Interface)
				}
			}
			list := rows(snapshot, now, a)
			if action == "QueueStatus" {
				clear(x.left)
				for _, e := range x.ahead {
					x.left[e.Get("Queue")] = x.left[e.Get("Queue")] || e.Name() == "QueueCallerAbandon"
				}
			}
			x.around()
			if !x.still && x.rng.IntN(100) == 0 {
				x.Drop()
			}
			return amitest.List(action, list...)
		})
	}
}

// around lets events happen and be brought while a list is made.
func (x *rerun) around() {
	if x.still {
		return
	}
	if x.rng.IntN(2) == 0 {
		x.happen(x.rng.IntN(10))
	}
	x.bring(x.rng.IntN(len(x.ahead) + 1))
}
