package app_test

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// folder makes an app of files by name.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func load(t *testing.T, fsys fs.FS) (*app.App, lang.Problems) {
	t.Helper()
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	return app.Load(fsys, verbs)
}

// mustLoad loads an app without mistakes.
func mustLoad(t *testing.T, fsys fs.FS) *app.App {
	t.Helper()
	a, problems := load(t, fsys)
	if problems != nil {
		t.Fatalf("problems:\n%v", problems)
	}
	return a
}

func lines(problems lang.Problems) []string {
	var list []string
	for _, p := range problems {
		list = append(list, p.String())
	}
	return list
}

func TestMerge(t *testing.T) {
	a := mustLoad(t, folder(map[string]string{
		"b.yaml":                "flows: { main: { goto: other } }\nrules: { second: { on: call.ended, do: [] } }\ntrunks: PJSIP/b*",
		"a.yaml":                "flows: { other: hangup }\nrules: { first: { on: call.ended, hours: office, do: [] } }\ntrunks: [PJSIP/a*, SIP/a*]",
		"deep/er/hours.yaml":    "hours: { office: }\nqueues: { support: , sales: { service_level: 1m } }",
		"short.yml":             "flows: { short: hangup }",
		"empty.yaml":            "",
		"comment.yaml":          "# nothing yet\n",
		"null.yaml":             "flows:\nrules:\nhours:\ntrunks:\n",
		"pbxflow.yaml":          "log: { level: debug }",
		"office.test.yaml":      "not: [an app",
		"office.test.yml":       "not: [an app",
		".hidden/x.yaml":        "not: [an app",
		".x.yaml":               "not: [an app",
		"asterisk/manager.conf": "[general]",
	}))
	var ruleNames []string
	for _, r := range a.Rules {
		ruleNames = append(ruleNames, r.Name)
	}
	type app struct{ Flows, Rules, Queues, Trunks, Files []string }
	got := app{keys(a.Program.Flows), ruleNames, keys(a.Queues), a.Trunks, a.Files}
	want := app{
		Flows: []string{"main", "other", "short"}, Rules: []string{"first", "second"}, Queues: []string{"sales", "support"},
		Trunks: []string{"PJSIP/a*", "SIP/a*", "PJSIP/b*"},
		Files:  []string{"a.yaml", "b.yaml", "comment.yaml", "deep/er/hours.yaml", "empty.yaml", "null.yaml", "pbxflow.yaml", "short.yml"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the app differs (-want +got):\n%s", diff)
	}
}

func keys[T any](m map[string]T) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func TestProblems(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"no files": {nil, []string{`.: there is no *.yaml file here — is this the folder of an app? [empty-app]`}},
		"a name in two files": {map[string]string{"a.yaml": "flows: { main: hangup }", "b.yaml": "flows: { main: hangup }"}, []string{
			`b.yaml:1:10: "main" stands twice under flows — the first one is at a.yaml:1:10 [duplicate-name]`,
		}},
		"a name in three files": {map[string]string{"a.yaml": "queues: { a: }", "b.yaml": "queues: { a: }", "c.yaml": "queues: { a: }"}, []string{
			`b.yaml:1:11: "a" stands twice under queues — the first one is at a.yaml:1:11 [duplicate-name]`,
			`c.yaml:1:11: "a" stands twice under queues — the first one is at a.yaml:1:11 [duplicate-name]`,
		}},
		"a name twice in a file": {map[string]string{"a.yaml": "flows:\n  main: hangup\n  main: hangup"}, []string{
			`a.yaml:3:3: "main" is written twice here — the first one is on line 2 [duplicate-key]`,
		}},
		// What stands under the second one is not reported as unknown.
		"a section twice": {map[string]string{"a.yaml": "flows:\n  main: { goto: other }\nflows:\n  other: hangup"}, []string{
			`a.yaml:3:1: "flows" is written twice here — the first one is on line 1 [duplicate-key]`,
		}},
		// The other files are checked, but what may have been lost is not unknown.
		"a syntax error": {map[string]string{
			"a.yaml": "flows:\n\tother: hangup",
			"b.yaml": "flows: { main: [{ goto: other }, { queue: support }, { log: '${hours.office.open}' }, { lgo: x }] }",
		}, []string{
			`a.yaml:2:1: a tab cannot indent — indent with spaces, not with tabs [yaml-syntax]`,
			`b.yaml:1:89: there is no verb "lgo" — did you mean "log"? [unknown-verb]`,
		}},
		"a file that is no mapping": {map[string]string{"a.yaml": "- flows", "b.yaml": "flows: { main: { goto: other } }"}, []string{
			`a.yaml:1:1: a file of an app is a mapping with keys such as flows and rules [wrong-type]`,
		}},
		"a section that is no mapping": {map[string]string{"a.yaml": "flows: [main]"}, []string{
			`a.yaml:1:8: "flows" wants a mapping from names to what they stand for [wrong-type]`,
		}},
		// Read on as if it were spelt right.
		"a misspelt section": {map[string]string{"a.yaml": "flow:\n  main: { gto: other }\n  other: hangup"}, []string{
			`a.yaml:1:1: there is no key "flow" at the top of a file — did you mean "flows"? [unknown-key]`,
			`a.yaml:2:11: there is no verb "gto" — did you mean "goto"? [unknown-verb]`,
		}},
		"an unknown section": {map[string]string{"a.yaml": "music: {}"}, []string{
			`a.yaml:1:1: there is no key "music" at the top of a file — keys are hours, queues, trunks, dialing, sounds, people, notify, flows, rules [unknown-key]`,
		}},
		"configuration in another file": {map[string]string{"a.yaml": "asterisk: {}\nlog: {}"}, []string{
			`a.yaml:1:1: there is no key "asterisk" at the top of a file — it configures the server, so it belongs into pbxflow.yaml [unknown-key]`,
			`a.yaml:2:1: there is no key "log" at the top of a file — it configures the server, so it belongs into pbxflow.yaml [unknown-key]`,
		}},
		"configuration further down": {map[string]string{"a/pbxflow.yaml": "agi: {}"}, []string{
			`a/pbxflow.yaml:1:1: there is no key "agi" at the top of a file — it configures the server, so it belongs into the pbxflow.yaml at the top of the app's folder [unknown-key]`,
		}},
		"flows in the configuration": {map[string]string{"pbxflow.yaml": "flows: { other: hangup }", "a.yaml": "flows: { main: { goto: other } }"}, []string{
			`pbxflow.yaml:1:1: there is no key "flows" here — pbxflow.yaml only configures the server: put it into a file beside it, such as flows.yaml [unknown-key]`,
		}},
		"things of the wrong shape": {map[string]string{"a.yaml": "rules: { r: text }\nqueues: { q: [] }\nhours: { h: always }"}, []string{
			`a.yaml:1:13: "r" wants a mapping (key: value), not text [wrong-type]`,
			`a.yaml:2:14: "q" wants a mapping (key: value), not a list [wrong-type]`,
			`a.yaml:3:13: "h" wants a mapping (key: value), not text [wrong-type]`,
		}},
		"trunks": {map[string]string{"a.yaml": "trunks: [PJSIP/a, 'PJSIP/[', '']"}, []string{
			`a.yaml:1:19: "trunks": "PJSIP/[" is no pattern of channels — write one such as PJSIP/carrier* [wrong-type]`,
			`a.yaml:1:30: "trunks": "" is no pattern of channels — write one such as PJSIP/carrier* [wrong-type]`,
		}},
		"configuration": {map[string]string{"pbxflow.yaml": `
agi: { listen: 4573, max_sessions: -1 }
http: { listen: localhost }
asterisk:
  pbx1: { adress: 127.0.0.1:5038, username: u, secret: "${evn.SECRET}" }
  pbx2: { address: "127.0.0.1:", username: u, secret: "${env.S}" }
log: { level: verbose }
sorry: sorry.wav
`}, []string{
			`pbxflow.yaml:2:16: "listen": "4573" is not host:port — write :4573 to listen on all addresses, or 127.0.0.1:4573 [wrong-type]`,
			`pbxflow.yaml:2:36: "max_sessions": "-1" is no number of things — write a whole number such as 500, or 0 [wrong-type]`,
			`pbxflow.yaml:3:17: "listen": "localhost" is not host:port [wrong-type]`,
			`pbxflow.yaml:5:11: there is no key "adress" here — did you mean "address"? [unknown-key]`,
			`pbxflow.yaml:5:59: there is no "evn" here — did you mean "env"? [unknown-name]`,
			`pbxflow.yaml:6:20: "address": "127.0.0.1:" is not host:port: the port is a number up to 65535 [wrong-type]`,
			`pbxflow.yaml:7:15: "level" is "verbose", but can only be trace, debug, info, warn and error [not-one-of]`,
			`pbxflow.yaml:8:8: "sorry": "sorry.wav" has a file ending: Asterisk chooses the format itself — write sorry [wrong-type]`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a, problems := load(t, folder(test.files))
			if diff := cmp.Diff(test.want, lines(problems)); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
			if a != nil {
				t.Error("an app with mistakes was loaded")
			}
		})
	}
}

// unreadable is a folder with a file that cannot be opened.
type unreadable struct{ fs.FS }

func (u unreadable) Open(name string) (fs.File, error) {
	if name == "secret.yaml" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.FS.Open(name)
}

func TestUnreadable(t *testing.T) {
	_, problems := load(t, unreadable{folder(map[string]string{
		"secret.yaml": "flows: { other: hangup }",
		"a.yaml":      "flows: { main: { goto: other } }",
	})})
	want := []string{`secret.yaml: cannot be read: permission denied [unreadable]`}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	if got := problems.Error(); got != want[0] {
		t.Errorf("a problem of a whole file renders as\n%s", got)
	}
}

// gone is a folder that cannot even be listed.
type gone struct{}

func (gone) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("input/output error")}
}

func TestGone(t *testing.T) {
	_, problems := load(t, gone{})
	if diff := cmp.Diff([]string{`.: cannot be read: input/output error [unreadable]`}, lines(problems)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestRevision(t *testing.T) {
	files := func(change ...string) map[string]string {
		m := map[string]string{"a.yaml": "flows: { main: hangup }", "b.yaml": "queues: { a: }"}
		for i := 0; i < len(change); i += 2 {
			m[change[i]] = change[i+1]
		}
		return m
	}
	first := mustLoad(t, folder(files()))
	if len(first.Revision) != 8 || first.Program.Revision != first.Revision {
		t.Errorf("revision %q, of the program %q", first.Revision, first.Program.Revision)
	}
	for name, test := range map[string]struct {
		files map[string]string
		same  bool
	}{
		"again":              {files(), true},
		"line ends":          {files("a.yaml", "flows: { main: hangup }"), true},
		"a test beside it":   {files("a.test.yaml", "x: y"), true},
		"another file there": {files("README.md", "hello"), true},
		"content":            {files("a.yaml", "flows: { main: answer }"), false},
		"a comment":          {files("a.yaml", "flows: { main: hangup } # yes"), false},
		"a new file":         {files("c.yaml", ""), false},
	} {
		if got := mustLoad(t, folder(test.files)).Revision; (got == first.Revision) != test.same {
			t.Errorf("%s: revision %s after %s", name, got, first.Revision)
		}
	}
}
