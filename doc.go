// Package pbxflow is a workflow server for Asterisk that a Go program can embed.
//
// A [Server] loads a folder of YAML (see docs in the repository): flows, which
// say what happens on a call, and rules, which say when something must happen. It
// answers the dialplan's AGI(agi://host/flow) on a FastAGI listener and runs the
// flow of that name; it holds a manager session to each Asterisk server, keeps a
// live picture of its calls and queues, and lets the rules react.
//
//	srv, err := pbxflow.New(pbxflow.Options{Dir: "callcenter"})
//	if err != nil {
//		return err // every mistake in the folder, with its place
//	}
//	return srv.Run(ctx)
//
// [New] loads and binds, so that whatever can fail at the start fails there.
// [Server.Run] serves until its context ends; [Server.Start] and
// [Server.Shutdown] do the same in two steps. [Server.Reload] reads the folder
// again: all or nothing, while running calls keep what they began with.
//
// [Check] tells what is wrong with a folder without serving it. Verbs of the
// program's own go into Options.Verbs.
package pbxflow

//go:generate go run ./internal/docgen docs
