package house

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFileLength keeps files readable from top to bottom in one go. Tests, which are
// mostly tables, may be longer.
func TestFileLength(t *testing.T) {
	const (
		long    = 350 // time to think about it
		tooLong = 400
	)
	for _, p := range packages(t) {
		for _, file := range p.GoFiles {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			name := short(p.ImportPath) + "/" + file
			switch lines := bytes.Count(text, []byte("\n")); {
			case lines > tooLong:
				t.Errorf("%s has %d lines, more than %d: split it by what its parts are about", name, lines, tooLong)
			case lines > long:
				t.Logf("%s has %d lines: it fails above %d", name, lines, tooLong)
			}
		}
	}
}
