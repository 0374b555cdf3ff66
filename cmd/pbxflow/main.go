// Command pbxflow serves flows and rules to Asterisk, and checks them.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// version is set by the linker (make build).
var version = "development"

// commands is the table of subcommands; each lives in a file of its own.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve the app in a folder until interrupted."`
	Check   checkCommand   `cmd:"" help:"Tell what is wrong with apps, all at once."`
	Test    testCommand    `cmd:"" help:"Run the tests of apps: the *.test.yaml files in their folders."`
	Fmt     fmtCommand     `cmd:"" help:"Write the files of apps in one layout."`
	Graph   graphCommand   `cmd:"" help:"Draw a flow."`
	Docs    docsCommand    `cmd:"" help:"Explain a verb, function, event, key or check."`
	Schema  schemaCommand  `cmd:"" help:"Print the JSON Schema of an app's files, for editors."`
	Record  recordCommand  `cmd:"" help:"Write what an Asterisk says on its manager interface to a file."`
	AMI     amiCommand     `cmd:"" name:"ami" help:"Send actions to an Asterisk and look at its events."`
	Hash    hashCommand    `cmd:"" help:"Make the hash of a PIN, for people who sign in."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// output is where commands write what they were asked for.
type output struct{ io.Writer }

// tellingWriter remembers the first error: what a command could not print, it has not done.
type tellingWriter struct {
	io.Writer
	err error
}

func (w *tellingWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// errorOutput is where commands say what is wrong and does not end them.
type errorOutput struct{ io.Writer }

func (o errorOutput) print(err error) {
	fmt.Fprintf(o, "pbxflow: %s\n", strings.TrimPrefix(err.Error(), "pbxflow: "))
}

// errFailed ends the process with status 1 when everything has been said already.
var errFailed = errors.New("failed")

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run parses the arguments and runs the command. It returns the exit status: 0,
// 1 when the command failed, 2 when there is no such command or flag.
func run(args []string, stdout, stderr io.Writer) int {
	var cli commands
	exit, out := -1, &tellingWriter{Writer: stdout}
	parser, err := kong.New(&cli,
		kong.Name("pbxflow"),
		kong.Description("A workflow server for Asterisk: flows for calls, rules for events."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.Vars{"schemas": schemaKinds()},
		kong.Bind(output{out}, errorOutput{stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "pbxflow:", err)
		return 2
	}
	ctx, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintf(stderr, "pbxflow: %v\nTry: pbxflow --help\n", err)
		return 2
	}
	err = ctx.Run()
	if out.err != nil && !errors.Is(err, out.err) {
		errorOutput{stderr}.print(fmt.Errorf("the output is not whole: %w", out.err))
		err = cmp.Or(err, errFailed)
	}
	switch {
	case errors.Is(err, errFailed):
		return 1
	case err != nil:
		errorOutput{stderr}.print(err)
		return 1
	}
	return 0
}
