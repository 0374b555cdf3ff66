package live_test

import (
	"cmp"
	"compress/gzip"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

// readRerun reads what happens in a run of TestRerun.
func readRerun(t *testing.T, file string) []ami.Event {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	events, err := ami.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events { // the odd microseconds are those of the clock
		digits := []byte(e.Get("Timestamp"))
		digits[len(digits)-1] &^= 1
		events[i] = at(e, string(digits))
	}
	return inOrder(events)
}

// inOrder puts what came before all was told of its channel behind that: the truth waits for
// it, where Asterisk's lists have it.
func inOrder(events []ami.Event) (ordered []ami.Event) {
	told, early := make(map[string]bool), make(map[string][]ami.Event) // by Uniqueid
	for _, e := range events {
		id := cmp.Or(e.Get("ParkeeUniqueid"), e.Get("Uniqueid"))
		if waits := strings.HasPrefix(e.Name(), "Confbridge") || e.Get("ParkeeUniqueid") != ""; waits && id != "" && !told[id] {
			early[id] = append(early[id], e)
			continue
		}
		ordered = append(ordered, e)
		told[id] = told[id] || e.Get("ChannelStateDesc") == "Up" || e.Name() == "BridgeEnter"
		if told[id] {
			for _, late := range early[id] {
				ordered = append(ordered, at(late, e.Get("Timestamp")))
			}
			delete(early, id)
		}
	}
	return ordered
}

// at returns an event with another time.
func at(e ami.Event, timestamp string) ami.Event {
	pairs := []string{"Timestamp", timestamp}
	for name, value := range e.All() {
		if name != "Event" && name != "Timestamp" {
			pairs = append(pairs, name, value)
		}
	}
	return ami.NewEvent(e.Name(), pairs...)
}

// later returns events as they would be some seconds later.
func later(events []ami.Event, seconds int64) []ami.Event {
	moved := make([]ami.Event, len(events))
	for i, e := range events {
		var pairs []string
		for name, value := range e.All() {
			whole, rest, exact := strings.Cut(value, ".")
			switch n, err := strconv.ParseInt(whole, 10, 64); {
			case name == "Event":
				continue
			case name == "Timestamp" && exact:
				value = strconv.FormatInt(n+seconds, 10) + "." + rest
			case (name == "LastCall" || name == "LastPause" || name == "LoginTime") && err == nil && n > 0:
				value = strconv.FormatInt(n+seconds, 10)
			}
			pairs = append(pairs, name, value)
		}
		moved[i] = ami.NewEvent(e.Name(), pairs...)
	}
	return moved
}
