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
