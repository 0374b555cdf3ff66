package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/internal/layout"
)

type fmtCommand struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Folders of apps, or single files. The current folder if none is named."`
	Check bool     `help:"Change nothing: name the files that would change, and fail if there are any."`
}

// Run lays out the files of apps, tests and pbxflow.yaml too. It names the files that it
// changes. One that is not YAML, or that cannot be laid out safely, is left as it is and
// told.
func (c fmtCommand) Run(out output, errs errorOutput) error {
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	failed := false
	for _, path := range paths {
		files, err := yamlFiles(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("there is no %s", path)
		}
		if err != nil {
			errs.print(err)
			failed = true
		}
		for _, file := range files {
			changed, err := c.format(file)
			if err != nil {
				errs.print(err)
			}
			if changed {
				if _, err := fmt.Fprintln(out, file); err != nil {
					return err
				}
			}
			failed = failed || err != nil || changed && c.Check
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

// format lays out one file and reports whether that changes it.
func (c fmtCommand) format(file string) (changed bool, err error) {
	before, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	after, err := layout.Format(lang.NewSource(filepath.ToSlash(file), before))
	if problems, ok := errors.AsType[lang.Problems](err); ok {
		return false, fmt.Errorf("a file is left as it is:\n%w", problems)
	}
	if err != nil {
		return false, fmt.Errorf("%s is left as it is: %w", file, err)
	}
	if after == string(before) || c.Check {
		return after != string(before), nil
	}
	return true, replaceFile(file, after)
}

// yamlFiles returns the YAML files in a folder and below it, hidden ones left aside, or
// the file itself.
func yamlFiles(path string) (files []string, err error) {
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := name != path && strings.HasPrefix(entry.Name(), ".")
		switch {
		case entry.IsDir() && hidden:
			return fs.SkipDir
		case entry.IsDir() || hidden:
			return nil
		}
		if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" || name == path {
			files = append(files, name)
		}
		return nil
	})
	return files, err
}
