package flows_test

import (
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestReal plays calls on real Asterisks, and wants every outcome of every verb among
// them. All groups share one Asterisk. They come one after another, so that the machine
// can follow, and the scenes of each at once, because they wait most of the time.
func TestReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		groups := []realGroup{
			{name: "keys", scenes: callScenes(keyCalls())},
			{name: "play", scenes: callScenes(playCalls())},
			{name: "say", scenes: callScenes(sayCalls()), config: asterisktest.Config{Files: map[string]string{"musiconhold.conf": realMusic}}},
			{name: "record", scenes: callScenes(recordCalls())},
			dialGroup(t),
			queueGroup(),
			leaveGroup(),
			roomGroup(),
			pbxGroup(),
			{name: "data", scenes: dataScenes()},
			{name: "control", app: realNotify, scenes: controlScenes()},
			{name: "raw", scenes: rawScenes()},
			recordingGroup(),
			spyGroup(),
			interruptGroup(),
			noticeGroup(),
			missingGroup(),
		}
		p := startReal(t, start, groups)
		for _, g := range groups {
			t.Run(g.name, func(t *testing.T) {
				var all sync.WaitGroup
				for _, s := range g.scenes {
					if s.only == "" || s.only == v.Name {
						all.Go(func() { t.Run(s.name, func(t *testing.T) { s.run(t, p) }) })
					}
				}
				all.Wait()
			})
		}
		t.Run("every outcome", func(t *testing.T) { p.ran.wantAll(t, v) })
	})
}
