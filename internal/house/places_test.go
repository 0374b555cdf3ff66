package house

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"testing"
)

// places must not stand in any file: they exist on one machine or network only. The
// words are cut in two here so that this file does not contain them.
var places = []string{
	"/wo" + "rk/",
	"/ro" + "ot/",
	"../sh" + "ared",
	"proxy.go" + "lang.org",
	"deb.deb" + "ian.org",
	"registry.np" + "mjs.org",
}

func TestPlaces(t *testing.T) {
	for _, name := range tracked(t) {
		if path.Base(name) == "go.sum" {
			continue // written by go
		}
		text, err := os.ReadFile(at(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			for _, place := range places {
				if bytes.Contains(line, []byte(place)) {
					t.Errorf("%s:%d speaks of %s, which others do not have: make it an option, or leave it out", name, i+1, place)
				}
			}
		}
	}
}
