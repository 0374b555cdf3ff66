package live_test

import (
	"testing"

	"github.com/pbxflow/pbxflow/ami/live"
)

// BenchmarkHandle feeds a real stream to a model with a subscriber that follows.
func BenchmarkHandle(b *testing.B) {
	events := capture(b)
	m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}})
	sub := m.Subscribe(1)
	defer sub.Close()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Handle(events[i%len(events)])
		i++
		select {
		case <-sub.C():
		default:
		}
	}
}
