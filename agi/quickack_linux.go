package agi

import "syscall"

// quickAck sends the acknowledgement that a TCP socket holds back, if there is one.
func quickAck(fd uintptr) {
	_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
}
