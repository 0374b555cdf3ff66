package live_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// TestNothingLeft lets a million calls pass, with a hundred thousand names of channels,
// devices, bridges and conferences. Nothing of them is left.
func TestNothingLeft(t *testing.T) {
	const batch, batches, times = 1000, 100, 10
	// Each call has a story of its own kind between its first and its last event.
	stories := []string{
		"BridgeEnter", "MixMonitorStart", "Hold", "ConfbridgeJoin", "QueueCallerJoin", "MusicOnHoldStart", "Newexten", "AgentConnect", "AgentCalled",
	}
	snapshot := "Channel: PJSIP/@\r\nChannelState: 6\r\nChannelStateDesc: Up\r\nUniqueid: @\r\nLinkedid: @\r\n"
	more := "BridgeUniqueid: b@\r\nConference: c@\r\nQueue: support\r\nInterface: Local/@\r\n\r\n"
	events := func(from int) []ami.Event {
		var b strings.Builder
		for i := from; i < from+batch; i++ {
			story := "Event: Newchannel\r\n" + snapshot + "\r\nEvent: " + stories[i%len(stories)] + "\r\n" + snapshot + more + "Event: Hangup\r\n" + snapshot + "\r\n"
			switch i % 10 {
			case 0:
				story += "Event: DeviceStateChange\r\nDevice: Local/@\r\nState: INUSE\r\n\r\nEvent: DeviceStateChange\r\nDevice: Local/@\r\nState: NOT_INUSE\r\n\r\n"
			case 1:
				story += "Event: ParkedCall\r\nParkeeUniqueid: z@\r\n\r\n"
			}
			story += "Event: BridgeDestroy\r\nBridgeUniqueid: b@\r\n\r\n"
			b.WriteString(strings.ReplaceAll(story, "@", strconv.Itoa(i)))
		}
		all, err := ami.ReadAll(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	m := live.New(live.Options{Server: "pbx1"})
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	n := batches
	if testing.Short() {
		n = 20
	}
	var before uint64
	for i := range n {
		if i == 10 { // maps have their size by then
			before = heap()
		}
		calls := events(i * batch)
		for range times {
			for _, e := range calls {
				m.Handle(e)
			}
		}
	}
	after := heap()
	if left := leftOver(m.Snapshot()); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if grown := int64(after) - int64(before); grown > 1<<20 {
		t.Errorf("the heap has grown by %d bytes over %d calls", grown, (n-10)*batch*times)
	}
}
