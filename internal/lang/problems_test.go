package lang

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestProblems(t *testing.T) {
	for _, test := range []struct{ name, yaml, want string }{
		{"unknown key", "text: a\ntires: 3", `app.yaml:2:1: there is no key "tires" here — did you mean "tries"? [unknown-key]`},
		{"missing key", "wait: 5s", `app.yaml:1:1: "text" is missing: what to say [missing-key]`},
		{"duplicate key", "text: a\ntext: b", `app.yaml:2:1: "text" is written twice here — the first one is on line 1 [duplicate-key]`},
		{"unit", "text: a\nwait: 5", `app.yaml:2:7: "wait" wants a duration such as 30s, not "5" — write the unit: 5s [wrong-type]`},
		{"days", "text: a\nwait: 2d", `app.yaml:2:7: "wait" wants a duration such as 30s, not "2d" — write days as hours: 48h [wrong-type]`},
		{"enum", "text: a\nmode: of", `app.yaml:2:7: "mode" is "of", but can only be on and off — did you mean "off"? [not-one-of]`},
		{"grammar", "text: a\nkeys: 12a", `app.yaml:2:7: "keys": only 0-9, * and # are keys [wrong-type]`},
		{"shape", "text: [a]", `app.yaml:1:7: "text" wants text, not a list [wrong-type]`},
		{"double braces", "text: {{ n }}", `app.yaml:1:7: "text" wants text, not a mapping — write ${name} instead of {{ name }} [wrong-type]`},
		{"a function for a name", "text: ${al}", `app.yaml:1:9: there is no "al" here — names here are call, crm, dyn, hours, n and now [unknown-name]`},
		{"a function by its call", "text: ${msak(\"1\")}", `app.yaml:1:9: there is no function "msak" — did you mean "mask"? [unknown-name]`},
		{"literal only", "text: a\nfixed: ${n}s", `app.yaml:2:8: "fixed" must be known when the app is loaded: ${…} is not allowed here [no-expression]`},
		{"template type", "text: a\ntries: ${call.language}", `app.yaml:2:8: "tries" wants a whole number, but call.language is text [wrong-type]`},
		{"unclosed", "text: a ${n", `app.yaml:1:9: this ${ has no closing } — write $${ for a literal ${ [unclosed-expression]`},
		{"unknown name", "text: ${cal.rang}", `app.yaml:1:9: there is no "cal" here — did you mean "call"? [unknown-name]`},
		{"unknown field", "text: ${call.caller.nmu}", `app.yaml:1:21: call.caller has no "nmu" — did you mean "num"? [unknown-field]`},
		{"unknown named thing", "text: a\nwhen: hours.ofice.open", `app.yaml:2:13: hours has no "ofice" — did you mean "office"? [unknown-field]`},
		{"optional field", "text: a\nwhen: crm?.staus == 1", `app.yaml:2:12: crm has no "staus" — did you mean "status"? [unknown-field]`},
		{"slot", "text: a\nwhen: ${n} > 1", `app.yaml:2:7: "when" is an expression already; ${…} belongs into text — write: n > 1 [expression-slot]`},
		{"not a condition", "text: a\nwhen: n", `app.yaml:2:7: "when" wants true or false, but this is a whole number — compare it: n > 0 [wrong-type]`},
		{"dynamic condition", "text: a\nwhen: dyn.vip", `app.yaml:2:7: "when" wants true or false, but the type of this is only known in the call — compare it: dyn.vip == true [wrong-type]`},
		{"tag", "text: a\nwhen: !vip", `app.yaml:2:7: YAML reads !vip as a tag, not as part of the expression — write: not vip [yaml-tag]`},
		{"cut by comment", "text: a\nwhen: all([1], # > 0)", `app.yaml:2:10: this ( is not closed — YAML cut the value at " #": put it in quotes [expression-syntax]`},
		{"digits and number", "text: a\nwhen: call.caller.num == 5", `app.yaml:2:23: == cannot stand between text and a number — put the number in quotes: digits are text [type-mismatch]`},
		{"duration and number", "text: a\nwhen: call.rang > 5", `app.yaml:2:17: > cannot stand between a duration and a number — write "5s" [type-mismatch]`},
		{"bad duration", "text: a\nwhen: call.rang > \"5x\"", `app.yaml:2:17: > cannot stand between a duration and text — write the duration in quotes with its unit, such as "30s" [type-mismatch]`},
		{"assignment", "text: a\nwhen: n = 1", `app.yaml:2:9: = does not compare — write == [expression-syntax]`},
		{"pattern", "text: a\nwhen: call.language matches \"(\"", `app.yaml:2:29: this is no regular expression: a ( is not closed: ( [bad-pattern]`},
		{"function argument", "text: ${mask(n)}", `app.yaml:1:14: mask() wants text, not a number [type-mismatch]`},
		{"forbidden function", "text: ${toJSON(n)}", `app.yaml:1:9: there is no function "toJSON" — the reference lists all functions [unknown-name]`},
		{"dash", "text: a\nwhen: hours.on-call.open", `app.yaml:2:13: hours has no "on" — write hours["on-call"]: a dash outside quotes is a minus [unknown-field]`},
		{"tab", "text: a\n\twait: 5s", `app.yaml:2:1: a tab cannot indent — indent with spaces, not with tabs [yaml-syntax]`},
		{"ternary", "text: a\nlist: ${n > 1 ? 2 : 3}", `app.yaml:2:7: ": " begins another value for YAML — put the expression in quotes: "${n > 1 ? 2 : 3}" [yaml-syntax]`},
		{"options below a word", "list:\n  - hangup\n    when: n > 1\ntext: a", `app.yaml:2:5: options follow, so hangup needs its colon — write - hangup: [yaml-syntax]`},
		{"text below a word", "list:\n  - hangup\n  - a: b: c", `app.yaml:3:8: ": " begins another value for YAML — put the value in quotes: "b: c" [yaml-syntax]`},
		{"documents", "text: a\n---\ntext: b", `app.yaml:2:1: a second YAML document starts here; a file holds one — remove the line with --- [yaml-documents]`},
		{"cycle", "text: &a [*a]", `app.yaml:1:7: this alias stands inside its own anchor [yaml-cycle]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := decodeStep(t, test.yaml)
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if strings.Join(got, "\n") != test.want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), test.want)
			}
		})
	}
}

// TestLeftOut decodes structs of which nothing is written.
func TestLeftOut(t *testing.T) {
	type part struct {
		Wait time.Duration `yaml:"wait" default:"5s"`
	}
	type needy struct {
		Name string `yaml:"name,required" doc:"The name."`
	}
	type whole struct {
		Part  part  `yaml:"part"`
		Needy needy `yaml:"needy"`
	}
	for name, test := range map[string]struct{ text, want string }{
		"left out": {"{}", ""},
		"no keys":  {"part:\n  # wait: 1s\n", ""},
		"required": {"needy:\n", `app.yaml:1:7: "name" is missing: the name [missing-key]`},
		"shape":    {"part: 5s", `app.yaml:1:7: "part" wants a mapping (key: value), not text [wrong-type]`},
	} {
		n, _ := Parse(NewSource("app.yaml", []byte(test.text)))
		d := NewDecoder(NewScope(nil))
		var w whole
		d.DecodeAs("whole", n, &w)
		got := ""
		for _, p := range d.Problems() {
			got += p.String()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if got == "" && w.Part.Wait != 5*time.Second {
			t.Errorf("%s: the default is %v", name, w.Part.Wait)
		}
	}
}

// TestPositions looks for the mistake in each scalar style.
func TestPositions(t *testing.T) {
	for _, text := range []string{
		"text: é ${XX}",
		"text: 'it''s ${XX}'",
		`text: "tab\t\u00e9\x41\` + "\n  " + `b ${XX}"`,
		"text: |\n    foo\n      ${XX}\n",
		"text: >-\n  one\n  two ${XX}\n",
		"text: >\n\n  one\n\n  two\n   more ${XX}\n",
		"text: one\n  two ${XX}",
		"list: [x, 'a ${XX}']\ntext: a",
		"text: 'one\n\n  two ${XX}'",
		"text: &x one ${XX}",
	} {
		_, problems := decodeStep(t, text)
		if len(problems) != 1 {
			t.Errorf("%q: %v", text, problems)
			continue
		}
		p := problems[0]
		line, _ := p.Source.line(p.Line)
		if rest := []rune(line)[p.Column-1:]; !strings.HasPrefix(string(rest), "XX") {
			t.Errorf("%q: %d:%d points at %q", text, p.Line, p.Column, string(rest))
		}
	}
}

func TestRender(t *testing.T) {
	_, problems := decodeStep(t, "text: a\nwhen: hours.ofice.open")
	want := `app.yaml:2:13: hours has no "ofice" — did you mean "office"? [unknown-field]
    2 | when: hours.ofice.open
      |             ^
`
	if got := problems[0].Render(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHostileFiles(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 9; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	for name, test := range map[string]struct{ text, id string }{
		"alias bomb":   {bomb, "too-large"},
		"deep nesting": {"text: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), "too-deep"},
		"huge file":    {"text: " + strings.Repeat("x", maxFileBytes), "too-large"},
	} {
		_, problems := decodeStep(t, test.text)
		if len(problems) != 1 || problems[0].ID != test.id {
			t.Errorf("%s: got %.200v, want one problem %q", name, problems, test.id)
		}
	}
}

func TestPartialScope(t *testing.T) {
	scope := testScope()
	scope.SetPartial()
	inner := scope.Child(Names{"event": Names{"Cause": ""}}) // not of the app, so known
	n, _ := Parse(NewSource("app.yaml", []byte("text: ${unknown} ${hours.night.open}\nwhen: call.nope\nlist: ${event.Cuase}")))
	d := NewDecoder(inner)
	var s step
	d.Decode(n, &s)
	if got := d.Problems(); len(got) != 2 || got[0].ID != "unknown-field" || got[1].ID != "unknown-field" {
		t.Errorf("with a file missing, only what cannot be in it is a problem; got %v", got)
	}
}
