package main

import (
	"fmt"
	"runtime"
)

type versionCommand struct{}

// Run prints the version of pbxflow and of Go.
func (versionCommand) Run(out output) error {
	_, err := fmt.Fprintf(out, "pbxflow %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
