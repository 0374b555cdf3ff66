package pbxflow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Problem is one mistake in an app: its place, what is wrong and what to write
// instead. Its Render method shows the line with a caret.
type Problem = lang.Problem

// Problems are all mistakes of an app, sorted by place. As an error it prints
// them one below the other. Err is nil when none of them keeps the app from
// loading.
type Problems = lang.Problems

// Check reads the app in fsys and tells all that is wrong with it, without
// serving it. verbs are those of the host program, beside the built-in ones. The
// error is about verbs; mistakes in the app are problems.
//
// What only a running server needs is not looked at: ${env.NAME} may be unset.
func Check(fsys fs.FS, verbs ...flows.Verb) (Problems, error) {
	table, err := flows.NewVerbs(verbs...)
	if err != nil {
		return nil, err
	}
	_, problems := app.Load(fsys, table)
	return problems, nil
}

// Check reads the app that a server with these options would serve and tells all that
// is wrong with it. It looks at FS or Dir, Verbs and Functions.
func (o Options) Check() (Problems, error) {
	verbs, err := o.verbs()
	if err != nil {
		return nil, err
	}
	fsys := o.FS
	if fsys == nil {
		if fsys, err = openDir(o.Dir); err != nil {
			return nil, err
		}
	}
	_, problems := app.Load(fsys, verbs)
	return problems, nil
}

// verbs are the built-in verbs and those of the program, with its functions.
func (o Options) verbs() (*flows.Verbs, error) {
	verbs, err := flows.NewVerbs(o.Verbs...)
	if err != nil {
		return nil, err
	}
	return verbs.WithFunctions(o.Functions...)
}

// CheckDir is [Check] for a folder on disk. A folder that does not exist is an
// error.
func CheckDir(dir string, verbs ...flows.Verb) (Problems, error) {
	fsys, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	return Check(fsys, verbs...)
}

// openDir returns the folder dir, which must be one.
func openDir(dir string) (fs.FS, error) {
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("pbxflow: there is no folder %s: %w", dir, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("pbxflow: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("pbxflow: %s is a file: name the folder of the app", dir)
	}
	return os.DirFS(dir), nil
}
