package lang

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

type party struct {
	Num  string `expr:"num"`
	Name string `expr:"name"`
}

type callInfo struct {
	Caller   party         `expr:"caller"`
	Language string        `expr:"language"`
	Rang     time.Duration `expr:"rang"`
	Answered bool          `expr:"answered"`
}

type lookup struct {
	JSON   any `expr:"json"`
	Status int `expr:"status"`
}

type hoursInfo struct {
	Open bool `expr:"open"`
}

// keys is a text type with a grammar of its own.
type keys string

func (k *keys) UnmarshalText(b []byte) error {
	if strings.Trim(string(b), "0123456789*#") != "" {
		return Mistake("only 0-9, * and # are keys", "")
	}
	*k = keys(b)
	return nil
}

func (keys) LangType() (string, string) { return "keys of a phone", `^[0-9*#]*$` }

type step struct {
	Text  Value[string]        `yaml:"text,required" doc:"What to say."`
	Wait  Value[time.Duration] `yaml:"wait" doc:"How long." default:"5s"`
	Tries Value[int]           `yaml:"tries" doc:"How often."`
	Keys  Value[keys]          `yaml:"keys" doc:"Which keys."`
	When  Cond                 `yaml:"when" doc:"Skip unless true."`
	Mode  string               `yaml:"mode" enum:"on,off" doc:"The mode."`
	Data  Value[any]           `yaml:"data" doc:"Any value."`
	List  []Value[string]      `yaml:"list" doc:"One or many."`
	Fixed time.Duration        `yaml:"fixed" doc:"A literal."`
}

func testScope() *Scope {
	return NewScope(Names{
		"call":  callInfo{},
		"crm":   (*lookup)(nil),
		"hours": Names{"office": hoursInfo{}, "on-call": hoursInfo{}},
		"now":   (func() time.Time)(nil),
		"n":     0,
		"dyn":   Any,
	})
}

type testVars map[string]any

func (v testVars) Lookup(name string) any { return v[name] }

func values() testVars {
	return testVars{
		"call":  &callInfo{Caller: party{Num: "+41441234567", Name: "O'Brien"}, Language: "en", Rang: 41 * time.Second},
		"crm":   (*lookup)(nil),
		"hours": map[string]any{"office": &hoursInfo{Open: true}, "on-call": &hoursInfo{}},
		"now":   func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) },
		"n":     3,
		"dyn":   map[string]any{"vip": true},
	}
}

func decodeStep(t *testing.T, text string) (step, Problems) {
	t.Helper()
	var s step
	n, p := Parse(NewSource("app.yaml", []byte(text)))
	if p != nil {
		return s, Problems{p}
	}
	d := NewDecoder(testScope())
	d.Decode(n, &s)
	return s, d.Problems()
}

func TestValues(t *testing.T) {
	get := func(v any, err error) string {
		if err != nil {
			return "error: " + err.Error()
		}
		return fmt.Sprintf("%v", v)
	}
	for _, test := range []struct{ yaml, want string }{
		{"text: welcome", "welcome"},
		{"text: +41791234567", "+41791234567"},
		{"text: 0123", "0123"},
		{"text: 2026-12-25", "2026-12-25"},
		{"text: yes", "yes"},
		{"text:", ""},
		{"text: ${call.caller.num}", "+41441234567"},
		{"text: from ${call.caller.name} <${call.caller.num}>", "from O'Brien <+41441234567>"},
		{"text: rang ${call.rang}", "rang 41s"},
		{"text: $${n}", "${n}"},
		{"text: ${n}", "3"},
		{`text: '${map([1], "}")[0]}'`, "}"},
		{`text: "${call.language == ''en'' ? 1 : 2}"`, "error"},
		{"text: ${crm?.status ?? 7}", "7"},
		{"text: ${crm.status}", `error: app.yaml:1:9: crm.status: a value was not set on this path`},
		{"text: ${dyn.vip}", "true"},
		{"text: ${dyn.missing}", "error: app.yaml:1:9: dyn.missing: wants text, but the value is nil: it was not set on this path"},
		{"text: ${int(call.language)}", `error: app.yaml:1:9: int(call.language): "en" is not a whole number`},
		{"text: ${weekday(now())}", "mon"},
		{"text: |\n  a ${n}\n  b", "a 3\nb"},
	} {
		s, problems := decodeStep(t, test.yaml)
		if test.want == "error" {
			if problems.Err() == nil {
				t.Errorf("%s: no problem found", test.yaml)
			}
			continue
		}
		if problems != nil {
			t.Errorf("%s: %v", test.yaml, problems)
			continue
		}
		if got := get(s.Text.Get(values())); got != test.want {
			t.Errorf("%s: got %q, want %q", test.yaml, got, test.want)
		}
	}
}

func TestTypedValues(t *testing.T) {
	s, problems := decodeStep(t, `
text: x
tries: ${n}
keys: ${n}
when: hours.office.open and call.rang > "30s" and call.caller.num matches "^\\+41"
data:
  text: ${call.language}
  whole: 3
  part: 2.5
  quoted: "3"
  phone: +4179
  date: 2026-12-25
  list: [true, "${n}"]
list: one
mode: off
`)
	if problems != nil {
		t.Fatal(problems)
	}
	if d, err := s.Wait.Get(values()); d != 5*time.Second || err != nil {
		t.Errorf("the default gives %v, %v", d, err)
	}
	if n, err := s.Tries.Get(values()); n != 3 || err != nil {
		t.Errorf("tries = %v, %v", n, err)
	}
	if k, err := s.Keys.Get(values()); k != "3" || err != nil {
		t.Errorf("keys = %v, %v", k, err)
	}
	if ok, err := s.When.Get(values()); !ok || err != nil {
		t.Errorf("when = %v, %v", ok, err)
	}
	data, err := s.Data.Get(values())
	want := "map[date:2026-12-25 list:[true 3] part:2.5 phone:+4179 quoted:3 text:en whole:3]"
	if got := fmt.Sprint(data); got != want || err != nil {
		t.Errorf("data = %v, %v", got, err)
	}
	if len(s.List) != 1 {
		t.Errorf("a single item gave a list of %d", len(s.List))
	}
}

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

func TestFunctionExamples(t *testing.T) {
	for _, f := range Functions {
		if len(f.Examples) == 0 || f.Doc == "" {
			t.Errorf("%s has no example or no doc", f.Name)
		}
		for _, example := range f.Examples {
			s, problems := decodeStep(t, "text: '${"+strings.ReplaceAll(example[0], "'", "''")+"}'")
			if problems != nil {
				t.Errorf("%s: %v", f.Name, problems)
				continue
			}
			if got, err := s.Text.Get(values()); got != example[1] || err != nil {
				t.Errorf("%s gives %q, %v; want %q", example[0], got, err, example[1])
			}
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

func TestEvalErrorIsTyped(t *testing.T) {
	s, problems := decodeStep(t, "text: ${crm.status}")
	if problems != nil {
		t.Fatal(problems)
	}
	_, err := s.Text.Get(values())
	if e, ok := errors.AsType[*EvalError](err); !ok || e.Pos.Line != 1 || e.Expr != "crm.status" {
		t.Errorf("got %#v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"text: ${call.rang}", "text: &a [*a]", "when: \"a\\n#\"", "text: >\n  ${", "data: {a: [${n}]}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, problems := decodeStep(t, text)
		for _, p := range problems {
			_ = p.Render()
			if p.Message == "" || p.ID == "" || p.Line < 1 || p.Column < 1 {
				t.Errorf("incomplete problem %+v", p)
			}
		}
		if problems.Err() == nil {
			// What decodes without a problem evaluates without a panic.
			_, _ = s.Text.Get(values())
			_, _ = s.Data.Get(values())
			_, _ = s.When.Get(values())
		}
	})
}

// What may be nothing, and is written so, is empty in text.
func TestNothingInText(t *testing.T) {
	for text, want := range map[string]string{
		"${crm?.status} calls":           " calls",
		"${crm?.json?.name}":             "",
		"by ${crm?.status ?? 'nobody'}!": "by nobody!",
	} {
		d := NewDecoder(testScope())
		n, problem := Parse(NewSource("x.yaml", []byte(`"`+text+`"`)))
		if problem != nil {
			t.Fatal(problem)
		}
		var v Value[string]
		if d.Decode(n, &v); d.Problems() != nil {
			t.Errorf("%s: %v", text, d.Problems())
			continue
		}
		if got, err := v.Get(mapVars{"crm": (*lookup)(nil)}); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}
