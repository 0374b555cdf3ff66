package live_test

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sipPhone is a phone of its own: just enough SIP to register, and to put a call on hold,
// which dialplan cannot do. It is for one goroutine.
type sipPhone struct {
	t     testing.TB
	conn  net.Conn
	user  string
	seq   int
	calls int // tells the Call-IDs apart
	toTag string
	limit time.Duration // for an answer; 0 means 10 s
}

// newSIPPhone returns a phone for a server's SIP address. Asterisk knows it by its user.
func newSIPPhone(t testing.TB, addr, user string) *sipPhone {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &sipPhone{t: t, conn: conn, user: user}
}

// register gives Asterisk the phone's address for a time; 0 takes it back.
func (p *sipPhone) register(seconds int) {
	p.t.Helper()
	p.request("REGISTER", p.user, "", "Expires: "+strconv.Itoa(seconds))
}

// call calls an extension and blocks until it is answered.
func (p *sipPhone) call(exten string) { p.invite(exten, "sendrecv") }

// hold changes the direction of the audio: sendonly puts the other side on hold.
func (p *sipPhone) hold(exten string, on bool) {
	if on {
		p.invite(exten, "sendonly")
	} else {
		p.invite(exten, "sendrecv")
	}
}

// hangup ends the call.
func (p *sipPhone) hangup(exten string) {
	p.request("BYE", exten, "")
	p.toTag = ""
}

func (p *sipPhone) invite(exten, audio string) {
	p.t.Helper()
	if err := p.offer(exten, audio); err != nil {
		p.t.Fatal(err)
	}
}

// offer calls, or changes the direction of the audio in a call.
func (p *sipPhone) offer(exten, audio string) error {
	port := p.conn.LocalAddr().(*net.UDPAddr).Port
	err := p.attempt("INVITE", exten, fmt.Sprintf("v=0\r\no=- 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n", p.seq+1, port+1, audio))
	if err == nil {
		err = p.send("ACK", exten, "")
	}
	return err
}

// request sends a request and blocks until it succeeds.
func (p *sipPhone) request(method, exten, body string, headers ...string) {
	p.t.Helper()
	if err := p.attempt(method, exten, body, headers...); err != nil {
		p.t.Fatal(err)
	}
}

// attempt is a request that may fail.
func (p *sipPhone) attempt(method, exten, body string, headers ...string) error {
	p.seq++
	if err := p.send(method, exten, body, headers...); err != nil {
		return err
	}
	buf := make([]byte, 65536)
	p.conn.SetReadDeadline(time.Now().Add(cmp.Or(p.limit, 10*time.Second)))
	for {
		n, err := p.conn.Read(buf)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		text := string(buf[:n])
		first, rest, _ := strings.Cut(text, "\r\n")
		if !strings.HasPrefix(first, "SIP/2.0 ") || !strings.Contains(rest, fmt.Sprintf("CSeq: %d %s", p.seq, method)) {
			continue // a request of Asterisk's, or an answer that came again
		}
		switch status := first[len("SIP/2.0 "):][:3]; {
		case status[0] == '1':
		case status == "200":
			if method == "INVITE" {
				_, to, _ := strings.Cut(rest, "\r\nTo: ")
				to, _, _ = strings.Cut(to, "\r\n")
				_, p.toTag, _ = strings.Cut(to, ";tag=")
			}
			return nil
		default:
			return fmt.Errorf("%s was answered with %s", method, first)
		}
	}
}

func (p *sipPhone) send(method, exten, body string, headers ...string) error {
	server, local := p.conn.RemoteAddr(), p.conn.LocalAddr()
	to := fmt.Sprintf("<sip:%s@%s>", exten, server)
	if p.toTag != "" {
		to += ";tag=" + p.toTag
	}
	lines := append([]string{
		fmt.Sprintf("%s sip:%s@%s SIP/2.0", method, exten, server),
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=z9hG4bK-%s-%d", local, method, p.seq),
		fmt.Sprintf("From: <sip:%s@%s>;tag=phone", p.user, server),
		"To: " + to,
		fmt.Sprintf("Call-ID: %s-%d-%s", p.user, p.calls, local),
		fmt.Sprintf("CSeq: %d %s", p.seq, method),
		fmt.Sprintf("Contact: <sip:%s@%s>", p.user, local),
		"Max-Forwards: 70",
	}, headers...)
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	_, err := p.conn.Write([]byte(strings.Join(lines, "\r\n")))
	return err
}
