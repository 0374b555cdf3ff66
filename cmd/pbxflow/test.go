package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/flows/flowtest"
)

type testCommand struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Folders of apps. The current folder if none is named."`
	Only   string   `name:"run" help:"Only the tests whose names match." placeholder:"REGEXP"`
	Cover  bool     `help:"Tell which steps never ran and which outcomes never happened."`
	Update bool     `help:"Write what happened into the scripts of tests that failed."`
	Chaos  bool     `help:"Hang up after every command, press nothing, let web servers fail: whatever happens, calls must end well."`
	JSON   bool     `name:"json" help:"Print each result as JSON, one object a line."`
	JUnit  string   `name:"junit" help:"Write the results to a file too, as JUnit's XML." placeholder:"FILE"`
}

// Run runs the tests of each app. It fails when a test does, or when an app or a test
// file has mistakes.
func (c testCommand) Run(out output, errs errorOutput) error {
	options := flowtest.Options{Chaos: c.Chaos}
	if c.Only != "" {
		var err error
		if options.Run, err = regexp.Compile(c.Only); err != nil {
			return fmt.Errorf("--run: %w", err)
		}
	}
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	var reports []*flowtest.Report
	var dirs []string
	failed, ran := false, 0
	for _, path := range paths {
		report, err := c.test(path, options, errs)
		if err != nil {
			err = explainTest(path, err)
			errs.print(err)
			report = flowtest.Broken(err)
		}
		if err == nil || c.JSON {
			if err := c.print(out, path, report); err != nil {
				return err
			}
		}
		failed = failed || report.Count(flowtest.Failed) > 0
		ran += len(report.Results)
		reports, dirs = append(reports, report), append(dirs, filepath.ToSlash(path))
	}
	if c.JUnit != "" {
		if err := c.writeJUnit(dirs, reports); err != nil {
			return err
		}
	}
	if !failed && ran == 0 && c.Only != "" {
		return fmt.Errorf("no test has a name that matches %s", c.Only)
	}
	if failed {
		return errFailed
	}
	return nil
}

// explainTest makes the error about the app in dir say what to do.
func explainTest(dir string, err error) error {
	if problems, ok := errors.AsType[pbxflow.Problems](err); ok {
		return fmt.Errorf("%s cannot be tested:\n%s", dir, strings.TrimSuffix(render(dir, problems), "\n"))
	}
	return explain(dir, err)
}

// test runs the tests of the app in dir, and again when it has rewritten some.
func (c testCommand) test(dir string, o flowtest.Options, errs errorOutput) (*flowtest.Report, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file: name the folder of the app", dir)
	}
	report, err := flowtest.Test(os.DirFS(dir), o)
	if err != nil || !c.Update {
		return report, err
	}
	files := report.Update()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := replaceFile(path, files[name]); err != nil {
			return nil, err
		}
		if _, err := fmt.Fprintf(errs, "%s: wrote down what happened\n", path); err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return report, nil
	}
	return flowtest.Test(os.DirFS(dir), o)
}

func (c testCommand) print(out output, dir string, report *flowtest.Report) error {
	if c.JSON {
		err := report.WriteJSON(out, filepath.ToSlash(dir))
		if err == nil && c.Cover {
			err = report.Coverage.WriteJSON(out, filepath.ToSlash(dir))
		}
		return err
	}
	if err := report.WriteText(out, filepath.ToSlash(dir)); err != nil || !c.Cover {
		return err
	}
	_, err := report.Coverage.WriteTo(out)
	return err
}

func (c testCommand) writeJUnit(dirs []string, reports []*flowtest.Report) error {
	file, err := os.Create(c.JUnit)
	if err != nil {
		return err
	}
	return errors.Join(flowtest.WriteJUnit(file, dirs, reports), file.Close())
}
