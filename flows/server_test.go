package flows_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
)

// TestServer finds the Asterisk server in which a step acts.
func TestServer(t *testing.T) {
	const steps = "- hangup_channel: PJSIP/7-1\n  on_error: { log: \"${error.id}: ${error.message}\" }"
	// The first knows the call by its events, the second only when it is asked.
	known := []string{
		"Channel", "PJSIP/101-00000001", "Uniqueid", "1763712000.1", "Linkedid", "1763712000.1",
		"ChannelState", "4", "ChannelStateDesc", "Ring", "Context", "main", "Exten", "100", "Priority", "1",
	}
	for _, test := range []struct {
		name    string
		servers []string
		config  string
		steps   string
		known   int // the server whose events told of the call, from 1
		asked   int // the server that knows it when it is asked, from 1
		down    bool
		want    string // who was told to hang up, or what was logged
	}{
		{name: "none", want: "server: there is no Asterisk server to ask: name its manager interface under asterisk in pbxflow.yaml"},
		{name: "the only one", servers: []string{"pbx1"}, want: "pbx1"},
		{name: "known by its events", servers: []string{"pbx1", "pbx2"}, known: 2, want: "pbx2"},
		{name: "known when asked", servers: []string{"pbx1", "pbx2"}, asked: 2, want: "pbx2"},
		{
			name: "not known", servers: []string{"pbx1", "pbx2"},
			want: "server: it is not known which Asterisk server this call is on: write server: and its name",
		},
		{name: "by name", servers: []string{"pbx1", "pbx2"}, known: 1, steps: steps + "\n  server: pbx2", want: "pbx2"},
		{
			name: "by a name that is none", servers: []string{"pbx1", "pbx2"}, steps: steps + "\n  server: \"${call.account}\"",
			want: `server: there is no Asterisk server "acct" under asterisk in pbxflow.yaml`,
		},
		{
			name: "down", servers: []string{"pbx1"}, down: true,
			want: "ami: the manager session to pbx1 is down: see its address and user under asterisk in pbxflow.yaml",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if test.steps == "" {
					test.steps = steps
				}
				a := loadFiles(t, map[string]string{
					"app.yaml":     "flows:\n  main:\n    " + strings.ReplaceAll(test.steps, "\n", "\n    "),
					"pbxflow.yaml": "asterisk: { pbx1: { address: \":1\", username: u, secret: '${env.S}' }, pbx2: { address: \":1\", username: u, secret: '${env.S}' } }",
				})
				var got string
				engine := &flows.Engine{
					Program: func() *flows.Program { return a.Program },
					OnTrace: func(trace *flows.Trace) {
						if s := summary(trace); strings.Contains(s, "log ") {
							_, s, _ = strings.Cut(s, "log ")
							got, _, _ = strings.Cut(s, "\n")
						}
					},
				}
				managers, stop := manage(t, engine, test.servers...)
				for i, m := range managers {
					m.Respond("Getvar", func(ami.Message) [][]string {
						if test.asked == i+1 {
							return [][]string{{"Response", "Success", "Variable", "UNIQUEID", "Value", "1763712000.1"}}
						}
						return [][]string{{"Response", "Error", "Message", "No such channel"}}
					})
					m.Respond("Hangup", func(ami.Message) [][]string {
						got += test.servers[i]
						return [][]string{{"Response", "Success"}}
					})
				}
				if test.known > 0 {
					managers[test.known-1].Emit("Newchannel", known...)
				}
				if test.down {
					managers[0].Drop()
				}
				synctest.Wait()
				agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\nenv agi_channel: PJSIP/101-00000001\nenv agi_accountcode: acct\n"+conversation{}.told())
				stop()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("who acted differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}
