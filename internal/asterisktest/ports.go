package asterisktest

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
)

// ports are what an instance listens on, all on 127.0.0.1.
type ports struct {
	AMI, HTTP, SIP    int
	RTPFirst, RTPLast int
}

const rtpPorts = 100 // 25 calls with two legs that have RTP and RTCP each

// freePorts picks ports that nobody uses now. Someone else may take one before
// Asterisk does: Boot notices and tries others.
func freePorts() (p ports, err error) {
	var open []io.Closer // all at once, so that they differ
	defer func() {
		for _, c := range open {
			err = errors.Join(err, c.Close())
		}
	}()
	for _, port := range []*int{&p.AMI, &p.HTTP} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return p, err
		}
		open = append(open, l)
		*port = l.Addr().(*net.TCPAddr).Port
	}
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return p, err
	}
	open = append(open, c)
	p.SIP = c.LocalAddr().(*net.UDPAddr).Port

	// The system hands out ports above 32768: stay below, in even blocks.
	for range 50 {
		p.RTPFirst = 10000 + rtpPorts*rand.IntN(200)
		p.RTPLast = p.RTPFirst + rtpPorts - 1
		if allFree(p.RTPFirst, p.RTPLast) {
			return p, nil
		}
	}
	return p, fmt.Errorf("asterisktest: no %d free UDP ports in a row", rtpPorts)
}

func allFree(first, last int) bool {
	for port := first; port <= last; port++ {
		c, err := net.ListenPacket("udp", loopback(port))
		if err != nil {
			return false
		}
		if err := c.Close(); err != nil {
			return false
		}
	}
	return true
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
