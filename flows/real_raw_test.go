package flows_test

import (
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// rawScenes send applications and actions that have no verb.
func rawScenes() []realScene {
	calls := listening([]realCall{
		{
			name: "exec", caller: patient(), heard: "one two", status: "DONE",
			flow: "- exec: Playback\n  args: [\"one&two\"]",
			want: "exec\nDONE by dialplan",
		},
		{
			name: "exec_keys", status: "DONE", flow: "- exec: SendDTMF\n  args: [\"47\", \"100\"]\n- wait: 1s\n- play: one", heard: "one",
			caller: append([]asterisktest.Step{"Read(KEYS,,2,,1,60)", tell("exec_keys", "heard ${KEYS}")}, patient()...),
			want:   "exec\nwait\nplay\nDONE by dialplan", told: []string{"heard 47"},
		},
		{
			name: "exec_failed", caller: patient(), heard: "two", status: "DONE",
			flow: "- exec: Playback\n  on: { failed: { play: two } }", want: "exec → failed (on)\n  play\nDONE by dialplan",
		},
		{
			name: "exec_unknown", caller: patient(), heard: "two", status: "DONE",
			flow: "- exec: NoSuchApplication\n  on_error: [{ log: \"${error.message}\" }, { play: two }]",
			want: "exec: agi: agi: EXEC: 200 no application NoSuchApplication (on_error)\n  log agi: EXEC: 200 no application NoSuchApplication\n  play\nDONE by dialplan",
		},
	})
	return append(callScenes(calls), realScene{
		name: "ami", flows: `
			ami:
			  params: { channel: string }
			  steps:
			    - ami: UserEvent
			      fields: { UserEvent: Raw, About: "a, b" }
			    - ami: PlayDTMF
			      fields: { Channel: "${channel}", Digit: "5", Receive: "true" }
			      as: pressed
			    - log: ${pressed.message}
			    - ami: CoreShowChannels
			      list: true
			      as: shown
			    - log: "${any(shown.events, .Channel == channel)}"
			    - ami: Hangup
			      fields: { Channel: PJSIP/nobody-1 }
			      on_error: { log: "${error.id} ${error.message}" }`,
		dialplan: asterisktest.Phone("raw", asterisktest.Answer(), "Read(KEY,,1,,1,60)", tell("raw", "heard ${KEY}"), "Wait(3600)"),
		run: func(t *testing.T, p *realPBX) {
			events := p.watch(t, "UserEvent")
			_, id := p.call(t, "raw", "stay")
			far := ""
			p.await(t, "the phone", func() bool {
				for _, ch := range p.model.Channels() {
					if strings.HasPrefix(ch.Name, "Local/raw@") && strings.HasSuffix(ch.Name, ";2") && ch.State == "Up" {
						far = ch.Name
					}
				}
				return far != ""
			})
			p.do(t, "ami", map[string]any{"channel": far}, "ami\nami\nlog DTMF successfully queued\nami\nlog true\n"+
				"ami: ami: ami: Hangup: No such channel (on_error)\n  log ami ami: Hangup: No such channel\nDONE by flow")
			events("UserEvent: Raw", "About: a, b")
			p.await(t, "the key", func() bool { return len(p.tells("raw")) == 1 })
			if got := p.tells("raw")[0]; got != "heard 5" {
				t.Errorf("the phone %s, want 5", got)
			}
			p.hangUp(t, id)
		},
	})
}
