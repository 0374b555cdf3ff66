package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// envNames is what expressions in configuration and named things can read.
func envNames() lang.Names { return lang.Names{"env": lang.Any} }

// environment is what the values of a configuration depend on, and gives expressions the
// variables as env.
type environment struct {
	dir       string // of the app; relative names of files begin there
	variables map[string]any
}

func newEnvironment(dir string, variables map[string]string) environment {
	e := environment{dir, make(map[string]any, len(variables))}
	for name, value := range variables {
		e.variables[name] = value
	}
	return e
}

// Lookup returns the variables.
func (e environment) Lookup(string) any { return e.variables }

// get evaluates a value; a mistake is added to errs.
func get[T any](v lang.Value[T], env environment, errs *[]error) T {
	x, err := v.Get(env)
	if err != nil {
		*errs = append(*errs, env.explain(err))
	}
	return x
}

// getFile does so for the name of a file, and returns it as a whole path; empty if no
// file is named.
func getFile(v lang.Value[string], env environment, errs *[]error) string {
	name := get(v, env, errs)
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	whole, err := filepath.Abs(filepath.Join(env.dir, name))
	if err != nil {
		*errs = append(*errs, fmt.Errorf("%s: %w", v.Pos(), err))
	}
	return whole
}

var envPattern = regexp.MustCompile(`\benv(?:\.|\[["'])(\w+)`)

// explain makes the error about a missing environment variable name it.
func (e environment) explain(err error) error {
	failed, ok := errors.AsType[*lang.EvalError](err)
	if !ok {
		return err
	}
	for _, m := range envPattern.FindAllStringSubmatch(failed.Expr, -1) {
		if _, set := e.variables[m[1]]; !set {
			return fmt.Errorf("%s: the environment variable %s is not set", failed.Pos, m[1])
		}
	}
	return fmt.Errorf("%s: %w", failed.Pos, failed.Err)
}
