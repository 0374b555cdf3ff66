package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFmt(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.yaml":      "flows: { a: hangup }\n",
		"sub/bad.yaml":   "flows: {b: hangup}\n",
		"sub/x.test.yml": "tests:   {}\n",
		"broken.yaml":    "flows: [\n",
		"notes.txt":      "a:   b\n",
		".git/x.yaml":    "a:   b\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	here := func(text string) string { return strings.ReplaceAll(text, dir+"/", "") }
	want := "pbxflow: a file is left as it is:\n" +
		"broken.yaml:1:8: this [ is not closed — write the missing ] [yaml-syntax]\n    1 | flows: [\n      |        ^\n" +
		"sub/bad.yaml\nsub/x.test.yml\n"
	if diff := cmp.Diff(want, here(runCommand(t, 1, "fmt --check "+dir))); diff != "" {
		t.Errorf("--check differs (-want +got):\n%s", diff)
	}
	if got := read(t, dir, "sub/bad.yaml"); got != "flows: {b: hangup}\n" {
		t.Errorf("--check wrote %q", got)
	}
	if diff := cmp.Diff(want, here(runCommand(t, 1, "fmt "+dir))); diff != "" {
		t.Errorf("it differs (-want +got):\n%s", diff)
	}
	if got := read(t, dir, "sub/bad.yaml"); got != "flows: { b: hangup }\n" {
		t.Errorf("it wrote %q", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "sub/bad.yaml")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file has another mode: %v %v", info, err)
	}
	if got := runCommand(t, 0, "fmt "+filepath.Join(dir, "sub")); got != "" {
		t.Errorf("a second time it says %q", got)
	}
	if got := here(runCommand(t, 1, "fmt "+filepath.Join(dir, "none"))); got != "pbxflow: there is no none\n" {
		t.Errorf("about nothing it says %q", got)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
