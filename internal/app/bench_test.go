package app_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
)

// thousand is an app of 1,000 flows of 30 steps and 1,000 rules, in 100 files.
func thousand() fstest.MapFS {
	files := fstest.MapFS{"names.yaml": {Data: []byte("queues: { support: {} }\nhours: { office: { open: { mon-fri: 09:00-17:00 } } }\n")}}
	for i := range 100 {
		var b strings.Builder
		b.WriteString("flows:\n")
		for f := range 10 {
			fmt.Fprintf(&b, "  flow-%d-%d:\n    - answer\n", i, f)
			for s := range 9 {
				fmt.Fprintf(&b, "    - play: welcome-%d\n      when: call.language == \"en\" and hours.office.open\n"+
					"    - if: call.caller.num startsWith \"+41%d\"\n      then: { log: \"${call.caller.num} in %d\" }\n"+
					"    - set: { n%d: \"${call.dialed + '%d'}\" }\n", s, s, s, s, s)
			}
			fmt.Fprintf(&b, "    - log: ${n0}${n1}${n2}${n3}${n4}${n5}${n6}${n7}${n8}\n    - goto: flow-%d-%d\n      when: call.duration < \"5s\"\n", i, (f+1)%10)
		}
		b.WriteString("rules:\n")
		for r := range 10 {
			fmt.Fprintf(&b, "  rule-%d-%d: { on: call.ended, where: 'call.direction == \"in\" and call.rang > \"%ds\"', cooldown: 5m, do: { log: \"${call.caller.num}\" } }\n", i, r, r)
		}
		files[fmt.Sprintf("f%d.yaml", i)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return files
}

// BenchmarkLoad loads and checks 1,000 flows of 30 steps and 1,000 rules.
func BenchmarkLoad(b *testing.B) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		b.Fatal(err)
	}
	files := thousand()
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := app.Load(files, verbs); problems.Err() != nil {
			b.Fatal(problems)
		}
	}
}
