package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pbxflow/pbxflow"
)

type checkCommand struct {
	Paths    []string `arg:"" optional:"" name:"path" help:"Folders of apps. The current folder if none is named."`
	Strict   bool     `help:"Fail on warnings too."`
	Fix      bool     `help:"Correct in the files what is safe to correct."`
	Asterisk bool     `help:"Ask the Asterisk servers of pbxflow.yaml too: queues, endpoints, dialplan, applications, sounds, rights."`
	Server   string   `help:"With --asterisk: only this one." placeholder:"NAME"`
	Format   string   `enum:"text,json,sarif" default:"text" help:"How to print: text, json (one object a line) or sarif."`
}

// Run checks each app and prints all problems. It fails when one of them keeps an
// app from loading.
func (c checkCommand) Run(out output, errs errorOutput) error {
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	if c.Server != "" && !c.Asterisk {
		return errors.New("--server needs --asterisk")
	}
	if c.Format == "sarif" && len(paths) > 1 {
		return errors.New("sarif is one document: name one folder")
	}
	failed := false
	for _, path := range paths {
		problems, err := c.check(path, errs)
		if err != nil {
			errs.print(explain(path, err))
			failed = true
			continue
		}
		if c.Asterisk && problems.Err() == nil {
			found, err := askAsterisk(context.Background(), path, c.Server)
			if err != nil {
				errs.print(fmt.Errorf("%s: %w", path, err))
				failed = true
			}
			problems = append(problems, found...).Sort()
		}
		if err := c.print(out, path, problems); err != nil {
			return err
		}
		failed = failed || problems.Err() != nil || c.Strict && len(problems) > 0
	}
	if failed {
		return errFailed
	}
	return nil
}

// check returns what is wrong with the app in dir, after correcting what it may.
func (c checkCommand) check(dir string, errs errorOutput) (pbxflow.Problems, error) {
	problems, err := pbxflow.CheckDir(dir)
	if err != nil || !c.Fix {
		return problems, err
	}
	fixed := 0
	// A correction can bring to light what could not be seen before, so again, but not
	// for ever.
	for range 10 {
		files := problems.Apply()
		if len(files) == 0 {
			break
		}
		for name, text := range files {
			if err := replaceFile(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
				return nil, err
			}
		}
		before := len(problems)
		if problems, err = pbxflow.CheckDir(dir); err != nil {
			return nil, err
		}
		fixed += max(before-len(problems), 0)
	}
	_, err = fmt.Fprintf(errs, "%s: corrected %d\n", dir, fixed)
	return problems, err
}

// replaceFile gives a file another content, or leaves it as it is when that fails.
func replaceFile(path, text string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".pbxflow-*")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(text)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

func (c checkCommand) print(out output, dir string, problems pbxflow.Problems) error {
	switch c.Format {
	case "json":
		return problems.WriteJSON(out)
	case "sarif":
		return problems.WriteSARIF(out, filepath.ToSlash(dir), version)
	}
	_, err := fmt.Fprint(out, render(dir, problems), summary(dir, problems), "\n")
	return err
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
	// The error may be about another file, such as a certificate.
	if _, missing := os.Stat(dir); errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s", dir)
	}
	return err
}
