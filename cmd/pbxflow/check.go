package main

import (
	"errors"
	"fmt"
	"io/fs"
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
func (c checkCommand) Run(out output, errs errorOutput) error {
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	failed := false
	for _, path := range paths {
		problems, err := pbxflow.CheckDir(path)
		if err != nil {
			errs.print(explain(path, err))
			failed = true
			continue
		}
		if _, err := fmt.Fprint(out, render(path, problems), summary(path, problems), "\n"); err != nil {
			return err
		}
		failed = failed || problems.Err() != nil || c.Strict && len(problems) > 0
	}
	if failed {
		return errFailed
	}
	return nil
}

// render shows the problems of the app in dir. The places read from where the user
// stands, so that an editor or terminal can open them.
func render(dir string, problems pbxflow.Problems) string {
	var b strings.Builder
	for _, p := range problems {
		name := p.Source.Name
		b.WriteString(filepath.ToSlash(filepath.Join(dir, name)) + strings.TrimPrefix(p.Render(), name))
	}
	return b.String()
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

// explain makes the error about the app in dir say what to do.
func explain(dir string, err error) error {
	if problems, ok := errors.AsType[pbxflow.Problems](err); ok {
		return fmt.Errorf("%s cannot be served:\n%s", dir, strings.TrimSuffix(render(dir, problems), "\n"))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s", dir)
	}
	return err
}
