package live_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
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
	first, seeds := setting(t, "PBXFLOW_RERUN_FIRST", 1), setting(t, "PBXFLOW_RERUN_SEEDS", 3)
	files, err := filepath.Glob("testdata/rerun-*.ami.gz")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".ami.gz"), func(t *testing.T) {
			events := readRerun(t, file)
			for seed := first; seed < first+seeds; seed++ {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { rerunOnce(t, events, seed) })
				})
			}
		})
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
	now    time.Time   // of the last event
	ticks  time.Duration
	still  bool           // nothing happens while lists are made, and no link breaks
	taken  map[string]int // calls, by queue and member
	served map[string]int // calls, by queue: as the members' own counters tell
}

func rerunOnce(t *testing.T, events []ami.Event, seed uint64) {
	x := &rerun{Server: amitest.New(), rng: rand.New(rand.NewPCG(seed, 2)), events: events, now: when(events[0]), taken: make(map[string]int), served: make(map[string]int), still: true}
	x.proof = &proof{driver: &driver{t: t, ctx: t.Context(), witness: newWitness()}, heard: newWitness()}
	x.truth = live.New(live.Options{Server: "pbx1", Trunks: proofTrunks, Now: x.clock})
	x.answers()
	x.connect()
	for part := range 5 {
		for until := len(events) * (4 - part) / 5; len(x.events) > until; {
			x.step()
		}
		x.compare(part)
	}
	x.stop()
	x.checkStories()
}

// clock is that of the events, and a little more each time, so that no two times are equal.
func (x *rerun) clock() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ticks++
	return x.now.Add(x.ticks * time.Microsecond)
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
	x.truth.HandleState(ami.Connected, nil)
	synctest.Wait()
	if err := x.truth.Resync(x.t.Context(), c); err != nil {
		x.t.Fatal(err)
	}
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
	from := x.now
	x.happen(1 + x.rng.IntN(40))
	x.bring(len(x.ahead) - x.rng.IntN(5))
	passed, what := x.now.Sub(from), x.rng.IntN(200)
	x.mu.Unlock()
	time.Sleep(min(passed, 100*time.Millisecond))
	switch {
	case what < 3:
		x.Drop()
	case what < 5:
		x.Down(true)
	case what < 30:
		x.Down(false)
	}
}

// happen lets n events happen: the truth knows of them at once.
func (x *rerun) happen(n int) {
	for range min(n, len(x.events)) {
		e := x.events[0]
		x.events = x.events[1:]
		if at := when(e); at.After(x.now) {
			x.now, x.ticks = at, 0
		}
		x.mu.Unlock() // the truth asks for the time
		x.truth.Handle(e)
		x.mu.Lock()
		x.witness.see(e)
		x.count(e)
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

// compare holds the model against the truth when all has been brought.
func (x *rerun) compare(part int) {
	x.t.Helper()
	for x.listening() {
		x.step()
	}
	x.stand(true)
	defer x.stand(false)
	x.Down(false)
	time.Sleep(5 * time.Second)
	x.mu.Lock()
	x.bring(len(x.ahead))
	x.mu.Unlock()
	time.Sleep(5 * time.Second)
	synctest.Wait()
	truth, picture := pictured(x.truth.Snapshot()), pictured(x.model.Snapshot())
	diff := slices.DeleteFunc(differ(truth.lines, picture.lines), func(line string) bool { return strings.Contains(line, ": app of ") })
	diff = slices.DeleteFunc(diff, x.witness.misled(diff, x.heard.unsure))
	if len(diff) > 0 {
		x.t.Errorf("part %d: the truth and the model differ:\n%s", part, strings.Join(diff, "\n"))
	}
	for queue, n := range truth.completed {
		if n == x.served[queue] && picture.completed[queue] != n { // else a member is still to tell
			x.t.Errorf("part %d: queue %s has completed %d calls, in truth %d", part, queue, picture.completed[queue], n)
		}
	}
	unheard := x.unheard()
	diff = differ(recordedIn(x.truth.Snapshot()).lines(), recordedIn(x.model.Snapshot()).lines())
	diff = slices.DeleteFunc(diff, func(line string) bool {
		return slices.ContainsFunc(strings.Fields(line), func(word string) bool { return unheard[strings.TrimSuffix(word, ":")] })
	})
	if len(diff) > 0 {
		x.t.Errorf("part %d: of what no list has, the truth and the model differ:\n%s", part, strings.Join(diff, "\n"))
	}
}

// listening reports whether a channel begins to listen in: the lists have it before it is told.
func (x *rerun) listening() bool {
	s := x.truth.Snapshot()
	return slices.ContainsFunc(s.Channels, func(ch live.Channel) bool {
		return ch.App == "ChanSpy" && !slices.ContainsFunc(s.ListenIns, func(l live.ListenIn) bool { return l.Uniqueid == ch.Uniqueid })
	})
}

// answers lets the lists be those of the truth.
func (x *rerun) answers() {
	x.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:00:00")
	lists := map[string]func(s live.Snapshot, now time.Time, a ami.Message) [][]string{
		"CoreShowChannels": channelsOf, "BridgeList": bridgesOf, "QueueStatus": queuesOf, "DeviceStateList": devicesOf, "PJSIPShowEndpoints": endpointsOf,
		"PJSIPShowContacts": contactsOf, "ConfbridgeListRooms": roomsOf, "ConfbridgeList": participantsOf, "ParkedCalls": parkedIn,
	}
	for action, rows := range lists {
		x.Respond(action, func(a ami.Message) [][]string {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.around()
			now := x.now
			x.mu.Unlock() // the truth asks for the time
			snapshot := x.truth.Snapshot()
			for i, q := range snapshot.Queues { // of members, all counts are as they were told last
				snapshot.Queues[i].Completed = x.served[q.Name]
			}
			list := rows(snapshot, now, a)
			x.mu.Lock()
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
