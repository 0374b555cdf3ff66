package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindServer(t *testing.T) {
	const (
		one     = "asterisk: { a: { address: '1:1', username: u, secret: '${env.A}' } }"
		two     = "agi: { listen: '${env.LISTEN}' }\nasterisk: { a: { address: '1:1', username: u, secret: '${env.A}' }, b: { address: '2:2', username: v, secret: '${env.B}' } }"
		invalid = "asterisk: { a: { adress: '1:1' } }"
	)
	env := map[string]string{"A": "secret"}
	for name, test := range map[string]struct {
		file, server, want, problem string
	}{
		"the only one":      {one, "", "a 1:1 u secret", ""},
		"by name":           {two, "a", "a 1:1 u secret", ""},
		"not said":          {two, "", "", "names several servers: say which one, a or b"},
		"unknown":           {two, "c", "", `names no server "c", but a, b`},
		"its secret is not": {two, "b", "", "the environment variable B is not set"},
		"none":              {"", "", "", "names no server under asterisk"},
		"a mistake":         {invalid, "", "", `did you mean "address"?`},
		"no YAML":           {"\tx", "", "", "pbxflow.yaml:1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{ConfigFile: test.file, "flows.yaml": "broken: ["} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := FindServer(dir, test.server, env)
			got := strings.TrimSpace(strings.Join([]string{s.Name, s.Address, s.Username, s.Secret}, " "))
			if got != test.want || (err == nil) != (test.problem == "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("got %q, %v, want %q, %s", got, err, test.want, test.problem)
			}
		})
	}
	if _, err := FindServer(t.TempDir(), "", nil); err == nil || err.Error() != "there is no pbxflow.yaml here" {
		t.Errorf("no file: %v", err)
	}
}
