package live_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// storyBook holds what was told against what the witness saw.
type storyBook struct {
	t      testing.TB
	gaps   []live.Outage          // in which the model may have missed something
	syncs  map[int64]bool         // when the picture became whole, in nanoseconds
	bySync map[string][]time.Time // what was told then
	wants  map[string]time.Time
	times  map[string]int // how often each of them is wanted
	got    map[string][]time.Time
}

// storyPatience is how long the model waits for word why a caller left, and a little more.
const storyPatience = 2500 * time.Millisecond

// when returns the time of an event of Asterisk's.
func when(e ami.Event) time.Time {
	whole, frac, _ := strings.Cut(e.Get("Timestamp"), ".")
	sec, _ := strconv.ParseInt(whole, 10, 64)
	usec, _ := strconv.ParseInt(frac, 10, 64)
	return time.Unix(sec, usec*1000)
}

// blind finds the times in which the model may have missed something: from the last event
// that its session brought until the picture was whole again.
func (p *proof) blind() (gaps []live.Outage) {
	var from time.Time
	for _, e := range p.told {
		switch {
		case e.Name == live.ServerDisconnected && from.IsZero():
			from = p.lastHeard(e.Time)
		case e.Name == live.ServerSynced && !from.IsZero() && len(e.Peer.Unknown) == 0:
			gaps = append(gaps, live.Outage{From: from, To: e.Time})
			from = time.Time{}
		}
	}
	return append(gaps, p.ends...)
}

// lastHeard returns when the last event came before the link was seen to break at some time.
// What Asterisk wrote after it was not read any more, and some of that has an earlier time.
func (p *proof) lastHeard(at time.Time) (from time.Time) {
	var last ami.Event
	for _, e := range p.heard.all() {
		if e.Name() != "Link" && e.Name() != "Synced" {
			last = e
		} else if !when(e).Before(at.Add(-time.Microsecond)) {
			break
		}
	}
	from = when(last)
	seen := p.witness.all() // in the same order
	i := slices.IndexFunc(seen, func(e ami.Event) bool { return when(e).Equal(from) && e.String() == last.String() })
	for _, e := range seen[max(i, 0):min(len(seen), max(i, 0)+100)] {
		if i >= 0 && when(e).Before(from) {
			from = when(e)
		}
	}
	return from
}

// declared wants every event that the model's session did not bring to lie in a gap that
// server.synced declared.
func (p *proof) declared() {
	p.t.Helper()
	heard := make(map[string]int)
	for _, e := range p.heard.all() {
		heard[e.String()]++
	}
	gaps := append([]live.Outage(nil), p.ends...)
	for _, e := range p.told {
		if e.Name == live.ServerSynced && !e.Peer.GapFrom.IsZero() {
			gaps = append(gaps, live.Outage{From: p.lastHeard(e.Peer.GapFrom), To: e.Peer.GapTo})
		}
	}
	s := storyBook{gaps: gaps}
	missing := 0
	for _, e := range p.witness.all() {
		if text := e.String(); heard[text] > 0 {
			heard[text]--
		} else if !s.within(when(e)) && e.Name() != "FullyBooted" {
			missing++
			if missing <= 5 {
				p.t.Errorf("an event is missing, and not in a declared gap: %s", text)
			}
		}
	}
}

func (s *storyBook) within(at time.Time) bool { return s.touched(at, at) }

// touched reports whether a gap lies in some time.
func (s *storyBook) touched(from, to time.Time) bool {
	for _, g := range s.gaps {
		if !to.Before(g.From) && !from.After(g.To) {
			return true
		}
	}
	return false
}

// want notes that something is to be told, once more.
func (s *storyBook) want(at time.Time, words ...string) {
	key := strings.Join(words, " ")
	s.wants[key] = at
	s.times[key]++
}

func (s *storyBook) tell(at time.Time, words ...string) {
	key := strings.Join(words, " ")
	s.got[key] = append(s.got[key], at)
	if s.syncs[at.UnixNano()] {
		what := strings.Join(words[:len(words)-1], " ") // the last one is the time
		s.bySync[what] = append(s.bySync[what], at)
	}
}

// foreseen reports whether a resync told just before what is wanted with a time of its own:
// the lists were newer than the event.
func (s *storyBook) foreseen(key string, at time.Time) bool {
	what := strings.TrimSuffix(key, " "+at.Format(time.StampMicro))
	return slices.ContainsFunc(s.bySync[what], func(told time.Time) bool { return !told.After(at) && at.Sub(told) < storyPatience })
}

// check wants all that was to be told to be told, and nothing else, but for the gaps.
func (s *storyBook) check() {
	s.t.Helper()
	faults := 0
	fail := func(format string, args ...any) {
		if faults++; faults <= 20 {
			s.t.Errorf(format, args...)
		}
	}
	for key, at := range s.wants {
		if n := len(s.got[key]); n > s.times[key] || n < s.times[key] && !s.within(at) && !s.foreseen(key, at) {
			fail("%s at %v: told %d times, want %d", key, at.Format(time.StampMicro), n, s.times[key])
		}
	}
	for key, times := range s.got {
		if _, wanted := s.wants[key]; !wanted && !s.within(times[0]) {
			fail("%s at %v: told, and nothing like it happened", key, times[0].Format(time.StampMicro))
		}
	}
	if faults > 20 {
		s.t.Errorf("and %d faults more", faults-20)
	}
}

// checkStories holds all that was told against what the witness saw.
func (p *proof) checkStories() {
	p.t.Helper()
	p.declared()
	gaps := p.blind()
	events := p.witness.all()
	s := &storyBook{
		t: p.t, gaps: gaps, wants: make(map[string]time.Time), times: make(map[string]int), got: make(map[string][]time.Time),
		syncs: make(map[int64]bool), bySync: make(map[string][]time.Time),
	}
	for _, e := range p.told {
		s.syncs[e.Time.UnixNano()] = s.syncs[e.Time.UnixNano()] || e.Name == live.ServerSynced
	}
	s.single(events, p.told)
	s.pauses(events, p.told)
	s.devices(events, p.told)
	s.holds(events, p.told)
	s.check()
	p.checkCalls(gaps, events)
	p.checkVisits(gaps, events)
}

// singles are the events of Asterisk of which one event is told each, with the same time.
var singles = map[string]string{
	"AgentCalled": live.AgentRinging, "AgentRingNoAnswer": live.AgentNoAnswer, "AgentConnect": live.AgentConnected,
	"QueueMemberAdded": live.AgentAdded, "QueueMemberRemoved": live.AgentRemoved, "Cdr": live.CDRWritten,
	"ChanSpyStart": live.SpyStarted, "BlindTransfer": live.CallTransferred, "AttendedTransfer": live.CallTransferred,
}

func (s *storyBook) single(events []ami.Event, told []live.Event) {
	for _, e := range events {
		name := singles[e.Name()]
		if name == "" || e.Get("Result") != "" && e.Get("Result") != "Success" {
			continue
		}
		stamp := when(e).Format(time.StampMicro)
		switch name {
		case live.SpyStarted:
			s.want(when(e), name, e.Get("SpyerUniqueid"), e.Get("SpyeeChannel"))
		case live.CDRWritten:
			s.want(when(e), name, e.Get("UniqueID"), stamp)
		case live.CallTransferred:
			s.want(when(e), name, stamp)
		default:
			s.want(when(e), name, e.Get("Interface"), e.Get("Queue"), stamp)
		}
	}
	for _, e := range told {
		stamp := e.Time.Format(time.StampMicro)
		switch e.Name {
		case live.SpyStarted:
			s.tell(e.Time, e.Name, e.Spy.Uniqueid, e.Spy.Target)
		case live.CDRWritten:
			s.tell(e.Time, e.Name, e.CDR.Uniqueid, stamp)
		case live.CallTransferred:
			s.tell(e.Time, e.Name, stamp)
		case live.AgentRinging, live.AgentNoAnswer, live.AgentConnected:
			s.tell(e.Time, e.Name, e.Agent.Interface, e.Queue.Name, stamp)
		case live.AgentAdded, live.AgentRemoved:
			s.tell(e.Time, e.Name, e.Agent.Interface, e.Member.Queue, stamp)
		}
	}
}

// pauses finds when an agent came to be paused in all queues, or no longer.
func (s *storyBook) pauses(events []ami.Event, told []live.Event) {
	members := make(map[string]map[string]bool) // paused, by interface and queue
	for _, e := range events {
		if e.Name() == "FullyBooted" {
			clear(members)
		}
		if !strings.HasPrefix(e.Name(), "QueueMember") {
			continue
		}
		iface := e.Get("Interface")
		queues := members[iface]
		if queues == nil {
			queues = make(map[string]bool)
			members[iface] = queues
		}
		was := allTrue(queues)
		if e.Name() == "QueueMemberRemoved" {
			delete(queues, e.Get("Queue"))
		} else {
			queues[e.Get("Queue")] = e.Get("Paused") == "1"
		}
		switch is := allTrue(queues); {
		case is && !was:
			s.want(when(e), live.AgentPaused, iface, when(e).Format(time.StampMicro))
		case was && !is && len(queues) > 0:
			s.want(when(e), live.AgentUnpaused, iface, when(e).Format(time.StampMicro))
		}
	}
	for _, e := range told {
		if e.Name == live.AgentPaused || e.Name == live.AgentUnpaused {
			s.tell(e.Time, e.Name, e.Agent.Interface, e.Time.Format(time.StampMicro))
		}
	}
}

func allTrue(values map[string]bool) bool {
	for _, v := range values {
		if !v {
			return false
		}
	}
	return len(values) > 0
}

// devices leaves out those that are devices only while they are used.
func (s *storyBook) devices(events []ami.Event, told []live.Event) {
	passing := func(name string) bool {
		return strings.HasPrefix(name, "Local/") || strings.HasPrefix(name, "Surrogate/")
	}
	states := make(map[string]string)
	for _, e := range events {
		name := e.Get("Device")
		if e.Name() == "FullyBooted" {
			clear(states)
		}
		if e.Name() != "DeviceStateChange" || passing(name) {
			continue
		}
		if was := states[name]; was != "" && was != e.Get("State") {
			s.want(when(e), live.DeviceChanged, name, when(e).Format(time.StampMicro))
		} else if was == "" { // what it was before, nobody saw
			s.want(s.gapTime(), live.DeviceChanged, name, when(e).Format(time.StampMicro))
		}
		states[name] = e.Get("State")
	}
	for _, e := range told {
		if e.Name == live.DeviceChanged && !passing(e.Device.Name) {
			s.tell(e.Time, e.Name, e.Device.Name, e.Time.Format(time.StampMicro))
		}
	}
}

// gapTime is a time at which nothing need be told.
func (s *storyBook) gapTime() time.Time { return s.gaps[0].From }

// stamped names something by its time.
func stamped(channel string, at time.Time) string {
	return fmt.Sprint(channel, " ", at.Format(time.StampMicro))
}
