//go:build !unix

package agi

import (
	"errors"
	"os"
)

// openFD cannot work: Asterisk runs on Unix, and so does what it starts.
func openFD(int, string) (*os.File, error) {
	return nil, errors.New("agi: plain AGI is for Unix")
}
