package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// numbered joins n texts made from a format with their number.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestAbuse loads what nobody writes by hand: it ends, in an error where it must.
func TestAbuse(t *testing.T) {
	const mega = 1 << 20
	flow := func(step string) string { return "flows:\n  main:\n    - " + step + "\n" }
	for name, test := range map[string]struct{ text, want string }{
		"10 MB":                  {"# " + strings.Repeat("x", 10*mega), "too-large"},
		"brackets":               {"flows: " + strings.Repeat("[", mega), "yaml-syntax"},
		"closed brackets":        {"flows: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "too-deep"},
		"braces":                 {"flows: " + strings.Repeat("{a: ", mega/4), "yaml-syntax"},
		"nested lists":           {"flows:\n  main: " + strings.Repeat("- ", mega/2), "yaml-syntax"},
		"nested steps":           {flow(strings.Repeat("{if: call.dialed == '1', then: ", 90) + "answer" + strings.Repeat("}", 90)), ""},
		"nested keys":            {nestedKeys(2000), "too-deep"},
		"a long line":            {flow("log: " + strings.Repeat("x", 3*mega)), ""},
		"a long key":             {strings.Repeat("x", 3*mega) + ": {}", "yaml-syntax"},
		"a quote that goes on":   {flow("log: \"" + strings.Repeat("x\n", mega)), "yaml-syntax"},
		"many quotes":            {strings.Repeat("'", 3*mega), "wrong-type"},
		"many colons":            {strings.Repeat(":", 3*mega), "yaml-syntax"},
		"many tabs":              {strings.Repeat("\t", 3*mega), "yaml-syntax"},
		"many anchors":           {"flows:\n" + numbered(5_000, "  f%[1]d: &a%[1]d answer\n"), "unused-anchor"},
		"brackets in expression": {flow("if: '" + strings.Repeat("(", 3*mega) + "'"), "expression-cost"},
		"minus in expression":    {flow("if: " + strings.Repeat("-", 9_000) + "1 > 0"), "expression-cost"},
		"not in expression":      {flow("if: " + strings.Repeat("not ", 2_400) + "call.answered"), "expression-cost"},
		"and in expression":      {flow("if: " + strings.Repeat("call.dialed == '1' and ", 400) + "call.dialed == '2'"), "expression-cost"},
		"brackets that fit":      {flow("if: " + strings.Repeat("(", 4_900) + "true" + strings.Repeat(")", 4_900) + "\n      then: answer"), "constant-condition"},
		"many expressions":       {flow("log: " + strings.Repeat("${call.dialed}", 5_000)), ""},
		"many bad expressions":   {flow("log: " + strings.Repeat("${cal.dialed}", 5_000)), "too-many-problems"},
		"an endless expression":  {flow("log: ${" + strings.Repeat("x", 3*mega)), "unclosed-expression"},
		"a long pattern":         {flow("if: call.dialed matches '" + strings.Repeat("(a|b)*", 1500) + "'\n      then: answer"), ""},
		"a pattern that repeats": {flow("if: call.dialed matches '((((a{1,100}){1,100}){1,100}){1,100})'\n      then: answer"), "bad-pattern"},
		"many unknown verbs":     {"flows:\n  main:\n" + numbered(5_000, "    - verb%d: x\n"), "too-many-problems"},
		"many unknown keys":      {"flows:\n  main:\n    - log: x\n" + numbered(5_000, "      key%d: x\n"), "too-many-problems"},
		"many unknown flows":     {"flows:\n" + numbered(5_000, "  flow%[1]d: { goto: flowx%[1]d }\n"), "too-many-problems"},
		"many flows in a chain":  {"flows:\n" + numbered(5_000, "  f%[1]d: { call: g%[1]d }\n  g%[1]d: answer\n"), ""},
		"a chain of calls":       {chain(5_000), ""},
		"a chain of gotos":       {strings.ReplaceAll(chain(5_000), "call:", "goto:"), ""},
		"many names":             {"flows:\n  main:\n" + numbered(5_000, "    - set: { _a%d: 1 }\n"), ""},
		"many parameters":        {"flows:\n  main:\n    params:\n" + numbered(5_000, "      _p%d: string = x\n") + "    steps: answer\n", ""},
		"many cases":             {"flows:\n  main:\n    - switch: call.dialed\n      case:\n" + numbered(5_000, "        %d: answer\n"), ""},
		"many warnings":          {"flows:\n  main:\n" + numbered(5_000, "    - set: { a%d: 1 }\n"), "never-used"},
		"many rules":             {"rules:\n" + numbered(2_000, "  r%[1]d: { on: call.ended, cooldown: 5m, do: { log: '%[1]d' } }\n"), ""},
		"many events":            {"rules:\n  r:\n    on: [" + strings.Repeat("Hangup, ", 5_000) + "]\n    do: { log: x }\n", "too-many-problems"},
		"many files' worth":      {numbered(100_000, "k%d: {}\n"), "too-large"},
		"many silenced":          {"flows:\n  main:\n" + strings.Repeat("    - answer # lint:ignore never-used because\n", 5_000), "unused-ignore"},
		"no text":                {strings.Repeat("\x00", mega), "yaml-syntax"},
		"no UTF-8":               {strings.Repeat("\xff\xfe", mega), "yaml-syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := load(t, folder(map[string]string{"app.yaml": test.text}))
			if len(problems) > 5_002 {
				t.Errorf("%d problems", len(problems))
			}
			if got := ids(problems); test.want == "" && len(got) > 0 || test.want != "" && !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if rendered := problems.Error(); len(rendered) > 4*mega {
				t.Errorf("the problems are %d bytes long", len(rendered))
			}
		})
	}
}

// ids are the kinds of the problems.
func ids(problems lang.Problems) string {
	var list []string
	for _, p := range problems {
		list = append(list, p.ID)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// nestedKeys is a mapping in a mapping, and so on.
func nestedKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// chain is flows of which each calls the one before.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("flows:\n  f0: answer\n")
	for i := range n {
		fmt.Fprintf(&b, "  f%d: { call: f%d }\n", i+1, i)
	}
	return b.String()
}
