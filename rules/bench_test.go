package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
)

// BenchmarkHandle has 1,000 rules look at 100 types of events, so that each event is
// judged by 10 rules, of which none fires. The budget is 100,000 events a second on
// one core.
func BenchmarkHandle(b *testing.B) {
	var names []string
	for _, e := range catalog.Events() {
		if len(names) < 100 && e.Class != nil && e.Has("Uniqueid") && e.Has("Channel") {
			names = append(names, e.Name)
		}
	}
	for _, e := range live.Events {
		if len(names) < 100 {
			names = append(names, e.Name)
		}
	}
	for _, e := range catalog.Events() {
		if len(names) < 100 && e.Class != nil && !e.Has("Uniqueid") {
			names = append(names, e.Name)
		}
	}
	var text strings.Builder
	for i := range 1000 {
		where := fmt.Sprintf(`event.SystemName == "%d"`, i)
		switch name := names[i%100]; {
		case strings.HasPrefix(name, "call.") || strings.HasPrefix(name, "queue."):
			where = fmt.Sprintf(`call.direction == "in" and call.dialed == "%d"`, i)
		case strings.HasPrefix(name, "server."):
			where = fmt.Sprintf(`server.name == "%d"`, i)
		}
		fmt.Fprintf(&text, "r%d: { on: %s, where: '%s', cooldown: 1m, do: [] }\n", i, names[i%100], where)
	}
	o := newOffice(b, text.String())
	events := make([]live.Event, len(names))
	for i, name := range names {
		events[i] = raw(name, "Privilege", "call,all", "Timestamp", "1700000000.000000",
			"Channel", "PJSIP/carrier-00000001", "ChannelState", "6", "ChannelStateDesc", "Up", "CallerIDNum", "5550100",
			"CallerIDName", "Ann", "ConnectedLineNum", "101", "ConnectedLineName", "Bob", "Language", "en", "AccountCode", "",
			"Context", "from-carrier", "Exten", "200", "Priority", "1", "Uniqueid", "1700000000.1", "Linkedid", "1700000000.1",
			"Cause", "16", "Cause-txt", "Normal Clearing")
		events[i].Call = call(name, "1").Call
		events[i].Queue = &live.Queue{Name: "support"}
		events[i].Peer = &live.Server{Name: "pbx1"}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		o.engine.Handle(b.Context(), events[i%len(events)])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if got := o.said(); got != nil {
		b.Fatalf("rules decided: %.3q", got)
	}
}
