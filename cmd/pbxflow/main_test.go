package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/examples/callcenter"
)

// app writes files into a new folder and makes it the current one.
func app(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func TestRun(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := app(t, map[string]string{
		"good/flows.yaml":     "flows: { main: hangup }",
		"ca/pbxflow.yaml":     "outgoing: { ca: gone.pem }",
		"bad/flows.yaml":      "flows:\n  main: { plya: hello }\n  other: { goto: man }\n",
		"bad/sub/r.yaml":      "rules: { r: { on: call.ende, do: [] } }\n",
		"empty/README.md":     "",
		"secret/pbxflow.yaml": "asterisk: { pbx1: { address: '127.0.0.1:5038', username: u, secret: '${env.PBXFLOW_TEST_UNSET}' } }",
		"taken/pbxflow.yaml":  "agi: { listen: '" + taken.Addr().String() + "' }",
		"flat/pbxflow.yaml":   "",
		"flat/flows.yaml":     "\tx",
	})
	const badProblems = `flows.yaml:2:11: there is no verb "plya" — did you mean "play"? [unknown-verb]
    2 |   main: { plya: hello }
      |           ^
PREFIXflows.yaml:3:18: there is no flow "man" — did you mean "main"? [unknown-flow]
    3 |   other: { goto: man }
      |                  ^
PREFIXsub/r.yaml:1:19: there is no event "call.ende" — did you mean "call.ended"? [unknown-event]
    1 | rules: { r: { on: call.ende, do: [] } }
      |                   ^
`
	bad := func(prefix string) string { return prefix + strings.ReplaceAll(badProblems, "PREFIX", prefix) }
	for name, test := range map[string]struct {
		args        string
		exit        int
		out, errout string
	}{
		"check":                 {"check good", 0, "good: no problems\n", ""},
		"check strictly":        {"check --strict good", 0, "good: no problems\n", ""},
		"check a broken app":    {"check bad", 1, bad("bad/") + "bad: 3 errors\n", ""},
		"check, with a slash":   {"check ./bad/", 1, bad("bad/") + "./bad/: 3 errors\n", ""},
		"check several":         {"check bad good", 1, bad("bad/") + "bad: 3 errors\ngood: no problems\n", ""},
		"check no app":          {"check empty", 1, "empty: there is no *.yaml file here — is this the folder of an app? [empty-app]\nempty: 1 error\n", ""},
		"check the parent":      {"check .", 1, "", ""},
		"check a missing one":   {"check nowhere", 1, "", "pbxflow: there is no folder nowhere\n"},
		"check a file":          {"check good/flows.yaml", 1, "", "pbxflow: good/flows.yaml is a file: name the folder of the app\n"},
		"check goes on":         {"check nowhere good", 1, "good: no problems\n", "pbxflow: there is no folder nowhere\n"},
		"serve a broken app":    {"serve bad", 1, "", "pbxflow: bad cannot be served:\n" + bad("bad/")},
		"serve a missing one":   {"serve nowhere", 1, "", "pbxflow: there is no folder nowhere\n"},
		"serve a file":          {"serve good/flows.yaml", 1, "", "pbxflow: good/flows.yaml is a file: name the folder of the app\n"},
		"serve without secret":  {"serve secret", 1, "", "pbxflow: pbxflow.yaml:1:72: the environment variable PBXFLOW_TEST_UNSET is not set\n"},
		"serve without a file":  {"serve ca", 1, "", "pbxflow: pbxflow.yaml:1:17: open " + filepath.Join(dir, "ca", "gone.pem") + ": no such file or directory\n"},
		"serve a taken address": {"serve taken", 1, "", "pbxflow: cannot listen for calls: listen tcp " + taken.Addr().String() + ": bind: address already in use\n"},
		"unknown command":       {"serv good", 2, "", "pbxflow: unexpected argument serv, did you mean \"serve\"?\nTry: pbxflow --help\n"},
		"no command":            {"", 2, "", "pbxflow: expected one of \"serve\", \"check\", \"test\", \"fmt\", \"graph\", ...\nTry: pbxflow --help\n"},
		"unknown flag":          {"check --strcit good", 2, "", "pbxflow: unknown flag --strcit, did you mean \"--strict\"?\nTry: pbxflow --help\n"},
		"no folder to serve":    {"serve", 2, "", "pbxflow: expected \"<dir>\"\nTry: pbxflow --help\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errout bytes.Buffer
			if exit := run(strings.Fields(test.args), &out, &errout); exit != test.exit {
				t.Errorf("exit status %d, want %d", exit, test.exit)
			}
			if name == "check the parent" {
				return // of all these apps together
			}
			if diff := cmp.Diff(test.out, out.String()); diff != "" {
				t.Errorf("output differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.errout, errout.String()); diff != "" {
				t.Errorf("error output differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	var out, errout bytes.Buffer
	if exit := run([]string{"version"}, &out, &errout); exit != 0 || !strings.HasPrefix(out.String(), "pbxflow development (go") || errout.Len() > 0 {
		t.Errorf("exit status %d, %q, %q", exit, &out, &errout)
	}
}

// TestFullDisk has no room for what is printed.
func TestFullDisk(t *testing.T) {
	app(t, map[string]string{"flows.yaml": "flows: { main: hangup }"})
	for _, args := range []string{"version", "check", "docs play", "schema app", "fmt --check", "graph main"} {
		var errout bytes.Buffer
		exit := run(strings.Fields(args), fullDisk{}, &errout)
		if exit != 1 || !strings.HasSuffix(errout.String(), "no room\n") || strings.Count(errout.String(), "no room") != 1 {
			t.Errorf("%s: exit status %d, %q", args, exit, &errout)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestHelp(t *testing.T) {
	for _, args := range []string{"--help", "serve --help", "check --help", "test --help", "record --help", "ami --help", "docs --help", "schema --help", "fmt --help", "graph --help"} {
		var out, errout bytes.Buffer
		if exit := run(strings.Fields(args), &out, &errout); exit != 0 || !strings.HasPrefix(out.String(), "Usage: pbxflow") || errout.Len() > 0 {
			t.Errorf("%s: exit status %d, %q, %q", args, exit, &out, &errout)
		}
	}
}

// TestCheckHere checks the current folder, with places that read from there.
func TestCheckHere(t *testing.T) {
	app(t, map[string]string{"flows.yaml": "flows: { main: { plya: x } }"})
	for _, args := range []string{"check", "check ."} {
		var out, errout bytes.Buffer
		exit := run(strings.Fields(args), &out, &errout)
		if exit != 1 || !strings.HasPrefix(out.String(), "flows.yaml:1:18: ") || !strings.HasSuffix(out.String(), "\n.: 1 error\n") {
			t.Errorf("%s: exit status %d\n%s%s", args, exit, &out, &errout)
		}
	}
}

// TestCheckExample keeps the example without problems.
func TestCheckExample(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, callcenter.Files); err != nil {
		t.Fatal(err)
	}
	var out, errout bytes.Buffer
	if exit := run([]string{"check", "--strict", dir}, &out, &errout); exit != 0 {
		t.Errorf("exit status %d\n%s%s", exit, &out, &errout)
	}
}
