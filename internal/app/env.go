package app

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// envNames is what expressions in configuration and named things can read.
func envNames() lang.Names { return lang.Names{"env": lang.Any} }

// environment gives expressions the environment as env.
type environment map[string]any

// Lookup returns the environment.
func (e environment) Lookup(string) any { return map[string]any(e) }

var envPattern = regexp.MustCompile(`\benv(?:\.|\[["'])(\w+)`)

// explain makes the error about a missing environment variable name it.
func (e environment) explain(err error) error {
	failed, ok := errors.AsType[*lang.EvalError](err)
	if !ok {
		return err
	}
	for _, m := range envPattern.FindAllStringSubmatch(failed.Expr, -1) {
		if _, set := e[m[1]]; !set {
			return fmt.Errorf("%s: the environment variable %s is not set", failed.Pos, m[1])
		}
	}
	return fmt.Errorf("%s: %w", failed.Pos, failed.Err)
}
