package live_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// BenchmarkHandle feeds real streams to a model: of a server that was asked for all
// events, and of the scenarios, which leave out what says nothing. Rules take all derived
// events.
func BenchmarkHandle(b *testing.B) {
	paths, err := filepath.Glob("testdata/scenarios/*-22.ami")
	if err != nil {
		b.Fatal(err)
	}
	var scenes []ami.Event
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		events, err := ami.ReadAll(f)
		f.Close()
		if err != nil {
			b.Fatal(err)
		}
		scenes = append(scenes, events...)
	}
	for _, stream := range []struct {
		name   string
		events []ami.Event
	}{{"capture", captured(b)}, {"scenarios", scenes}} {
		for _, who := range []string{"nobody", "rules"} {
			b.Run(stream.name+"/"+who, func(b *testing.B) {
				m := live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*", "PJSIP/trunk-?-*"}})
				var sub *live.Subscription
				if who == "rules" {
					sub = m.Subscribe(100)
					defer sub.Close()
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					m.Handle(stream.events[i%len(stream.events)])
					i++
					for sub != nil && len(sub.C()) > 0 {
						<-sub.C()
					}
				}
			})
		}
	}
}

// BenchmarkSnapshot reads the picture of a server with a thousand calls.
func BenchmarkSnapshot(b *testing.B) {
	m := live.New(live.Options{Server: "pbx1"})
	for i := range 1000 {
		id := string(rune('a'+i%26)) + string(rune('a'+i/26))
		for _, leg := range []string{"1", "2"} {
			m.Handle(ami.NewEvent("Newchannel", "Channel", "PJSIP/"+id+"-"+leg, "ChannelState", "6", "ChannelStateDesc", "Up", "Uniqueid", id+leg, "Linkedid", id+"1"))
			m.Handle(ami.NewEvent("BridgeEnter", "BridgeUniqueid", "b"+id, "Channel", "PJSIP/"+id+"-"+leg, "ChannelStateDesc", "Up", "Uniqueid", id+leg, "Linkedid", id+"1"))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Snapshot()
	}
}
