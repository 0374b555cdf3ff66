package flows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// noticeGroup has Asterisk call phones for notices: one that presses the key, one that
// presses another, one that only listens, one that hangs up and one that only rings.
func noticeGroup() realGroup {
	const silent = "Local/notice-listens@phones"
	return realGroup{name: "notice", config: asterisktest.Config{
		Dialplan: asterisktest.Phone("notice-presses", append([]asterisktest.Step{asterisktest.Answer(), asterisktest.Record("notice-presses")}, presser(1.3, "1")...)...) +
			asterisktest.Phone("notice-interrupts", presses("1")...) +
			asterisktest.Phone("notice-errs", presses("5")...) +
			asterisktest.Phone("notice-listens", asterisktest.Answer(), asterisktest.Wait(time.Hour)) +
			asterisktest.Phone("notice-leaves", asterisktest.Answer(), asterisktest.Wait(time.Second)) +
			asterisktest.Phone("notice-again", asterisktest.Answer(), asterisktest.Wait(time.Second)) +
			asterisktest.Phone("0791234567", presses("1")...),
	}, app: `
notify:
  presses: { phone: Local/notice-presses@phones, play: [one, two], caller_id: Alarm <100>, repeat: 1 }
  interrupts: { phone: Local/notice-interrupts@phones, play: demo-congrats }
  nobody: { phone: [Local/ring@phones, Local/busy@phones, Local/notice-listens@phones, Local/notice-errs@phones, Local/notice-leaves@phones], play: one, repeat: 1, timeout: 1s, tries: 1 }
  chain: { phone: [Local/notice-leaves@phones, 079 123 45 67], play: one, ask: two }
  again: { phone: Local/notice-again@phones, play: one, tries: 2, between: 100ms, repeat: 1 }
`, scenes: []realScene{
		{
			name: "acknowledged",
			flows: `
				presses:
				  - notify: presses
				    text: three callers wait
				    say: 3
				    type: number
				    wait: true
				    as: notice
				    on: { acknowledged: { log: "${notice.by}" } }`,
			run: func(t *testing.T, p *realPBX) {
				answered, pressed, ended := p.watch(t, "OriginateResponse"), p.watch(t, "DTMFEnd"), p.watch(t, "Hangup")
				trace := p.do(t, "presses", nil, "notify → acknowledged (on)\n  log Local/notice-presses@phones\nDONE by flow")
				called(t, trace, "Local/notice-presses@phones: acknowledged")
				event := answered("Channel: Local/notice-presses@phones", "Response: Success", "Reason: 4", "Application: AGI", "CallerIDNum: 100")
				pressed("Uniqueid: "+event.Raw.Get("Uniqueid"), "Digit: 1", "Direction: Received")
				ended("Uniqueid: " + event.Raw.Get("Uniqueid"))
				if heard := p.heard(t, "notice-presses"); !strings.HasPrefix(heard, "one two") {
					t.Errorf("the phone heard %q, want one two at first", heard)
				}
			},
		},
		{
			name: "in the middle of a sound",
			flows: `
				interrupts:
				  - notify: interrupts
				    text: help
				    wait: true`,
			run: func(t *testing.T, p *realPBX) {
				p.do(t, "interrupts", nil, "notify → acknowledged\nDONE by flow")
			},
		},
		{
			name: "nobody",
			flows: `
				nobody:
				  - notify: nobody
				    text: help
				    wait: true
				    on: { unacknowledged: { log: nobody came } }`,
			run: func(t *testing.T, p *realPBX) {
				answers := p.watch(t, "OriginateResponse")
				trace := p.do(t, "nobody", nil, "notify → unacknowledged (on)\n  log nobody came\nDONE by flow")
				called(t, trace, "Local/ring@phones: no_answer, Local/busy@phones: busy, "+silent+": unacknowledged, "+
					"Local/notice-errs@phones: unacknowledged, Local/notice-leaves@phones: unacknowledged")
				answers("Channel: Local/ring@phones", "Response: Failure", "Reason: 3")
				answers("Channel: Local/busy@phones", "Response: Failure", "Reason: 5")
				id := answers("Channel: "+silent, "Response: Success", "Reason: 4").Raw.Get("Uniqueid")
				p.gone(t, id)
			},
		},
		{
			name: "one after the other, by a number",
			flows: `
				chain:
				  - notify: chain
				    text: help
				    wait: true
				    as: notice
				    on: { acknowledged: { log: "${notice.by}" } }`,
			run: func(t *testing.T, p *realPBX) {
				trace := p.do(t, "chain", nil, "notify → acknowledged (on)\n  log Local/0791234567@phones\nDONE by flow")
				called(t, trace, "Local/notice-leaves@phones: unacknowledged, Local/0791234567@phones: acknowledged")
			},
		},
		{
			name: "tried again, while a flow does not wait",
			flows: `
				again:
				  - notify: again
				    text: help`,
			dialplan: "\n[scenes]\nexten => again,1,AGI(agi://ADDR/again)\n same => n,Hangup()\n",
			run: func(t *testing.T, p *realPBX) {
				answers := p.watch(t, "OriginateResponse")
				p.place(t, "answer", "scenes", "again")
				p.ended(t, "again", "notify\nDONE by dialplan")
				for range 2 {
					answers("Application: AGI", "Channel: Local/notice-again@phones", "Response: Success")
				}
			},
		},
	}}
}

// called compares whom a notice called, and how that ended.
func called(t *testing.T, trace *flows.Trace, want string) {
	t.Helper()
	for _, arg := range trace.Steps[0].Args {
		if arg.Key == "called" {
			if got := fmt.Sprint(arg.Value); got != want {
				t.Errorf("called\n%s\nwant\n%s", got, want)
			}
			return
		}
	}
	t.Error("the trace does not say who was called")
}
