//go:build !unix

package agi

import "io"

// newSocket knows no sockets here, so every connection gets a pump.
func newSocket(io.ReadWriter) (source, bool) { return nil, false }
