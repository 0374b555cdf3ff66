package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGraph(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app.yaml"), []byte("flows: { main: [answer, { goto: end }], end: hangup }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"graph main " + dir:                     `<a href="#flow-end">`,
		"graph main --format mermaid " + dir:    "  n1 --> n2\n",
		"graph main --format dot " + dir:        `digraph "main"`,
		"graph end --format=mermaid " + dir:     `n1["hangup"]`,
		"graph end -o " + dir + "/a.svg " + dir: "",
	} {
		if got := runCommand(t, 0, args); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
	if !strings.HasPrefix(read(t, dir, "a.svg"), "<svg ") {
		t.Error("the file holds no picture")
	}
	if got := runCommand(t, 1, "graph mian "+dir); got != "pbxflow: there is no flow \"mian\" — did you mean \"main\"?\n" {
		t.Errorf("of a flow that is not there it says %s", got)
	}
}
