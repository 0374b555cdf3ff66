package live_test

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// refer is a phone that calls two others and brings them together, as phones do when their
// transfer key is pressed: by REFER with Replaces, where features of Asterisk send digits.
var refer = referTo("refer", "202 PJSIP/carol")

// referEarly is the same, so soon after the answer that Asterisk says it is a transfer to
// the application Dial.
var referEarly = referTo("refer-early", "202")

func referTo(name, target string) scenario {
	return scenario{
		name: name, events: calls,
		want: []string{
			"call.started phone>201", "call.ringing phone>201 leg PJSIP/bob dialled 0s", "call.answered phone>201",
			"call.held phone>201 leg PJSIP/phone caller 0s",
			"call.started phone>202", "call.ringing phone>202 leg PJSIP/carol dialled 0s", "call.answered phone>202",
			"call.unheld phone>201 leg PJSIP/phone caller 0s",
			"call.transferred phone>201 1 attended by phone PJSIP/phone: 201 PJSIP/bob to " + target,
			"call.ended phone>202", "call.ended phone>201",
		},
	}
}

func referConfig() asterisktest.Config {
	endpoint := func(name string) string {
		return fmt.Sprintf("[%[1]s]\ntype=endpoint\ncontext=from-phone\ntransport=udp\naors=%[1]s\ndisallow=all\nallow=ulaw\ndirect_media=no\n"+
			"[%[1]s]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n", name)
	}
	return asterisktest.Config{
		Dialplan:    "[from-phone]\nexten => 201,1,Dial(PJSIP/bob)\nexten => 202,1,Dial(PJSIP/carol)\n",
		Files:       map[string]string{"pjsip_local.conf": endpoint("bob") + endpoint("carol")},
		ManagerRead: "all", ManagerWrite: "all",
	}
}

// TestRealRefer has a phone transfer a call on the real Asterisks.
func TestRealRefer(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		tape := new(tape)
		d := newDesk(t, start(referConfig()), tape)
		takeCalls(d, "bob")
		takeCalls(d, "carol")
		d.fence()
		d.seen = nil
		tape.rewind()
		playRefer(d)
		d.do("Hangup", "Channel", d.channel("PJSIP/carol").Name)
		d.awaitThat(live.CallEnded, func(e live.Event) bool { return e.Call.Dialed == "201" })
		d.settle()
		for _, e := range d.seen {
			// The phone's channel or the new party's leaves the second call last: it takes turns.
			if e.Name == live.CallEnded && e.Call.Dialed == "202" && e.Call.Reason == live.Merged {
				e.Call.Reason = "Normal Clearing"
			}
		}
		refer.compareReal(t, d.seen)
		checkRefer(t, d.seen)
		checkEmpty(t, d.model)
		if *record {
			tape.save(t, transcript(refer.name, v))
		}
	})
}

// playRefer makes both calls and the transfer, and looks at the picture behind it.
func playRefer(d *desk) {
	first := newSIPPhone(d.t, d.pbx.SIP, "phone")
	first.call("201")
	d.await(live.CallAnswered)
	first.hold("201", true)
	d.await(live.CallHeld)
	second := *first // another dialog of the same phone
	second.calls, second.seq, second.toTag = 1, 100, ""
	second.call("202")
	d.await(live.CallAnswered)
	d.until(func() bool { // or else it is referEarly
		bridges := d.model.Bridges()
		return len(bridges) == 2 && !slices.ContainsFunc(bridges, func(b live.Bridge) bool { return len(b.Channels) < 2 })
	})

	first.refer("201", "202", &second)
	told := d.await(live.CallTransferred)
	d.until(func() bool {
		return len(d.model.Channels()) == 2 && len(d.model.Calls()) == 1 && len(d.model.Bridges()) == 1
	})
	calls := d.model.Calls()
	if len(calls) != 1 || calls[0].Linkedid != told.Call.Linkedid || calls[0].Transfers != 1 {
		d.t.Fatalf("after the transfer of %s: %+v", told.Call.Linkedid, calls)
	}
	var names []string
	for _, ch := range d.model.Channels() {
		names = append(names, plain(ch.Name))
		if ch.CallID != calls[0].ID {
			d.t.Errorf("%s belongs to %s, want %s", ch.Name, ch.CallID, calls[0].ID)
		}
	}
	if slices.Sort(names); !slices.Equal(names, []string{"PJSIP/bob", "PJSIP/carol"}) {
		d.t.Errorf("channels %v", names)
	}
	if b := d.model.Bridges(); len(b) != 1 || len(b[0].Channels) != 2 {
		d.t.Errorf("bridges %+v", b)
	}
}

// checkRefer looks at the legs of the calls as they ended.
func checkRefer(t *testing.T, events []live.Event) {
	t.Helper()
	legs := make(map[string][]string)
	for _, e := range events {
		if e.Name == live.CallEnded {
			for _, l := range e.Call.Channels {
				legs[e.Call.Dialed] = append(legs[e.Call.Dialed], plain(l.Channel)+" "+l.Role)
			}
		}
	}
	want := map[string][]string{
		"201": {"PJSIP/phone caller", "PJSIP/bob dialled", "PJSIP/carol dialled"},
		"202": {"PJSIP/phone caller", "PJSIP/carol dialled"},
	}
	if diff := cmp.Diff(legs, want); diff != "" {
		t.Errorf("legs: got -, want +\n%s", diff)
	}
}

// TestReferTranscripts plays what the real Asterisks told.
func TestReferTranscripts(t *testing.T) {
	for file, s := range map[string]scenario{"refer-16": refer, "refer-22": refer, "refer-early-22": referEarly} {
		t.Run(file, func(t *testing.T) {
			checkRefer(t, s.replay(t, "testdata/scenarios/"+file+".ami"))
		})
	}
}

// refer asks Asterisk to connect this call's other side with that of the second call, and
// lets both dialogs end: Asterisk hangs up the second when it is done, the phone the first.
func (p *sipPhone) refer(exten, to string, second *sipPhone) {
	p.t.Helper()
	server := p.conn.RemoteAddr()
	replaces := url.QueryEscape(fmt.Sprintf("%s-%d-%s;to-tag=%s;from-tag=phone", p.user, second.calls, p.conn.LocalAddr(), second.toTag))
	p.seq++
	if err := p.send("REFER", exten, "", fmt.Sprintf("Refer-To: <sip:%s@%s?Replaces=%s>", to, server, replaces), fmt.Sprintf("Referred-By: <sip:%s@%s>", p.user, server)); err != nil {
		p.t.Fatal(err)
	}
	p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, 65536)
	for first, last := false, false; !first || !last; {
		n, err := p.conn.Read(buf)
		if err != nil {
			p.t.Fatalf("after REFER: %v", err)
		}
		text := string(buf[:n])
		p.takeRequest(text)
		switch line, _, _ := strings.Cut(text, "\r\n"); {
		case strings.HasPrefix(line, "SIP/2.0 ") && strings.Contains(text, " REFER\r\n"):
			if !strings.HasPrefix(line, "SIP/2.0 202") && !strings.HasPrefix(line, "SIP/2.0 100") {
				p.t.Fatalf("REFER was answered with %s", line)
			}
		case strings.HasPrefix(line, "NOTIFY ") && strings.Contains(text, "\r\n\r\nSIP/2.0 200"):
			p.seq++
			if err := p.send("BYE", exten, ""); err != nil {
				p.t.Fatal(err)
			}
		case strings.HasPrefix(line, "SIP/2.0 ") && strings.Contains(text, " BYE\r\n"):
			first = true
		case strings.HasPrefix(line, "BYE "):
			last = true
		}
	}
}

// takeCalls registers a phone that takes every call, until the test ends.
func takeCalls(d *desk, user string) {
	d.t.Helper()
	p := newSIPPhone(d.t, d.pbx.SIP, user)
	p.limit = 500 * time.Millisecond
	for d.ctx.Err() == nil { // what comes before Asterisk is up is lost
		if p.attempt("REGISTER", user, "", "Expires: 600") == nil {
			break
		}
	}
	p.conn.SetReadDeadline(time.Time{})
	done := make(chan struct{})
	d.t.Cleanup(func() { p.conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, 65536)
		for {
			n, err := p.conn.Read(buf)
			if err != nil {
				return // closed
			}
			p.takeRequest(string(buf[:n]))
		}
	}()
}

// takeRequest answers a request of Asterisk's: it agrees to all.
func (p *sipPhone) takeRequest(text string) {
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	method, _, _ := strings.Cut(lines[0], " ")
	if method == "ACK" || strings.HasPrefix(method, "SIP/") {
		return
	}
	var kept []string
	fresh := false
	for _, l := range lines[1:] {
		switch name, _, _ := strings.Cut(l, ":"); name {
		case "To":
			if fresh = !strings.Contains(l, ";tag="); fresh {
				l += ";tag=" + p.user
			}
			fallthrough
		case "Via", "From", "Call-ID", "CSeq", "Record-Route":
			kept = append(kept, l)
		}
	}
	kept = append(kept, fmt.Sprintf("Contact: <sip:%s@%s>", p.user, p.conn.LocalAddr()))
	body := ""
	if method == "INVITE" || method == "UPDATE" {
		body = p.audio("sendrecv")
		kept = append(kept, "Content-Type: application/sdp")
	}
	kept = append(kept, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	if method == "INVITE" && fresh {
		ringing := slices.DeleteFunc(slices.Clone(kept), func(l string) bool { return strings.HasPrefix(l, "Content-") })
		ringing[len(ringing)-1] = "" // no body
		p.write("SIP/2.0 180 Ringing", ringing)
	}
	p.write("SIP/2.0 200 OK", kept)
}

func (p *sipPhone) write(first string, lines []string) {
	// An error shows in what Asterisk does then.
	_, _ = p.conn.Write([]byte(first + "\r\n" + strings.Join(lines, "\r\n")))
}

// audio describes what the phone sends and takes.
func (p *sipPhone) audio(direction string) string {
	port := p.conn.LocalAddr().(*net.UDPAddr).Port
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n", port+1, direction)
}
