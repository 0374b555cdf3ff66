//go:build unix && !linux

package agi

// quickAck does nothing: only Linux can.
func quickAck(uintptr) {}
