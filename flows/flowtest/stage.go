package flowtest

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// stage compares what happens in a call with the script, and plays the caller's part.
type stage struct {
	test  *test
	now   func() time.Duration // since the start
	slack time.Duration        // within which two times are the same

	onPress  func(keys, time.Duration)
	onHangup func(at time.Duration, it *item)

	mu      sync.Mutex
	next    int           // index of the item that comes next
	heard   int           // how many sounds of it have been heard
	anchor  time.Duration // when what was written last was over
	quiet   *entry        // after which nothing may happen before the anchor, and something must then
	leaving *item         // the hangup that will happen
	entries []*entry
	last    *entry             // that is not silent
	used    map[[2]string]bool // what under given mattered, by key and entry
	faults  []fault
}

// happens compares something that the flow does with the script and returns the item
// that it is; nil if it is not in the script. last says that it completes the item.
func (s *stage) happens(e *event) (it *item, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.at = s.now()
	i := s.find(e)
	if i < 0 && e.isSilent() {
		s.entries = append(s.entries, &entry{event: e, silent: true})
		return nil, true
	}
	if i < 0 {
		s.checkQuiet(e.at, "something happened")
		s.add(&entry{event: e})
		s.anchor = e.at
		return nil, true
	}
	for s.next < i {
		s.skip()
	}
	s.checkQuiet(e.at, "something happened")
	it = s.test.Script.items[i]
	if s.heard > 0 {
		s.last.event.what = append(s.last.event.what, e.what...)
	} else {
		s.add(&entry{item: it, event: e})
	}
	s.anchor = e.at
	if e.kind == "hear" && s.heard+1 < len(it.what) {
		s.heard++
		return it, false
	}
	s.next, s.heard = s.next+1, 0
	if kinds[e.kind].options&(mediaKeys|talkKeys) == 0 {
		s.act() // it is over at once
	}
	return it, true
}

// add adds an entry that stands in the script, or should.
func (s *stage) add(e *entry) {
	s.entries = append(s.entries, e)
	s.last = e
}

// find returns the index of the item that an event is, from the next one on; -1 if it
// is in no item.
func (s *stage) find(e *event) int {
	items := s.test.Script.items
	if s.heard > 0 {
		if e.kind == "hear" && matches(items[s.next].what[s.heard], e.what[0]) {
			return s.next
		}
		if e.isSilent() && (s.next+1 >= len(items) || !items[s.next+1].is(e)) {
			return -1 // between two sounds
		}
		s.stopHearing()
	}
	for i := s.next; i < len(items); i++ {
		if items[i].is(e) {
			return i
		}
		if e.isSilent() {
			return -1 // only where it is written
		}
	}
	return -1
}

// stopHearing goes on behind an item of which not all sounds came.
func (s *stage) stopHearing() {
	s.last.partial = s.heard
	s.next, s.heard = s.next+1, 0
}

// skip notes that the next item did not happen.
func (s *stage) skip() {
	s.add(&entry{item: s.test.Script.items[s.next]})
	s.next++
}

// over says that what happened last is over at a time, and has others do what comes
// next.
func (s *stage) over(at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anchor = at
	s.act()
}

// begun says that something began at a time which may last: the caller may hang up in it.
func (s *stage) begun(at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.anchor = at
	if s.next < len(s.test.Script.items) && s.test.Script.items[s.next].kind == "hangup" {
		s.act()
	}
}

// act has the caller do what comes next. A hangup stays the next item until it happens.
func (s *stage) act() {
	for s.next < len(s.test.Script.items) {
		it := s.test.Script.items[s.next]
		switch {
		case !it.byOthers():
			return
		case it.kind == "hangup":
			if it.what[0] == "caller" && s.leaving != it {
				s.leaving = it
				s.onHangup(s.anchor+it.acts.After, it)
			}
			return
		}
		s.anchor += it.acts.After
		if it.kind == "press" {
			s.quiet = nil
			s.onPress(it.media.Press.keys, s.anchor)
		}
		s.add(&entry{item: it, event: &event{kind: it.kind, what: it.what, at: s.anchor}})
		if it.kind == "silence" {
			s.quiet = s.last
		}
		s.next++
	}
}

// peerHangup takes the item that says when the other party hangs up, if that comes next.
func (s *stage) peerHangup(answered time.Duration) (at time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= len(s.test.Script.items) {
		return 0, false
	}
	it := s.test.Script.items[s.next]
	if it.kind != "hangup" || it.what[0] != "agent" && it.what[0] != "peer" {
		return 0, false
	}
	at = answered + it.acts.After
	s.add(&entry{item: it, event: &event{kind: it.kind, what: it.what, at: at}})
	s.next++
	return at, true
}

// callerHangsUpNext reports whether the caller's hangup comes next.
func (s *stage) callerHangsUpNext() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= len(s.test.Script.items) {
		return false
	}
	it := s.test.Script.items[s.next]
	return it.kind == "hangup" && it.what[0] == "caller"
}

// left notes that the caller hung up, which stayed the next item until then; nil if it is
// a part of another. Time goes on counting from there.
func (s *stage) left(it *item, at time.Duration) {
	if it != nil {
		s.add(&entry{item: it, event: &event{kind: it.kind, what: it.what, at: at}})
		if s.next < len(s.test.Script.items) && s.test.Script.items[s.next] == it {
			s.next++
		}
	}
	s.anchor, s.quiet = at, nil
	s.onHangup = func(time.Duration, *item) {} // nobody hangs up twice
	s.act()
}

// rest notes what did not happen when the call is over.
func (s *stage) rest() {
	s.checkQuiet(s.now(), "the call was over")
	if s.heard > 0 {
		s.stopHearing()
	}
	for s.next < len(s.test.Script.items) {
		s.skip()
	}
}

// checkQuiet compares how long nothing has happened with how long the script says. what is
// that which ends it.
func (s *stage) checkQuiet(now time.Duration, what string) {
	if s.quiet == nil {
		return
	}
	it := s.quiet.item
	want := cmpOr(value(it.media.Wait), it.acts.After)
	switch waited := want + now - s.anchor; {
	case (now - s.anchor).Abs() <= s.slack:
	case waited <= 0 && it.kind == "silence":
		s.quiet.event = nil
		s.quiet.notes = append(s.quiet.notes, what+" before")
	default:
		text := yamlTime(max(waited, 0))
		s.quiet.notes = append(s.quiet.notes, "nothing happened for "+text)
		s.quiet.changed = map[string]string{"wait": text, "silence": text}
	}
	s.quiet = nil
}

// fault notes that the test lacks something, and what to write. It shows in an event, if
// that is not nil.
func (s *stage) fault(e *event, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if !slices.ContainsFunc(s.faults, func(f fault) bool { return f.text == text }) {
		s.faults = append(s.faults, fault{e, text})
	}
}
