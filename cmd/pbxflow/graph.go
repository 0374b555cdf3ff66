package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/internal/graph"
	"github.com/pbxflow/pbxflow/internal/lang"
	"github.com/pbxflow/pbxflow/internal/pbxcheck"
	"github.com/pbxflow/pbxflow/internal/reference"
)

type graphCommand struct {
	Flow   string `arg:"" help:"The flow."`
	Dir    string `arg:"" optional:"" default:"." help:"The folder of the app. The current one if left out."`
	Format string `enum:"svg,mermaid,dot" default:"svg" help:"svg (a picture), mermaid (for Markdown) or dot (for Graphviz)."`
	Output string `short:"o" help:"Write it to a file." placeholder:"FILE" type:"path"`
}

// Run draws a flow of an app that has no mistakes.
func (c graphCommand) Run(out output) error {
	if _, err := os.Stat(c.Dir); err != nil {
		return explain(c.Dir, err)
	}
	loaded, err := pbxcheck.Load(os.DirFS(c.Dir))
	if err != nil {
		return explain(c.Dir, err)
	}
	written := loaded.Written("flows", c.Flow)
	if written.Key.IsZero() {
		names := slices.Sorted(maps.Keys(loaded.Program.Flows))
		if near := lang.Nearest(c.Flow, names); near != "" {
			return fmt.Errorf("there is no flow %q — did you mean %q?", c.Flow, near)
		}
		return fmt.Errorf("there is no flow %q, but %s", c.Flow, strings.Join(names, ", "))
	}
	flow := graph.Read(c.Flow, written.Value, reference.VerbNames())
	text := map[string]func() string{"svg": flow.SVG, "mermaid": flow.Mermaid, "dot": flow.DOT}[c.Format]()
	if c.Output != "" {
		return os.WriteFile(c.Output, []byte(text), 0o644) //nolint:gosec // a picture is no secret
	}
	_, err = fmt.Fprint(out, text)
	return err
}
