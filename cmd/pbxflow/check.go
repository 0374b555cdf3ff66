package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pbxflow/pbxflow"
)

type checkCommand struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Folders of apps. The current folder if none is named."`
	Strict bool     `help:"Fail on warnings too."`
}

// Run checks each app and prints all problems. It fails when one of them keeps an
// app from loading.
func (c checkCommand) Run(out output) error {
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	failed := false
	for _, path := range paths {
		problems, err := pbxflow.CheckDir(path)
		if err != nil {
			return explain(path, err)
		}
		for _, p := range problems {
			// The place reads from where the user stands, so that an editor or
			// terminal can open it.
			text := p.Render()
			if path != "." {
				text = filepath.ToSlash(filepath.Clean(path)) + "/" + text
			}
			if _, err := fmt.Fprint(out, text); err != nil {
				return err
			}
		}
		bad := problems.Err() != nil || c.Strict && len(problems) > 0
		failed = failed || bad
		if _, err := fmt.Fprintln(out, summary(path, problems)); err != nil {
			return err
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

func summary(path string, problems pbxflow.Problems) string {
	errs, warnings := problems.Count()
	if errs+warnings == 0 {
		return path + ": no problems"
	}
	var parts []string
	for _, n := range []struct {
		count int
		word  string
	}{{errs, "error"}, {warnings, "warning"}} {
		switch {
		case n.count == 1:
			parts = append(parts, "1 "+n.word)
		case n.count > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n.count, n.word))
		}
	}
	return path + ": " + strings.Join(parts, ", ")
}

// explain makes the errors of a wrong path say what to do.
func explain(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s", path)
	}
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
		return fmt.Errorf("%s is a file: name the folder of the app", path)
	}
	return err
}
