// Package flowtest runs the tests of an app: the *.test.yaml files in its folder. There
// is no Asterisk and no network, and time does not pass: a call of an hour is tested in
// less than a millisecond.
//
//	tests:
//	  a caller chooses sales:
//	    flow: main
//	    at: 2026-11-23T10:00:00+01:00
//	    caller: "+41441234567"
//	    given:
//	      http: { "https://crm.example/*": { status: 200, json: { vip: true } } }
//	    script:
//	      - hear: welcome
//	      - { hear: main-menu, press: 1 }
//	      - { queue: sales, answer: 12s }
//	      - { hangup: caller, after: 3m }
//	    expect: { ended: by caller, took: 3m12s }
//
// A test is a call to a flow. Its script is what the caller hears and does, and what
// becomes of the call, in the order in which it happens. What happens and is not in the
// script is a failure, and so is what is in the script and does not happen. Of what is in
// the script only the keys that are written are compared, and texts may be globs.
//
// `pbxflow test` runs them, and so does [Run] from a Go test, with the verbs of the host
// program:
//
//	func TestFlows(t *testing.T) { flowtest.Run(t, "app", myVerbs...) }
//
// # How it works
//
// Each test has an [agi.Session] of its own with a simulated channel at its other end,
// which answers every command as Asterisk does, and the flow runs in the usual engine.
// The channel asks the script what the caller does. The engine's clock jumps from one
// thing that happens to the next.
package flowtest
