//go:build !linux

package asterisktest

import (
	"context"
	"errors"
	"syscall"
)

// Install refuses other systems before anything here is reached.

func confined(root string) *syscall.SysProcAttr { return &syscall.SysProcAttr{Chroot: root} }

func confinedAndTied(root string) *syscall.SysProcAttr { return confined(root) }

func runBuild(context.Context, []string, []string) ([]byte, error) {
	return nil, errors.ErrUnsupported
}
