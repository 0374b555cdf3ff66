package live_test

import (
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
	t     *testing.T
	conn  net.Conn
	user  string
	seq   int
	toTag string
}

// newSIPPhone returns a phone for a server's SIP address. Asterisk knows it by its user.
func newSIPPhone(t *testing.T, addr, user string) *sipPhone {
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
	port := p.conn.LocalAddr().(*net.UDPAddr).Port
	p.request("INVITE", exten, fmt.Sprintf("v=0\r\no=- 1 %d IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n", p.seq+1, port+1, audio))
	p.send("ACK", exten, "")
}

// request sends a request and blocks until it succeeds.
func (p *sipPhone) request(method, exten, body string, headers ...string) {
	p.t.Helper()
	p.seq++
	p.send(method, exten, body, headers...)
	buf := make([]byte, 65536)
	p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		n, err := p.conn.Read(buf)
		if err != nil {
			p.t.Fatalf("%s: %v", method, err)
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
			return
		default:
			p.t.Fatalf("%s was answered with %s", method, first)
		}
	}
}

func (p *sipPhone) send(method, exten, body string, headers ...string) {
	p.t.Helper()
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
		fmt.Sprintf("Call-ID: %s-%s", p.user, local),
		fmt.Sprintf("CSeq: %d %s", p.seq, method),
		fmt.Sprintf("Contact: <sip:%s@%s>", p.user, local),
		"Max-Forwards: 70",
	}, headers...)
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	if _, err := p.conn.Write([]byte(strings.Join(lines, "\r\n"))); err != nil {
		p.t.Fatal(err)
	}
}
