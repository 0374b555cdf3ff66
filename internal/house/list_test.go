package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	module = "github.com/pbxflow/pbxflow"
	top    = "../.." // the folder of the module, seen from here
)

// pkg is what go list says about a package. Name and Imports leave tests out.
type pkg struct {
	ImportPath string
	Name       string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// packages returns all packages of the module that hold more than tests.
func packages(t *testing.T) []pkg {
	t.Helper()
	out := run(t, "go", "list", "-json=ImportPath,Name,Dir,GoFiles,Imports", "./...")
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

// tracked returns the files in git, as slashed paths from the top. Without git, as in
// an unpacked archive, the test is skipped.
func tracked(t *testing.T) []string {
	t.Helper()
	if err := exec.Command("git", "-C", top, "rev-parse", "--git-dir").Run(); err != nil {
		t.Skipf("this is no git checkout: %v", err)
	}
	return strings.FieldsFunc(run(t, "git", "ls-files", "-z"), func(r rune) bool { return r == 0 })
}

// at returns the path of a file in git, seen from here.
func at(name string) string { return filepath.Join(top, filepath.FromSlash(name)) }

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = top
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, complaint.String())
	}
	return string(out)
}
