package live_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

var record = flag.Bool("record", false, "write what the real Asterisks tell in the scenarios to testdata/scenarios")

// scenario is something that happens in Asterisk: it is played on real ones, and what
// those told then is kept in testdata and played again without them.
type scenario struct {
	name   string
	events []string      // that it is about; all others are left out
	play   func(d *desk) // on a real Asterisk
	want   []string      // what is told, in order
	sorted bool          // the order differs from time to time
	only   string        // version; empty: all
}

// desk is where a scenario is played.
type desk struct {
	t       *testing.T
	ctx     context.Context
	pbx     *asterisktest.Instance
	model   *live.Model
	client  *ami.Client
	changed bell               // rung at each event of Asterisk
	sub     *live.Subscription // to all derived events
	seen    []live.Event       // so far

	disconnect func() // ends the session
}

// call starts a call from a far leg to an extension of main.
func (d *desk) call(phone, exten string, vars ...string) string {
	d.t.Helper()
	variables := make(map[string]string)
	for i := 0; i+1 < len(vars); i += 2 {
		variables[vars[i]] = vars[i+1]
	}
	id, err := d.pbx.Originate(d.ctx, asterisktest.Call{
		Channel: "Local/" + phone + "@phones/n", Context: "main", Exten: exten, CallerID: `"Ann O'Hara" <5550100>`, Variables: variables,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// do sends an action.
func (d *desk) do(name string, pairs ...string) {
	d.t.Helper()
	a := ami.Action{Name: name}
	for i := 0; i+1 < len(pairs); i += 2 {
		a = a.With(pairs[i], pairs[i+1])
	}
	if _, err := d.client.Do(d.ctx, a); err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
}

// await blocks until an event of that name has come, and returns it.
func (d *desk) await(name string) live.Event {
	d.t.Helper()
	return d.awaitThat(name, func(live.Event) bool { return true })
}

// awaitThat blocks until an event of that name has come that fits.
func (d *desk) awaitThat(name string, fits func(live.Event) bool) live.Event {
	d.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case e := <-d.sub.C():
			d.see(e)
			if e.Name == name && fits(e) {
				return e
			}
		case <-limit:
			d.t.Fatalf("no %s within a minute", name)
		}
	}
}

// see takes an event; it may be one of Asterisk's own.
func (d *desk) see(e live.Event) {
	d.t.Helper()
	if _, derived := live.LookupEvent(e.Name); derived {
		checkPayloads(d.t, e)
		d.seen = append(d.seen, e)
	}
}

// channel returns the channel of the model whose name begins so, of the first half of a
// Local channel.
func (d *desk) channel(prefix string) live.Channel {
	d.t.Helper()
	for _, ch := range d.model.Channels() {
		if strings.HasPrefix(ch.Name, prefix) && !strings.HasSuffix(ch.Name, ";2") {
			return ch
		}
	}
	d.t.Fatalf("no channel %s in %+v", prefix, d.model.Channels())
	return live.Channel{}
}

// tell puts an event in one line, without what differs from time to time.
func tell(e live.Event) string {
	var b strings.Builder
	b.WriteString(e.Name)
	add := func(format string, args ...any) { fmt.Fprintf(&b, " "+format, args...) }
	if c := e.Call; c != nil {
		add("%s>%s", c.Caller.Num, c.Dialed)
		if c.Reason == live.Merged {
			add("merged")
		}
	}
	if l := e.Leg; l != nil {
		add("leg %s %s %v", plain(l.Channel), l.Role, l.HeldFor.Round(time.Second))
	}
	if t := e.Transfer; t != nil {
		add("%d %s by %s %s: %s %s to %s %s", e.Call.Transfers, t.Kind, t.By.Num, plain(t.Channel), t.Party.Num, plain(t.Leg), t.To, plain(t.Target))
	}
	if q := e.Queue; q != nil {
		add("[%s %d %s %s %s]", q.Name, q.Position, q.Outcome, q.Member, q.EndedBy)
	}
	if a := e.Agent; a != nil {
		state := a.State
		if e.Name == live.AgentNoAnswer || e.Name == live.AgentCompleted {
			state = "" // the queue tells of the device a moment later
		}
		add("(%s %s %v %v %q)", a.Name, state, a.Queues, a.PausedIn, a.Reason)
	}
	if s := e.Spy; s != nil {
		add("%s hears %s", plain(s.Channel), plain(s.Target))
	}
	if p := e.Park; p != nil {
		add("%s %d %v by %s", p.Lot, p.Space, p.Timeout, p.By)
		if p.Retriever != "" {
			add("to %s", plain(p.Retriever))
		}
	}
	if v := e.Voicemail; v != nil {
		add("%s new=%d from %s", v.Mailbox, v.New, v.Caller.Num)
	}
	if p := e.Endpoint; p != nil {
		add("%s %s %d", p.Name, p.State, len(p.Contacts))
	}
	if r := e.CDR; r != nil {
		add("%s>%s %s %s", r.Source, r.Destination, r.App, r.Disposition)
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(b.String()), " "), " ]", "]")
}

var serial = regexp.MustCompile(`-[0-9a-f]{8}`)

// plain leaves the number out of a channel's name.
func plain(channel string) string { return serial.ReplaceAllString(channel, "") }

// compare holds what was told against what a scenario wants.
func (s *scenario) compare(t *testing.T, events []live.Event) {
	t.Helper()
	checkHolds(t, events)
	s.diff(t, s.lines(events), slices.Clone(s.want))
}

// compareReal does so for what has just happened, where a busy machine may take its time.
func (s *scenario) compareReal(t *testing.T, events []live.Event) {
	t.Helper()
	checkHolds(t, events)
	timeless := func(lines []string) (out []string) {
		for _, l := range lines {
			out = append(out, holdTime.ReplaceAllString(l, "$1"))
		}
		return out
	}
	s.diff(t, timeless(s.lines(events)), timeless(s.want))
}

// holdTime is how long a leg held its call, in the line of an event.
var holdTime = regexp.MustCompile(`^(call\.(?:held|unheld|ringing) .*) \d+s$`)

// lines tells the events that a scenario is about.
func (s *scenario) lines(events []live.Event) (lines []string) {
	for _, e := range events {
		if slices.Contains(s.events, e.Name) {
			lines = append(lines, tell(e))
		}
	}
	return lines
}

func (s *scenario) diff(t *testing.T, got, want []string) {
	t.Helper()
	if s.sorted {
		slices.Sort(got)
		slices.Sort(want)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

// checkHolds wants each hold to take as long as its events are apart.
func checkHolds(t *testing.T, events []live.Event) {
	t.Helper()
	held := make(map[string]time.Time) // since then, by Uniqueid
	for _, e := range events {
		switch e.Name {
		case live.CallHeld:
			held[e.Leg.Uniqueid] = e.Time
		case live.CallUnheld:
			if took := e.Time.Sub(held[e.Leg.Uniqueid]); e.Leg.HeldFor != took {
				t.Errorf("%s held for %v, want %v", e.Leg.Channel, e.Leg.HeldFor, took)
			}
		}
	}
}

// checkEmpty wants nothing left of calls.
func checkEmpty(t *testing.T, m *live.Model) {
	t.Helper()
	if left := leftOver(m.Snapshot()); len(left) > 0 {
		t.Errorf("left over: %s", strings.Join(left, "\n"))
	}
}

// leftOver tells what a picture holds of calls.
func leftOver(s live.Snapshot) (left []string) {
	add := func(what any) { left = append(left, fmt.Sprintf("%T %+v", what, what)) }
	for _, x := range s.Calls {
		add(x)
	}
	for _, x := range s.Channels {
		add(x)
	}
	for _, x := range s.Bridges {
		if x.Type != "parking" || len(x.Channels) > 0 { // a parking lot keeps its bridge
			add(x)
		}
	}
	for _, x := range s.Parked {
		add(x)
	}
	for _, x := range s.Recordings {
		add(x)
	}
	for _, x := range s.ListenIns {
		add(x)
	}
	for _, x := range s.Conferences {
		add(x)
	}
	for _, x := range s.Devices {
		if strings.HasPrefix(x.Name, "Local/") {
			add(x)
		}
	}
	for _, x := range s.Agents {
		if x.State != live.Ready && x.State != live.Paused {
			add(x)
		}
	}
	return left
}

// TestTranscripts plays what the real Asterisks told.
func TestTranscripts(t *testing.T) {
	for _, s := range slices.Concat(scenarios, queueScenarios) {
		for _, v := range asterisktest.Versions() {
			if s.only != "" && s.only != v.Name {
				continue
			}
			t.Run(s.name+"-"+v.Name, func(t *testing.T) { s.replay(t, transcript(s.name, v)) })
		}
	}
}

// replay compares what the model tells of a file, and returns it.
func (s *scenario) replay(t *testing.T, file string) (told []live.Event) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, err := ami.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	m := live.New(live.Options{Server: "pbx1"})
	sub := m.Subscribe(10_000)
	for _, e := range events {
		m.Handle(e)
	}
	sub.Close()
	for e := range sub.C() {
		checkPayloads(t, e)
		told = append(told, e)
	}
	s.compare(t, told)
	checkEmpty(t, m)
	return told
}

func transcript(name string, v asterisktest.Version) string {
	return "testdata/scenarios/" + name + "-" + v.Name + ".ami"
}
