package pbxflow_test

import (
	"context"
	"fmt"
	"log"
	"os/signal"
	"syscall"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/examples/callcenter"
)

// A program embeds the app in its binary and serves it until it is told to stop.
func ExampleNew() {
	srv, err := pbxflow.New(pbxflow.Options{FS: callcenter.Files})
	if err != nil {
		log.Fatal(err) // every mistake in the app, with its place
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := srv.Run(ctx); err != nil {
		log.Print(err)
	}
}

// A program can tell what is wrong with an app before it serves it.
func ExampleCheck() {
	problems, err := pbxflow.Check(callcenter.Files)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	fmt.Println(len(problems), "problems")
	// Output: 0 problems
}
