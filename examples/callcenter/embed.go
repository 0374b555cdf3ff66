// Package callcenter holds the example app of a small call center, embedded as a
// Go program would embed its own:
//
//	srv, err := pbxflow.New(pbxflow.Options{FS: callcenter.Files})
//
// The app itself is the YAML beside this file; asterisk/ has what goes into the
// configuration of Asterisk. `pbxflow serve examples/callcenter` needs no Go.
package callcenter

import "embed"

// Files are the app's files and, below asterisk/, those for Asterisk.
//
//go:embed *.yaml asterisk
var Files embed.FS
