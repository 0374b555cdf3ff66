package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/pbxflow/pbxflow/internal/reference"
)

type schemaCommand struct {
	Kind   string `arg:"" optional:"" default:"app" help:"Of which files: ${schemas}. app if left out; config is pbxflow.yaml, test is *.test.yaml."`
	Output string `short:"o" help:"Write it to a file." placeholder:"FILE" type:"path"`
}

// schemaKinds are what the command's help names.
func schemaKinds() string { return strings.Join(reference.SchemaKinds(), ", ") }

// Run writes the JSON Schema that editors complete and check an app's files by.
func (c schemaCommand) Run(out output) error {
	text, err := reference.Schema(c.Kind)
	if err != nil {
		return fmt.Errorf("there is no schema %q, but %s", c.Kind, schemaKinds())
	}
	if c.Output != "" {
		return os.WriteFile(c.Output, text, 0o644) //nolint:gosec // a schema is no secret
	}
	_, err = out.Write(text)
	return err
}
