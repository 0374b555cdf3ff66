//go:build !linux

package agi

import "io"

// quickAck returns conn: only Linux has the option.
func quickAck(conn io.Reader) io.Reader { return conn }
