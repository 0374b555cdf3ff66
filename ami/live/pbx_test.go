package live_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// pbx is a server in memory with a model that follows it, in a synctest bubble.
type pbx struct {
	*amitest.Server
	model  *live.Model
	client *ami.Client
	sub    *live.Subscription
}

// follow starts all that; prepare lays down answers before the client comes.
func follow(t *testing.T, prepare func(*amitest.Server)) *pbx {
	t.Helper()
	p := &pbx{Server: amitest.New()}
	p.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:00:00")
	p.AnswerList("CoreShowChannels")
	for _, action := range []string{"QueueStatus", "BridgeList", "DeviceStateList", "PJSIPShowEndpoints", "PJSIPShowContacts", "ConfbridgeListRooms", "ParkedCalls"} {
		p.AnswerList(action)
	}
	if prepare != nil {
		prepare(p.Server)
	}
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	p.model = live.New(live.Options{Server: "pbx1", Trunks: []string{"PJSIP/carrier*"}, Logger: log})
	p.sub = p.model.Subscribe(10_000, story...)
	p.client = ami.New(ami.Options{
		Name: "pbx1", Addr: p.Addr(), Username: p.Username, Secret: p.Secret, Dial: p.Dial, Logger: log,
		Handler: p.model.Handle, OnState: p.model.HandleState,
	})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.client.Run(ctx) })
	wg.Go(func() { p.model.Follow(ctx, p.client) })
	t.Cleanup(func() {
		stop()
		wg.Wait()
		p.sub.Close()
		p.Close()
	})
	synctest.Wait()
	return p
}

// play emits a script and waits until it is handled. Timestamps are left out: the
// bubble's clock counts.
func (p *pbx) play(t *testing.T, text string) {
	t.Helper()
	for _, e := range script(t, text) {
		var pairs []string
		for name, value := range e.All() {
			if name != "Event" && name != "Timestamp" {
				pairs = append(pairs, name, value)
			}
		}
		p.Emit(e.Name(), pairs...)
	}
	synctest.Wait()
}

// row makes an item of CoreShowChannels.
func row(name, id, link, state, num, duration, bridge string) []string {
	number := map[string]string{"Down": "0", "Ring": "4", "Up": "6"}[state]
	return []string{
		"Event", "CoreShowChannel", "Channel", name, "ChannelState", number, "ChannelStateDesc", state, "CallerIDNum", num,
		"CallerIDName", "", "Exten", "100", "Uniqueid", id, "Linkedid", link, "Application", "Dial", "Duration", duration, "BridgeId", bridge,
	}
}

// gap cuts the link, lays down what Asterisk answers afterwards, and lets it come back. The
// script happens while the lists are under way, before the last of them.
func (p *pbx) gap(t *testing.T, during string, answers func(s *amitest.Server)) {
	t.Helper()
	answers(p.Server)
	p.Respond("ParkedCalls", func(ami.Message) [][]string {
		for _, e := range script(t, during) {
			p.EmitEvent(e)
		}
		time.Sleep(100 * time.Millisecond) // let them be handled first
		return amitest.List("ParkedCalls")
	})
	p.Drop()
	time.Sleep(5 * time.Second)
	synctest.Wait()
}

// waiting tells who waits where.
func (p *pbx) waiting() (lines []string) {
	for _, q := range p.model.Queues() {
		for _, v := range q.Callers {
			lines = append(lines, q.Name+" "+string(rune('0'+v.Position))+" "+v.Channel)
		}
	}
	return lines
}

func channelRows(s *amitest.Server, names ...string) {
	var rows [][]string
	for _, name := range names {
		rows = append(rows, row("PJSIP/"+name, name, name, "Up", name, "00:00:50", ""))
	}
	s.AnswerList("CoreShowChannels", rows...)
}

// queueOf lets Asterisk have these channels, and QueueStatus tell this.
func queueOf(t testing.TB, status string, channels ...string) func(s *amitest.Server) {
	return func(s *amitest.Server) {
		channelRows(s, channels...)
		s.AnswerList("QueueStatus", rowsOf(t, status)...)
	}
}

// rowsOf makes rows of a list from lines such as "QueueMember Queue=support Paused=1".
func rowsOf(t testing.TB, text string) (rows [][]string) {
	t.Helper()
	for l := range strings.Lines(text) {
		for _, e := range script(t, "0 "+l) {
			pairs := []string{"Event", e.Name()}
			for name, value := range e.All() {
				if name != "Event" && name != "Timestamp" {
					pairs = append(pairs, name, value)
				}
			}
			rows = append(rows, pairs)
		}
	}
	return rows
}
