//go:build unix

package agi

import (
	"fmt"
	"os"
	"syscall"
)

// openFD returns a descriptor that the program was started with. Reads of it end when
// it is closed, for which it must not block.
func openFD(fd int, name string) (*os.File, error) {
	if fd == eagiFD {
		// Go itself uses the number if it was free, but not for a pipe.
		var st syscall.Stat_t
		if err := syscall.Fstat(fd, &st); err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			return nil, errNoAudio
		}
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, fmt.Errorf("agi: %s: %w", name, err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
