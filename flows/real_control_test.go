package flows_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realNotify is where notices go.
const realNotify = "notify: { ops: { webhook: \"http://WEB/notices\" } }\n"

// controlScenes are calls that hear which way their flows took, and what they told the
// world.
func controlScenes() []realScene {
	scenes := callScenes(listening([]realCall{
		{
			name: "loops", caller: patient(), heard: "1s 2s 3s 4s 5s 6s 7s 8s", status: "DONE",
			flow: `
				- set: { n: 1 }
				- if: n == 1
				  then: { play: 1s }
				  else: { play: one }
				- switch: n
				  case: { 1: { play: 2s } }
				  else: { play: one }
				- repeat: 5
				  do:
				    - next:
				      when: try == 1
				    - play: ${try + 1}s
				    - break:
				      when: try == 3
				- each: sound
				  in: [5s, 6s]
				  do: { play: "${sound}" }
				- parallel:
				    - set: { a: 7s }
				    - set: { b: 8s }
				- play: ["${a}", "${b}"]`,
			want: `
				set
				if
				  play
				switch
				  play
				repeat
				  next (goes on with the next turn)
				  next skipped: try == 1 is false
				  play
				  break skipped: try == 3 is false
				  next skipped: try == 1 is false
				  play
				  break (leaves the loop)
				each
				  play
				  play
				parallel
				  set
				  set
				play
				DONE by dialplan`,
		},
		{
			name: "called", caller: patient(), heard: "1s 2s 3s", status: "DONE",
			flow: `
				- call: called-sub
				  with: { n: 1 }
				  as: got
				- play: ${got.next}s
				- goto: called-end`,
			want: "call\n  play\n  return (returns)\nplay\ngoto (goes on in flow called-end)\nplay\nDONE by dialplan",
		},
		{
			name: "fails", caller: patient(), heard: "1s", status: "DONE",
			flow: "- fail: broken\n  id: my.error\n  on_error: { play: 1s }", want: "fail: my.error: broken (on_error)\n  play\nDONE by dialplan",
		},
		{
			name: "asks_again", caller: presser(0.5, "1", "WaitForSilence(100,1,60)", "WaitForNoise(50,1,60)", "Wait(1.2)", asterisktest.Press("2")), heard: "0s( 0s)?( 1s)? one 0s( 0s)?( 1s)?( 2s)? two", status: "DONE",
			flow: "- menu: count\n  options: { 1: [{ wait: 300ms }, { play: one }, again], 2: { play: two } }", want: "menu\n  wait\n  play\n  again (asks again)\n  play\nDONE by dialplan",
		},
		{
			name: "world", caller: patient(), heard: "1s 2s 3s 4s 5s", status: "DONE",
			flow: `
				- http: http://WEB/status/200
				  on: { ok: { play: 1s } }
				- http: http://WEB/status/404
				  on: { status_4xx: { play: 2s } }
				- http: http://WEB/status/503
				  on: { status_5xx: { play: 3s } }
				- http: http://WEB/never
				  timeout: 100ms
				  on: { timeout: { play: 4s } }
				- http: http://127.0.0.1:1/
				  on: { failed: { play: 5s } }
				- emit: custom.called
				  fields: { by: "${call.caller.num}" }
				- audit: ${call.caller.num} called
				- notify: ops
				  text: ${call.caller.name} called`,
			want: "http → ok (on)\n  play\nhttp → status_4xx (on)\n  play\nhttp → status_5xx (on)\n  play\nhttp → timeout (on)\n  play\n" +
				"http → failed (on)\n  play\nemit\naudit\nnotify\nDONE by dialplan",
			after: func(t *testing.T, p *realPBX) {
				p.await(t, "the notice", func() bool { return strings.Contains(p.notices.text(), `"text":"Ann called"`) })
				if got := p.events.text(); got != "custom.called map[by:5550100]\n" {
					t.Errorf("the event is %q", got)
				}
				text, err := os.ReadFile(p.audit)
				if err != nil || !strings.Contains(string(text), `"text":"5550100 called"`) {
					t.Errorf("the audit says %v\n%s", err, text)
				}
			},
		},
	}))
	return append(scenes, realScene{name: "more flows", flows: `
		called-sub:
		  params: { n: int }
		  returns: { next: int }
		  steps: [{ play: "${n}s" }, { return: { next: "${n + 1}" } }]
		called-end: { play: 3s }`, run: func(*testing.T, *realPBX) {}})
}
