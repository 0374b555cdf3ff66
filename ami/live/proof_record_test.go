package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What follows holds against a record what Asterisk has no list of: who keeps a call on hold,
// who listens in to whom, what is recorded, and which music is played. The record is what the witness saw; the
// phones know as well whom they hold, and the console what is recorded.

// unlisted are lines that tell all that, with the ids of the channels.
type unlisted struct {
	held  map[string]bool   // by Uniqueid
	hears map[string]string // who is heard, by who listens
	where map[string]string // the extension in which who listens began to
	tapes map[string]int    // recordings
	music map[string]string // the class
	moved map[string]bool   // by Uniqueid: has left a bridge
}

func newUnlisted() *unlisted {
	return &unlisted{held: make(map[string]bool), hears: make(map[string]string), where: make(map[string]string), tapes: make(map[string]int), music: make(map[string]string), moved: make(map[string]bool)}
}

// recorded finds in events what holds at their end.
func recorded(events []ami.Event) *unlisted {
	u := newUnlisted()
	for _, e := range events {
		id, spyer := e.Get("Uniqueid"), e.Get("SpyerUniqueid")
		switch e.Name() {
		case "FullyBooted":
			u = newUnlisted()
		case "Hold":
			u.held[id] = true
		case "Unhold":
			delete(u.held, id)
		case "BridgeLeave":
			u.moved[id] = true
		case "MusicOnHoldStart":
			u.music[id] = e.Get("Class")
		case "MusicOnHoldStop":
			delete(u.music, id)
		case "MixMonitorStart":
			u.tapes[id]++
		case "MixMonitorStop":
			u.tapes[id]--
		case "ChanSpyStart":
			u.hears[spyer], u.where[spyer] = e.Get("SpyeeUniqueid"), e.Get("SpyerExten")
		case "ChanSpyStop":
			delete(u.hears, spyer)
		case "Newexten":
			if e.Get("Exten") != u.where[id] { // sent elsewhere, and the end of the listening is not told
				delete(u.hears, id)
			}
		case "Hangup":
			delete(u.held, id)
			delete(u.tapes, id)
			delete(u.music, id)
			delete(u.hears, id)
			for spyer, spyee := range u.hears {
				if spyee == id {
					delete(u.hears, spyer)
				}
			}
		}
	}
	return u
}

// recordedIn finds the same in a picture.
func recordedIn(s live.Snapshot) *unlisted {
	u := newUnlisted()
	ids := make(map[string]string)
	for _, ch := range s.Channels {
		ids[ch.Name] = ch.Uniqueid
		if ch.Held {
			u.held[ch.Uniqueid] = true
		}
		if ch.Music != "" {
			u.music[ch.Uniqueid] = ch.Music
		}
	}
	for _, l := range s.ListenIns {
		u.hears[l.Uniqueid] = ids[l.Target]
	}
	for _, r := range s.Recordings {
		u.tapes[ids[r.Channel]]++
	}
	return u
}

// lines tells it all, sorted.
func (u *unlisted) lines() (lines []string) {
	for id := range u.held {
		lines = append(lines, "held by "+id)
	}
	for spyer, spyee := range u.hears {
		lines = append(lines, "heard by "+spyer+": "+spyee)
	}
	for id, n := range u.tapes {
		if n != 0 {
			lines = append(lines, fmt.Sprintf("recorded %s: %d times", id, n))
		}
	}
	for id, class := range u.music {
		lines = append(lines, "played to "+id+": "+class)
	}
	slices.Sort(lines)
	return lines
}

// unlistedEvent reports whether nothing is left for a resync to find of what an event tells.
func unlistedEvent(e ami.Event) bool {
	switch e.Name() {
	case "Hold", "Unhold", "MixMonitorStart", "MixMonitorStop", "MusicOnHoldStart", "MusicOnHoldStop", "ChanSpyStart", "ChanSpyStop":
		return true
	default:
		return e.Get("Variable") == "MIXMONITOR_FILENAME"
	}
}

// unheard returns the ids of the channels of which the model's session was not told all that
// it would have to know. They are those of gaps.
func (p *proof) unheard() map[string]bool {
	heard := make(map[string]int)
	for _, e := range p.heard.all() {
		if unlistedEvent(e) {
			heard[e.String()]++
		}
	}
	ids := make(map[string]bool)
	for _, e := range p.witness.all() {
		if !unlistedEvent(e) {
			continue
		}
		if text := e.String(); heard[text] > 0 {
			heard[text]--
			continue
		}
		for _, header := range []string{"Uniqueid", "SpyerUniqueid", "SpyeeUniqueid"} {
			if id := e.Get(header); id != "" {
				ids[id] = true
			}
		}
	}
	return ids
}

// compareUnlisted holds the picture against the record, and against what the console and the
// phones know.
func (p *proof) compareUnlisted(phase int, s live.Snapshot, tapes map[string][]string) {
	p.t.Helper()
	record, unheard := recorded(p.witness.all()), p.unheard()
	diff := differ(record.lines(), recordedIn(s).lines())
	diff = slices.DeleteFunc(diff, func(line string) bool {
		return slices.ContainsFunc(strings.Fields(line), func(word string) bool { return unheard[strings.TrimSuffix(word, ":")] })
	})
	if len(diff) > 0 {
		p.t.Errorf("phase %d: the record and the model differ:\n%s", phase, strings.Join(diff, "\n"))
	}
	files := make(map[string][]string)
	for _, r := range s.Recordings {
		files[r.Channel] = append(files[r.Channel], strings.TrimSuffix(r.File, ".wav"))
	}
	for _, ch := range s.Channels {
		slices.Sort(files[ch.Name])
		if !unheard[ch.Uniqueid] && !slices.Equal(files[ch.Name], tapes[ch.Name]) {
			p.t.Errorf("phase %d: %s is recorded into %q, the console says %q", phase, ch.Name, files[ch.Name], tapes[ch.Name])
		}
	}
	for _, phone := range p.phones {
		calls := slices.DeleteFunc(slices.Clone(s.Channels), func(ch live.Channel) bool {
			return !strings.HasPrefix(ch.Name, "PJSIP/"+phone.user+"-")
		})
		// While it moves a channel to another bridge, Asterisk may lose that it is held no more.
		if len(calls) == 1 && !record.moved[calls[0].Uniqueid] && !phone.lost && phone.toTag != "" && phone.held != record.held[calls[0].Uniqueid] {
			p.t.Errorf("phase %d: %s holds its call: %v; Asterisk told %v", phase, phone.user, phone.held, !phone.held)
		}
	}
}

// tapes asks the console into which files the channels are recorded, without their endings.
func (p *proof) tapes(ctx context.Context) (map[string][]string, error) {
	tapes := make(map[string][]string)
	for _, name := range p.witness.channels(false) {
		m, err := p.client.Do(ctx, ami.Action{Name: "Command"}.With("Command", "mixmonitor list "+name))
		if refused := (*ami.Error)(nil); err != nil && !errors.As(err, &refused) {
			return nil, err
		}
		for _, line := range m.Values("Output") {
			if columns := strings.Split(line, "\t"); len(columns) > 1 && strings.HasPrefix(columns[0], "0x") {
				tapes[name] = append(tapes[name], columns[1])
			}
		}
		slices.Sort(tapes[name])
	}
	return tapes, nil
}

// holds wants each hold to be told of when it begins, and when it ends.
func (s *storyBook) holds(events []ami.Event, told []live.Event) {
	held, since := make(map[string]bool), make(map[string]time.Time)
	for _, e := range events {
		id, at := e.Get("Uniqueid"), when(e)
		if e.Name() == "FullyBooted" {
			clear(held)
		}
		begins, ends := e.Name() == "Hold" && !held[id], (e.Name() == "Unhold" || e.Name() == "Hangup") && held[id]
		unsure := false // the model may not know how it was
		if before, ok := since[id]; ok {
			unsure = s.within(before)
		}
		switch about := e.Name() == "Hold" || e.Name() == "Unhold" || e.Name() == "Hangup"; {
		case !begins && !ends && !(about && unsure):
			continue
		case !begins && !ends:
			ends = e.Name() != "Hold"
		}
		name, need := live.CallHeld, at
		if ends {
			name = live.CallUnheld
		}
		if unsure {
			need = s.gapTime()
		}
		s.want(need, name, id, at.Format(time.StampMicro))
		held[id], since[id] = e.Name() == "Hold", at
	}
	for _, e := range told {
		if e.Name == live.CallHeld || e.Name == live.CallUnheld {
			s.tell(e.Time, e.Name, e.Leg.Uniqueid, e.Time.Format(time.StampMicro))
		}
	}
}
