// Command customverb is a server with a verb and a function of its own. Flows use them
// like the built-in ones: mistakes in their options have a place, a caret and a
// suggestion too.
//
//	go run ./examples/customverb
//
// Then let the dialplan call AGI(agi://host/main). `go run ./examples/customverb check`
// only tells what is wrong with the app.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/flows"
)

//go:embed app
var files embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	options, err := options()
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "check" {
		problems, err := options.Check()
		return errors.Join(err, problems.Err())
	}
	server, err := pbxflow.New(options)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

func options() (pbxflow.Options, error) {
	app, err := fs.Sub(files, "app")
	return pbxflow.Options{
		FS:        app,
		Verbs:     []flows.Verb{greetVerb},
		Functions: []flows.Function{{Name: "region", Doc: "Where a number is from.", Func: region}},
	}, err
}

var unknownHour = flows.Outcome{Name: "night", Doc: "It is night, and nobody is greeted.", Failure: true}

var greetVerb = flows.Verb{
	Name:      "greet",
	Summary:   "Wishes the caller a good morning, day or evening.",
	Example:   "- answer\n- greet: good\n  on: { night: hangup }",
	Outcomes:  []flows.Outcome{flows.Done, unknownHour},
	NeedsCall: true, Media: true,
	Result: (*greetResult)(nil),
	New:    func() flows.Step { return &greetStep{} },
}

type greetStep struct {
	Prefix flows.Value[string] `yaml:"greet,required" doc:"The beginning of the sounds' names: good stands for good-morning and so on."`
	From   flows.Value[int]    `yaml:"from" default:"6" doc:"The hour at which the night is over."`
}

type greetResult struct {
	Sound string `expr:"sound" doc:"the sound that was played"`
}

// Run plays the sound for the time of the day.
func (g *greetStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	prefix, err := g.Prefix.Get(c)
	if err != nil {
		return flows.Outcome{}, err
	}
	from, err := g.From.Get(c)
	if err != nil {
		return flows.Outcome{}, err
	}
	sound := prefix + "-evening"
	switch hour := c.Now().Hour(); {
	case hour < from:
		return unknownHour, nil
	case hour < 12:
		sound = prefix + "-morning"
	case hour < 18:
		sound = prefix + "-day"
	}
	c.SetResult(&greetResult{Sound: sound})
	_, _, err = c.Session.StreamFile(ctx, sound, "", 0)
	return flows.Done, err
}

// region is the function of expressions.
func region(number string) string {
	switch {
	case strings.HasPrefix(number, "+4144"):
		return "zurich"
	case strings.HasPrefix(number, "+4122"):
		return "geneva"
	}
	return "elsewhere"
}
