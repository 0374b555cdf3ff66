package capture_test

import (
	"io"
	"strconv"
	"testing"

	"github.com/pbxflow/pbxflow/ami/capture"
)

// BenchmarkWrite writes an event of usual size, with one of 1,000 callers.
func BenchmarkWrite(b *testing.B) {
	var events [][]byte
	for n := range 1000 {
		number := "55" + strconv.Itoa(10_000+n)
		events = append(events, wire("Event: VarSet|Privilege: dialplan,all|Channel: PJSIP/"+number+"-00000001|ChannelState: 6|ChannelStateDesc: Up|"+
			"CallerIDNum: "+number+"|CallerIDName: Ann|ConnectedLineNum: 200|ConnectedLineName: Bob|Language: en|AccountCode: |Context: main|Exten: 100|"+
			"Priority: 3|Uniqueid: 1795229978.12|Linkedid: 1795229978.12|Variable: QUEUENAME|Value: support||"))
	}
	for name, o := range map[string]capture.Options{
		"secrets": {Gzip: true}, "numbers": {Gzip: true, Numbers: true}, "plain": {},
	} {
		b.Run(name, func(b *testing.B) {
			w := capture.NewWriter(io.Discard, o)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := w.Write(capture.Record{Raw: events[i%len(events)]}); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
