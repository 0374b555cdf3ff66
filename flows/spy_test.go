package flows_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
)

// TestSpy finds the one channel to hear, and the options of ChanSpy.
func TestSpy(t *testing.T) {
	channel := func(name, uniqueid string) []string {
		return []string{"Channel", name, "Uniqueid", uniqueid, "Linkedid", uniqueid, "ChannelState", "6", "ChannelStateDesc", "Up"}
	}
	// An agent who talks and has another call on hold, and one who only hears an
	// announcement. The second begins with the name of the first.
	tell := func(m interface {
		Emit(name string, pairs ...string)
	},
	) {
		for _, ch := range [][2]string{{"PJSIP/101-00000001", "1.1"}, {"PJSIP/101-00000002", "1.2"}, {"PJSIP/1011-00000003", "1.3"}, {"PJSIP/102-00000004", "1.4"}, {"PJSIP/103-00000005", "1.5"}} {
			m.Emit("Newchannel", channel(ch[0], ch[1])...)
			if ch[1] != "1.4" {
				m.Emit("BridgeCreate", "BridgeUniqueid", "b"+ch[1])
				m.Emit("BridgeEnter", append(channel(ch[0], ch[1]), "BridgeUniqueid", "b"+ch[1])...)
			}
		}
		m.Emit("Hold", channel("PJSIP/101-00000001", "1.1")...)
		m.Emit("QueueMemberAdded", "Queue", "support", "Interface", "PJSIP/101", "MemberName", "Ann", "Status", "1")
		m.Emit("QueueMemberAdded", "Queue", "sales", "Interface", "Local/103@agents", "StateInterface", "PJSIP/103", "MemberName", "Bob", "Status", "1")
	}
	chanspy := func(id, options string) string {
		return "> EXEC \"ChanSpy\" \"" + id + "," + options + "\"\n. 5s\n< 200 result=0\n"
	}
	for _, test := range []struct {
		name, step, asterisk, want string
		group                      string // SPYGROUP of whoever is asked for
	}{
		{name: "the call that is not on hold", step: "PJSIP/101", asterisk: chanspy("1.2", "uqEc(#)x(*)"), want: "spy → ended listen 5s PJSIP/101-00000002"},
		{name: "no prefix", step: "PJSIP/10", want: "spy → not_found  0s "},
		{name: "in no conversation", step: "PJSIP/102", want: "spy → not_found  0s "},
		{name: "by queue", step: "PJSIP/101\n  only: [support]\n  exit: \"0\"", asterisk: chanspy("1.2", "uqEx(0)"), want: "spy → ended listen 5s PJSIP/101-00000002"},
		{name: "by the device of another interface", step: "PJSIP/103\n  only: sales", asterisk: chanspy("1.5", "uqEc(#)x(*)"), want: "spy → ended listen 5s PJSIP/103-00000005"},
		{name: "by extension", step: "PJSIP/1011\n  only: [sales, 1011]", asterisk: chanspy("1.3", "uqEc(#)x(*)"), want: "spy → ended listen 5s PJSIP/1011-00000003"},
		{name: "another queue", step: "PJSIP/101\n  only: [sales, 1011]", want: "spy → forbidden  0s "},
		{name: "nobody allowed", step: "PJSIP/101\n  only: []", want: "spy → forbidden  0s "},
		{name: "all modes", step: "PJSIP/101\n  modes: [barge, whisper, listen]", asterisk: chanspy("1.2", "uqEdc(#)x(*)"), want: "spy → ended listen 5s PJSIP/101-00000002"},
		{name: "beginning with another", step: "PJSIP/101\n  modes: [barge, whisper, listen]\n  mode: barge", asterisk: chanspy("1.2", "uqEBdc(#)x(*)"), want: "spy → ended barge 5s PJSIP/101-00000002"},
		{name: "two modes", step: "PJSIP/101\n  modes: [listen, whisper]\n  mode: whisper", asterisk: chanspy("1.2", "uqEwc(#)x(*)"), want: "spy → ended whisper 5s PJSIP/101-00000002"},
		{name: "a mode that is not allowed", step: "PJSIP/101\n  modes: [listen]\n  mode: barge", want: "spy → forbidden  0s "},
		{name: "no mode", step: "PJSIP/101\n  modes: []", want: "spy → forbidden  0s "},
		{name: "consent", step: "PJSIP/101\n  group: yes", group: "other:yes", asterisk: chanspy("1.2", "uqEc(#)x(*)g(yes)"), want: "spy → ended listen 5s PJSIP/101-00000002"},
		{name: "no consent", step: "PJSIP/101\n  group: yes", group: "yesterday", want: "spy → refused  0s "},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := load(t, named+"flows:\n  main:\n    - spy: "+strings.ReplaceAll(test.step, "\n", "\n    ")+
					"\n      as: heard\n      on_error: continue\n    - log: ${heard.mode} ${heard.duration} ${heard.channel}")
				var got string
				engine := &flows.Engine{
					Program: func() *flows.Program { return a.Program },
					OnTrace: func(trace *flows.Trace) {
						got = "spy → " + trace.Steps[0].Outcome + " " + trace.Steps[1].Args[0].Value.(string)
					},
				}
				kept := &records{}
				engine.Audit = kept
				managers, stop := manage(t, engine, "pbx1")
				managers[0].Respond("Getvar", func(ami.Message) [][]string {
					return [][]string{{"Response", "Success", "Value", test.group}}
				})
				tell(managers[0])
				synctest.Wait()
				owner := &ownedBy{Picture: engine.Servers[0].Live}
				engine.Servers[0].Live = owner
				agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+test.asterisk+conversation{}.told())
				stop()
				if owned := owner.id != ""; owned != strings.Contains(got, "ended") {
					t.Errorf("the picture was told of %q as ours, and the step came to %q", owner.id, got)
				}
				if heard, fields := owner.id != "", kept.fields; heard != (len(fields) == 1) || heard && (fields[0]["to"] == "" || fields[0]["mode"] == "") {
					t.Errorf("the audit holds %v, and the step came to %q", fields, got)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("the listening differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// ownedBy notes the channel whose listening is ours.
type ownedBy struct {
	flows.Picture
	id string
}

func (o *ownedBy) Own(id string) { o.id = id }

// records are what an audit is told.
type records struct{ fields []map[string]string }

func (r *records) Write(_ time.Time, _ string, fields map[string]string, _ flows.Meta) error {
	r.fields = append(r.fields, fields)
	return nil
}

// Nobody listens where it cannot be kept who did.
func TestSpyWithoutAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := load(t, named+"flows:\n  main:\n    - spy: PJSIP/101\n      on_error: { log: \"${error.id}\" }")
		var got string
		engine := &flows.Engine{
			Program: func() *flows.Program { return a.Program },
			OnTrace: func(trace *flows.Trace) { got = summary(trace) },
		}
		managers, stop := manage(t, engine, "pbx1")
		ch := []string{"Channel", "PJSIP/101-00000001", "Uniqueid", "1.1", "Linkedid", "1.1", "ChannelState", "6", "ChannelStateDesc", "Up"}
		managers[0].Emit("Newchannel", ch...)
		managers[0].Emit("BridgeCreate", "BridgeUniqueid", "b1")
		managers[0].Emit("BridgeEnter", append(ch, "BridgeUniqueid", "b1")...)
		synctest.Wait()
		agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+conversation{}.told())
		stop()
		if !strings.Contains(got, "this program keeps none") {
			t.Errorf("got %s", got)
		}
	})
}
