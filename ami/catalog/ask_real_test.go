package catalog_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// arguments are those of the actions that are asked with some; the others are asked
// without, and mostly refuse.
var arguments = map[string][][]string{
	"ConfbridgeList":      {{"Conference", "1"}},
	"DBGet":               {{"Family", "CustomPresence", "Key", "ann"}},
	"Hangup":              {{"Channel", "/no such/"}, {"Channel", "no such"}},
	"MailboxCount":        {{"Mailbox", "1234@default"}},
	"MWIGet":              {{"Mailbox", "1234@default"}},
	"PJSIPShowEndpoint":   {{"Endpoint", "other"}, {"Endpoint", "carrier"}, {"Endpoint", "phone"}},
	"ShowDialPlan":        {{"Context", "main"}},
	"SIPqualifypeer":      {{"Peer", "peer"}},
	"SIPshowpeer":         {{"Peer", "peer"}},
	"VoicemailBoxSummary": {{"Context", "default", "Mailbox", "1234"}},
	"VoicemailUserStatus": {{"Context", "default", "Mailbox", "1234"}},
	"WaitEvent":           {{"Timeout", "1"}},
}

// unasked are actions that have no place among the questions, and why.
var unasked = map[string]string{
	"Challenge": "belongs to the login", "Login": "was used", "Logoff": "ends the session",
	"IAXnetstats": "answers with lines that are no message",
	"Reload":      "has the calls wait; scenario.actions does so for a module",
}

// askAll sends every action that the server has, and compares what kind of answer comes
// with what the catalogue says. All events among them go to the recorder.
func (s scenario) askAll(ctx context.Context, t *testing.T) {
	register(t, s.pbx.SIP)
	if _, err := s.events.wait(ctx, "ContactStatus", "EndpointName", "phone"); err != nil {
		t.Error(err)
	}
	bridge, err := s.events.wait(ctx, "BridgeEnter", "Exten", "conference")
	if err != nil {
		t.Fatal(err)
	}
	called, err := s.events.wait(ctx, "Newexten", "Exten", "pattern", "Application", "Wait")
	if err != nil {
		t.Fatal(err)
	}
	a := newAsker(ctx, t, s.pbx)
	names, _ := a.ask("ListCommands")
	for name := range names.All() {
		if _, skip := unasked[name]; skip || name == "Response" || name == "ActionID" {
			continue
		}
		all := arguments[name]
		switch name {
		case "BridgeInfo":
			all = [][]string{{"BridgeUniqueid", bridge.Get("BridgeUniqueid")}}
		case "CoreShowChannelMap":
			all = [][]string{{"Channel", bridge.Get("Channel")}}
		case "Hangup":
			all = append(all, []string{"Channel", "/^" + called.Get("Channel") + "$/"})
		}
		if len(all) == 0 {
			all = [][]string{nil}
		}
		for _, fields := range all {
			answer, events := a.ask(name, fields...)
			for _, p := range compareList(name, answer, events) {
				t.Errorf("%s %v: %s", name, fields, p)
			}
			for _, e := range events {
				s.events.add(e)
			}
		}
	}
}

// askMailbox does so for what is in a mailbox, once something is. Asterisk 16 has none here.
func (s scenario) askMailbox(ctx context.Context, t *testing.T) {
	if s.pbx.Version.Name == "16" {
		return
	}
	if _, err := s.events.wait(ctx, "MessageWaiting", "Mailbox", "1234@default", "New", "1"); err != nil {
		t.Error(err)
	}
	_, events := newAsker(ctx, t, s.pbx).ask("VoicemailBoxSummary", arguments["VoicemailBoxSummary"][0]...)
	if len(events) != 2 {
		t.Errorf("the mailbox has %v", events)
	}
	for _, e := range events {
		s.events.add(e)
	}
}

// compareList reports where an answer is a list, or none, unlike the catalogue says.
func compareList(action string, answer ami.Message, events []ami.Event) (problems []string) {
	known, ok := catalog.LookupAction(action)
	isList := strings.EqualFold(answer.Get("EventList"), "start")
	switch {
	case !ok:
		return []string{"no such action"}
	case isList && known.Complete == "":
		return []string{"answers with a list"}
	case !isList && known.Complete != "" && answer.Get("Response") == "Success":
		return []string{"answers without a list"}
	case !isList:
		return nil
	}
	for _, e := range events {
		name := e.Name()
		if end := e.Get("EventList") == "Complete"; end && name != known.Complete || !end && !slices.Contains(known.Items, name) {
			problems = append(problems, fmt.Sprintf("the list of %v and %s has a %s", known.Items, known.Complete, name))
		}
	}
	return problems
}

// asker asks in a session of its own, and sees all that comes back.
type asker struct {
	t     *testing.T
	conn  net.Conn
	in    *ami.Reader
	asked int
}

func newAsker(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) *asker {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", pbx.AMI)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	deadline, _ := ctx.Deadline() // none is none here, too
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	a := &asker{t: t, conn: conn, in: ami.NewReader(conn)}
	if _, err := a.in.ReadBanner(); err != nil {
		t.Fatal(err)
	}
	if r, _ := a.ask("Login", "Username", pbx.AMIUser, "Secret", pbx.AMISecret, "Events", "off"); r.Get("Response") != "Success" {
		t.Fatalf("login: %v", r)
	}
	return a
}

// ask sends an action with a Ping behind it, and returns the answer and the events that
// came, up to the end of a list. They are the action's, though some lack its id: the
// session wants no others.
func (a *asker) ask(action string, fields ...string) (answer ami.Message, events []ami.Event) {
	a.t.Helper()
	a.asked++
	id := fmt.Sprintf("asked-%d", a.asked)
	text := "Action: " + action + "\r\nActionID: " + id + "\r\n"
	for i := 0; i < len(fields); i += 2 {
		text += fields[i] + ": " + fields[i+1] + "\r\n"
	}
	text += "\r\nAction: Ping\r\nActionID: " + id + "-over\r\n\r\n"
	if _, err := a.conn.Write([]byte(text)); err != nil {
		a.t.Fatal(err)
	}
	for over, complete := false, true; !over || !complete; {
		m, err := a.in.ReadMessage()
		if err != nil {
			a.t.Fatalf("%s: %v", action, err)
		}
		switch {
		case m.Get("ActionID") == id+"-over":
			over = true
		case m.At(0).Name == "Response":
			answer = m
			complete = !strings.EqualFold(m.Get("EventList"), "start")
		default:
			events = append(events, ami.Event{Message: m})
			complete = complete || m.Get("EventList") == "Complete"
		}
	}
	return answer, events
}

// register has a phone send its address, and forgets the answer.
func register(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	us := conn.LocalAddr().String()
	_, err = fmt.Fprintf(conn, "REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"+
		"From: <sip:phone@%[1]s>;tag=1\r\nTo: <sip:phone@%[1]s>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n"+
		"Contact: <sip:phone@%[2]s>\r\nExpires: 600\r\nContent-Length: 0\r\n\r\n", addr, us)
	if err != nil {
		t.Fatal(err)
	}
}
