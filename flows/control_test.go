package flows_test

import (
	"strings"
	"testing"
)

func TestLoops(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "repeat", flow: "- repeat: 3\n  do:\n    - log: ${try}\n    - next:\n      when: try == 1\n    - break:\n      when: try == 2\n- log: after",
			want: "repeat\n  log 1\n  next (goes on with the next turn)\n  log 2\n  next skipped: try == 1 is false\n  break (leaves the loop)\nlog after\nDONE by dialplan",
		},
		{
			name: "repeat until the number is used up", flow: "- set: { n: 2 }\n- repeat: ${n}\n  do: { log: \"${try}\" }\n- log: after",
			want: "set\nrepeat\n  log 1\n  log 2\nlog after\nDONE by dialplan",
		},
		{
			name: "while", flow: "- set: { left: 2 }\n- repeat:\n  while: left > 0\n  do: { set: { left: \"${left - 1}\" } }\n- log: ${left}",
			want: "set\nrepeat\n  set\n  set\nlog 0\nDONE by dialplan",
		},
		{
			name: "while has a bound", flow: "- repeat:\n  while: call.dialed != \"x\"\n  do: []\n  on_error: { log: \"${error.id} ${error.message}\" }",
			want: "repeat: limit: the loop had 1000 turns and would go on (on_error)\n  log limit the loop had 1000 turns and would go on\nDONE by dialplan",
		},
		{
			name: "each", flow: "- each: n\n  in: [\"1\", \"${call.dialed}\"]\n  do: { log: \"${try} ${n}\" }\n- each: x\n  in: ${call.args}\n  do: { log: \"${x}\" }",
			want: "each\n  log 1 1\n  log 2 100\neach\nDONE by dialplan",
		},
		{
			name: "loops within loops", flow: "- each: a\n  in: [x, y]\n  do:\n    - each: b\n      in: [1, 2]\n      do:\n        - if: b == 2\n          then: next\n        - log: ${a}${b}\n        - break",
			want: "each\n  each\n    if\n    log x1\n    break (leaves the loop)\n  each\n    if\n    log y1\n    break (leaves the loop)\nDONE by dialplan",
		},
	})
}

func TestSwitch(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "text", flow: "- switch: call.dialed\n  case:\n    100: { log: hundred }\n    [200, 300]: { log: more }\n  else: { log: other }",
			want: "switch\n  log hundred\nDONE by dialplan",
		},
		{
			name: "number and list", flow: "- set: { n: 3 }\n- switch: n\n  case: { 1: { log: one }, [2, 3]: { log: few } }",
			want: "set\nswitch\n  log few\nDONE by dialplan",
		},
		{
			name: "else", flow: "- switch: call.dialed == \"1\"\n  case: { true: { log: one } }\n  else: { log: other }",
			want: "switch\n  log other\nDONE by dialplan",
		},
		{
			name: "none", flow: "- switch: call.language\n  case: { xx: { log: one } }\n- log: after",
			want: "switch\nlog after\nDONE by dialplan",
		},
	})
}

func TestCallAndReturn(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "values", flow: "- call: sub\n  with: { n: 2 }\n  as: got\n- log: ${got.twice} ${got.text}",
			more: "sub:\n  params: { n: int }\n  returns: { twice: int, text: string }\n  steps:\n    - return: { twice: \"${n * 2}\", text: \"a-${n}\" }\n  finally: { log: left }",
			want: "call\n  return (returns)\n  log left\nlog 4 a-2\nDONE by dialplan",
		},
		{
			name: "to the dialplan", flow: "params: { n: int = 1 }\nreturns: { vip: bool }\nsteps: { return: { vip: \"${n == 1}\" } }",
			want: "return (returns)\nRETURN by dialplan", status: "RETURN  true",
		},
		{
			name: "several to the dialplan", flow: "returns: { a: string, b: int }\nsteps: { return: { a: x, b: 5 } }",
			want: "return (returns)\nRETURN by dialplan", status: `RETURN  {\"a\":\"x\",\"b\":\"5\"}`,
		},
		{
			name: "an error of the called flow", flow: "- call: sub\n  on_error: { log: \"${error.id}\" }\n- log: after",
			more: "sub:\n  - fail: broken\n    id: my.error",
			want: "call: my.error: broken (on_error)\n  fail: my.error: broken\n  log my.error\nlog after\nDONE by dialplan",
		},
		{
			name: "goto leaves all flows", flow: "steps:\n  - call: sub\n  - log: not reached\nfinally: { log: left main }",
			more: "sub:\n  steps: { goto: other }\n  finally: { log: left sub }\nother: { log: other }",
			want: "call (goes on in flow other)\n  goto (goes on in flow other)\n  log left sub\nlog left main\nlog other\nDONE by dialplan",
		},
	})
}

// Flows that call each other without end are stopped, and no caller waits.
func TestEndlessCalls(t *testing.T) {
	c := conversation{
		flow: "- call: sub\n  on_error: { log: \"${error.id}\" }", more: "sub: { call: sub }",
	}
	c.want = "call: limit: 50 flows have called each other: they run in circles (on_error)\n"
	for depth := range 50 {
		c.want += strings.Repeat("  ", depth+1) + "call: limit: 50 flows have called each other: they run in circles\n"
	}
	c.want += "  log limit\nDONE by dialplan"
	c.run(t)
}

func TestParallel(t *testing.T) {
	runAll(t, []conversation{
		{
			name: "names", flow: "- set: { a: 1 }\n- parallel:\n    - set: { b: \"${a + 1}\" }\n    - - set: { c: 3 }\n      - log: c\n- log: ${a} ${b} ${c}",
			want: "set\nparallel\n  set\n  set\n  log c\nlog 1 2 3\nDONE by dialplan",
		},
		{
			name: "an error", flow: "- parallel:\n    - fail: broken\n  on_error: { log: \"${error.message}\" }",
			want: "parallel: fail: broken (on_error)\n  fail: fail: broken\n  log broken\nDONE by dialplan",
		},
	})
}

func TestAgain(t *testing.T) {
	ask := func(key string) string {
		return "> GET OPTION \"m\" \"0123456789*#\" \"5000\"\n< 200 result=" + key + " endpos=0\n"
	}
	runAll(t, []conversation{
		{
			name: "uses no try", flow: "- menu: m\n  tries: 2\n  options: { 1: again, 2: { log: two } }\n  no_input: { log: \"none in ${try}\" }\n  give_up: { log: gave up }",
			asterisk: ask("49") + ask("49") + ask("0") + ask("49") + ask("50"),
			want:     "menu\n  again (asks again)\n  again (asks again)\n  log none in 1\n  again (asks again)\n  log two\nDONE by dialplan",
		},
	})
}
