// Command prepare installs every Asterisk that the tests run against, ahead of a test
// run, so that its minutes count against no test's time:
//
//	go run ./internal/asterisktest/prepare           # install, say what there is
//	go run ./internal/asterisktest/prepare -report   # only name what is missing, and why
//
// It exits with 0 unless PBXFLOW_REQUIRE_ASTERISK=1 and there is none at all.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func main() {
	report := flag.Bool("report", false, "only name the versions that are missing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if !run(ctx, *report) {
		os.Exit(1)
	}
}

func run(ctx context.Context, report bool) bool {
	logf := func(format string, args ...any) { fmt.Fprintf(os.Stderr, "asterisk: "+format+"\n", args...) }
	installed := 0
	for _, v := range asterisktest.Versions() {
		if report {
			if err := asterisktest.Missing(v); err != nil {
				logf("%v was not tested: %v", v, err)
				continue
			}
			installed++
			continue
		}
		tree, err := asterisktest.Install(ctx, v, logf)
		if err != nil {
			logf("%v will not be tested: %v", v, err)
			continue
		}
		installed++
		logf("%s is ready in %s", tree.Full, tree.Root)
	}
	return installed > 0 || os.Getenv("PBXFLOW_REQUIRE_ASTERISK") != "1"
}
