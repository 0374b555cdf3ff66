package flowtest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func silence(length time.Duration) []byte {
	return bytes.Repeat([]byte{0xff}, int(length*8000/time.Second))
}

var localDevice = regexp.MustCompile(`^Local/(.+)@phones$`)

// phone makes who is called as an item says.
func (it *item) phone() string {
	var b strings.Builder
	names := []string{}
	for _, device := range it.what {
		if m := localDevice.FindStringSubmatch(device); it.kind == "dial" && m != nil {
			names = append(names, m[1])
		}
	}
	if it.kind == "page" {
		return asterisktest.Phone("loud", asterisktest.Answer(), asterisktest.Wait(time.Minute))
	}
	if it.kind == "queue" {
		names = []string{"agent-of-" + it.what[0]}
	}
	for _, name := range names {
		switch talk := it.talk; {
		case talk.Ends == "busy":
			b.WriteString(asterisktest.Phone(name, asterisktest.Busy()))
		case talk.Ends == "congestion":
			b.WriteString(asterisktest.Phone(name, "Congestion(1)"))
		case talk.Ends == "declined":
			b.WriteString(asterisktest.Phone(name, "Hangup(21)"))
		case talk.Ends == "unavailable":
		case talk.Answer == nil:
			b.WriteString(asterisktest.Phone(name, asterisktest.Ring(time.Minute)))
		default:
			stays := time.Minute
			if talk.Talk != nil {
				stays = *talk.Talk
			} else if next := it.next; next != nil && next.kind == "hangup" && next.what[0] != "caller" {
				stays = next.acts.After
			}
			b.WriteString(asterisktest.Phone(name, asterisktest.Ring(*talk.Answer), asterisktest.Answer(), asterisktest.Wait(stays)))
		}
	}
	return b.String()
}

// queue makes the queue that an item enters.
func (it *item) queue() string {
	if it.kind != "queue" || it.talk.Ends == "unknown" {
		return ""
	}
	text := fmt.Sprintf("\n[%s]\nstrategy = ringall\nsetinterfacevar = yes\njoinempty = no\n", it.what[0])
	if it.talk.Ends != "no_agents" {
		text = strings.Replace(text, "joinempty = no\n", "", 1) + "member => Local/agent-of-" + it.what[0] + "@phones\n"
	}
	return text
}
