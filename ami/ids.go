package ami

import (
	"crypto/rand"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"
	"sync/atomic"
)

// ids makes the ActionIDs of a client: a prefix that no other client has, and a
// number. They have at most 45 bytes. Asterisk copies ids into small buffers; longer
// than about 137 bytes they would glue two headers together.
type ids struct {
	prefix string
	last   atomic.Uint64
}

func newIDs() *ids {
	var own [8]byte
	rand.Read(own[:]) // never fails
	return &ids{prefix: "pbxflow-" + hex.EncodeToString(own[:]) + "-"}
}

// next returns a number that was not used before.
func (i *ids) next() uint64 { return i.last.Add(1) }

// append writes the ActionID of a number.
func (i *ids) append(dst []byte, n uint64) []byte {
	dst = append(dst, i.prefix...)
	for shift := max(0, bits.Len64(n)-1) &^ 3; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[n>>shift&15])
	}
	return dst
}

// of returns the number in the ActionID of a message; 0 for none of ours.
func (i *ids) of(m Message) uint64 {
	digits, ours := strings.CutPrefix(m.Get("ActionID"), i.prefix)
	if !ours {
		return 0
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return 0
	}
	return n
}
