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

// phones makes those who are called as an item says.
func (it *item) phones() string {
	if it.kind == "page" {
		return asterisktest.Phone("loud", asterisktest.Answer(), asterisktest.Wait(time.Minute))
	}
	ends, answer := cmpOr(it.talk.Ends, it.asked.Ends), it.talk.Answer
	var names []string
	switch it.kind {
	case "queue":
		names = []string{"agent-of-" + it.what[0]}
	case "originate":
		answer = it.asked.Answer
		fallthrough
	case "dial":
		for _, device := range it.what {
			if m := localDevice.FindStringSubmatch(device); m != nil {
				names = append(names, m[1])
			}
		}
	}
	var b strings.Builder
	for _, name := range names {
		b.WriteString(it.phone(name, ends, answer))
	}
	return b.String()
}

// phone makes one of them.
func (it *item) phone(name, ends string, answer *time.Duration) string {
	switch {
	case ends == "unavailable" || ends == "failed":
		return "" // there is none
	case ends == "busy" && it.kind == "originate": // which looks at what is heard
		return asterisktest.Phone(name, "Busy(1)")
	case ends == "busy":
		return asterisktest.Phone(name, asterisktest.Busy())
	case ends == "congestion":
		return asterisktest.Phone(name, "Congestion(1)")
	case ends == "declined":
		return asterisktest.Phone(name, "Hangup(21)")
	case answer == nil:
		return asterisktest.Phone(name, asterisktest.Ring(time.Minute))
	}
	stays := time.Minute
	if it.talk.Talk != nil {
		stays = *it.talk.Talk
	} else if next := it.next; next != nil && next.kind == "hangup" && next.what[0] != "caller" {
		stays = next.acts.After
	}
	return asterisktest.Phone(name, asterisktest.Ring(*answer), asterisktest.Answer(), asterisktest.Wait(stays))
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
