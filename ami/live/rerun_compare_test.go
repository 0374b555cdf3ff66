package live_test

import (
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
)

// compare holds the model against the truth when all has been brought.
func (x *rerun) compare(part string) {
	x.t.Helper()
	for x.listening() || !x.rests() {
		if x.coming() == 0 {
			return // Asterisk ends here
		}
		x.step()
	}
	x.compared++
	truth, picture := pictured(x.truth.Snapshot()), pictured(x.model.Snapshot())
	diff := slices.DeleteFunc(differ(truth.lines, picture.lines), func(line string) bool {
		queue, ended := strings.CutPrefix(line[strings.Index(line, ": ")+2:], "ended in ")
		return strings.Contains(line, ": app of ") || strings.Contains(line, ": taken by ") || ended && x.left[queue[:strings.Index(queue, ":")]]
	})
	diff = slices.DeleteFunc(diff, x.witness.misled(diff, x.heard.unsure))
	if len(diff) > 0 {
		x.t.Errorf("%s: the truth and the model differ:\n%s", part, strings.Join(diff, "\n"))
	}
	for queue, n := range truth.completed {
		// The end of the talk of a member who was removed in it may have to be guessed.
		if off := picture.completed[queue] - n; off < -1 || off > 1 {
			x.t.Errorf("%s: queue %s has completed %d calls, in truth %d", part, queue, picture.completed[queue], n)
		}
	}
	unheard := x.unheard()
	diff = differ(recordedIn(x.truth.Snapshot()).lines(), recordedIn(x.model.Snapshot()).lines())
	diff = slices.DeleteFunc(diff, func(line string) bool {
		return slices.ContainsFunc(strings.Fields(line), func(word string) bool { return unheard[strings.TrimSuffix(word, ":")] })
	})
	if len(diff) > 0 {
		x.t.Errorf("%s: of what no list has, the truth and the model differ:\n%s", part, strings.Join(diff, "\n"))
	}
}

// rests lets time pass in which nothing happens, until the model has its lists and has been told
// all. It reports whether that left the truth as it was: where it waits for an event to come, such
// as one that says why a talk is over, and then does without, the lists were those of before.
func (x *rerun) rests() bool {
	x.stand(true)
	defer x.stand(false)
	before := pictured(x.truth.Snapshot())
	x.Down(false)
	time.Sleep(5 * time.Second)
	x.mu.Lock()
	x.bring(len(x.ahead))
	x.mu.Unlock()
	time.Sleep(5 * time.Second)
	synctest.Wait()
	return slices.Equal(before.lines, pictured(x.truth.Snapshot()).lines)
}

// listening reports whether a channel begins to listen in: the lists have it before it is told.
func (x *rerun) listening() bool {
	s := x.truth.Snapshot()
	return slices.ContainsFunc(s.Channels, func(ch live.Channel) bool {
		return ch.App == "ChanSpy" && !slices.ContainsFunc(s.ListenIns, func(l live.ListenIn) bool { return l.Uniqueid == ch.Uniqueid })
	})
}
