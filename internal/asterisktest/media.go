package asterisktest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

const (
	frameTime    = 20 * time.Millisecond
	frameBytes   = 160 // 8 kHz µ-law
	eventPayload = 96  // telephone-event in the offer of sip/caller.xml
	eventFrames  = 6   // a key is held for 120 ms
	eventRepeats = 2   // the end is said two times more, in case of loss
)

// A capture is what a SIP caller sends during the whole call, as a capture file for SIPp
// to replay: one RTP stream, because Asterisk takes every packet of another stream in
// between for a new key. (SIPp's own way to send keys makes packets that never arrive.)
type capture struct {
	file  bytes.Buffer
	audio []byte // said over and over
	said  int    // bytes of audio so far
	frame int    // frames of 20 ms since the start
}

func newCapture(audio []byte) *capture {
	if len(audio) == 0 {
		audio = []byte{0xff} // µ-law silence
	}
	c := &capture{audio: audio}
	le := binary.LittleEndian
	header := le.AppendUint32(nil, 0xa1b2c3d4)  // magic
	header = le.AppendUint16(header, 2)         // version 2.4
	header = le.AppendUint16(header, 4)         //
	header = append(header, make([]byte, 8)...) // time zone, accuracy
	header = le.AppendUint32(header, 65535)     // longest packet
	header = le.AppendUint32(header, 1)         // Ethernet
	c.file.Write(header)
	return c
}

// speak sends audio for a time.
func (c *capture) speak(d time.Duration) {
	for range d / frameTime {
		payload := make([]byte, frameBytes)
		for i := range payload {
			payload[i] = c.audio[c.said%len(c.audio)]
			c.said++
		}
		c.packet(0, c.frame*frameBytes, payload)
		c.frame++
	}
}

// press sends a key as RFC 2833 events.
func (c *capture) press(key rune) error {
	event := strings.IndexRune("0123456789*#ABCD", key)
	if event < 0 {
		return fmt.Errorf("there is no key %q", key)
	}
	start := c.frame * frameBytes
	for n := range eventFrames + eventRepeats {
		held := min(n+1, eventFrames)
		flags := byte(10) // volume -10 dBm0
		if held == eventFrames {
			flags |= 0x80 // end
		}
		payload := binary.BigEndian.AppendUint16([]byte{byte(event), flags}, uint16(held*frameBytes))
		kind := byte(eventPayload)
		if n == 0 {
			kind |= 0x80 // marker
		}
		c.packet(kind, start, payload)
		c.frame++
	}
	return nil
}

// packet adds one RTP packet at the time of the current frame. SIPp takes what follows
// the IP header, and sets ports and checksum itself.
func (c *capture) packet(kind byte, timestamp int, payload []byte) {
	be, le := binary.BigEndian, binary.LittleEndian
	rtp := be.AppendUint16([]byte{0x80, kind}, uint16(c.frame+1)) // sequence: one packet a frame
	rtp = be.AppendUint32(rtp, uint32(timestamp))
	rtp = append(be.AppendUint32(rtp, 0x70627866), payload...) // source

	udp := be.AppendUint16(be.AppendUint16(nil, 6000), 6000)
	udp = be.AppendUint16(udp, uint16(8+len(rtp)))
	udp = append(be.AppendUint16(udp, 0), rtp...)

	frame := append(make([]byte, 12), 0x08, 0x00) // Ethernet: IPv4
	frame = be.AppendUint16(append(frame, 0x45, 0), uint16(20+len(udp)))
	frame = append(frame, 0, 0, 0, 0, 64, 17, 0, 0) // UDP
	frame = append(frame, 127, 0, 0, 1, 127, 0, 0, 1)
	frame = append(frame, udp...)

	at := time.Duration(c.frame) * frameTime
	record := le.AppendUint32(nil, uint32(at/time.Second))
	record = le.AppendUint32(record, uint32(at%time.Second/time.Microsecond))
	record = le.AppendUint32(record, uint32(len(frame)))
	record = le.AppendUint32(record, uint32(len(frame)))
	c.file.Write(record)
	c.file.Write(frame)
}

// length is the time that the capture takes.
func (c *capture) length() time.Duration { return time.Duration(c.frame) * frameTime }
