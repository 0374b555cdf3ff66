package app_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// maxFuzzed bounds what a fuzz target loads: [TestAbuse] loads what is huge.
const maxFuzzed = 1 << 16

// FuzzLoad loads any text as a file of an app and as the configuration. Every problem
// stands at a place that the file has, and what is corrected can be loaded again.
func FuzzLoad(f *testing.F) {
	for _, s := range bothCorpora(f) {
		f.Add(s.text)
	}
	verbs := builtin(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > maxFuzzed {
			return
		}
		for _, name := range []string{"app.yaml", app.ConfigFile} {
			files := fstest.MapFS{
				name:          {Data: []byte(text)},
				"office.yaml": {Data: []byte("hours: { office: {} }\nqueues: { support: {} }\nflows: { other: answer }\n")},
			}
			_, problems := app.Load(files, verbs)
			checkPlaces(t, problems)
			fixed := problems.Apply()
			for name, text := range fixed {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			if len(fixed) > 0 {
				app.Load(files, verbs)
			}
		}
	})
}

// FuzzExpression loads any text as a condition, as a key of a rule and within text.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		`call.dialed == 100`, `any(call.args, # == "1")`, `queue.waited > 20s`, `a = b`, `not call.dialed`, `now() > call.started`,
		`call.dialed matches "_0X."`, `crm?.json?.vip ?? false`, `call.dialed in [1, 2]`, `let x = 1; x`, `{"a": 1}["a"]`, `call.args[0:1]`,
	} {
		f.Add(text)
	}
	verbs := builtin(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > maxFuzzed || !utf8.ValidString(text) {
			return
		}
		quoted := strings.ReplaceAll(text, "'", "''")
		_, problems := app.Load(fstest.MapFS{"app.yaml": {
			Data: []byte(
				"flows:\n  main:\n    - http: https://crm.example/\n      as: crm\n      on_error: continue\n" +
					"    - if: '" + quoted + "'\n      then: answer\n    - log: 'a ${" + quoted + "} b'\n" +
					"rules:\n  r: { on: queue.abandoned, where: '" + quoted + "', per: '" + quoted + "', cooldown: 5m, do: { log: x } }\n"),
		}}, verbs)
		checkPlaces(t, problems)
	})
}

// checkPlaces checks that problems can be shown.
func checkPlaces(t *testing.T, problems lang.Problems) {
	for _, p := range problems {
		lines := strings.Count(p.Source.Text, "\n") + 1
		if p.Line < 0 || p.Line > lines || p.Column < 0 || p.Message == "" || p.ID == "" {
			t.Errorf("a problem at %d:%d of %d lines: %v", p.Line, p.Column, lines, p)
		}
	}
	_ = problems.Error()
}

func builtin(tb testing.TB) *flows.Verbs {
	verbs, err := flows.NewVerbs()
	if err != nil {
		tb.Fatal(err)
	}
	return verbs
}

// bothCorpora are the bad and the good apps.
func bothCorpora(tb testing.TB) []specimen {
	var all []specimen
	for _, folder := range []string{"bad", "good", "fix"} {
		for _, file := range corpusFiles(tb, folder) {
			all = append(all, specimens(tb, file)...)
		}
	}
	return all
}
