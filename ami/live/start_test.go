package live_test

import (
	"testing"
	"testing/synctest"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// What events tell of members and contacts before the first lists are in is no news, but that
// a member was added: the rest of it is not known yet.
func TestConfiguredBeforeFirstLists(t *testing.T) {
	const members = "QueueParams q=a\nQueueMember q=a Name=Ann Location=PJSIP/9 Status=1 Paused=1\nQueueMember q=b Name=Ann Location=PJSIP/9 Status=1 Paused=0\n"
	for _, test := range []struct {
		name, during string
		want         []string
	}{
		{name: "the state of a member", during: "0 QueueMemberStatus q=a MemberName=Ann Interface=PJSIP/9 Status=1 Paused=1"},
		{name: "a pause in one of two queues", during: "0 QueueMemberPause q=a MemberName=Ann Interface=PJSIP/9 Status=1 Paused=1"},
		{name: "a new member", during: "0 QueueMemberAdded q=a MemberName=Ann Interface=PJSIP/9 Status=1 Paused=1", want: []string{`agent.added (Ann ready [a] [a] "")`}},
		{name: "a contact of two", during: "0 ContactStatus EndpointName=101 URI=sip:1 ContactStatus=Unreachable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) { s.Respond("CoreShowChannels", nil) })
				p.AnswerList("QueueStatus", rowsOf(t, members)...)
				p.AnswerList("PJSIPShowEndpoints", rowsOf(t, "EndpointList ObjectName=101 Aor=101")...)
				p.AnswerList("PJSIPShowContacts", rowsOf(t, "ContactList ObjectName=101;@1 Uri=sip:1 Status=Unreachable\nContactList ObjectName=101;@2 Uri=sip:2 Status=Reachable")...)
				m := live.New(live.Options{Server: "pbx1"})
				sub := m.Subscribe(10, live.AgentAdded, live.AgentPaused, live.AgentUnpaused, live.EndpointChanged)
				defer sub.Close()
				m.HandleState(ami.Connected, nil)
				for _, e := range script(t, test.during) {
					m.Handle(e)
				}
				p.AnswerList("CoreShowChannels")
				if err := m.Resync(t.Context(), p.client); err != nil {
					t.Fatal(err)
				}
				want(t, configured(t, sub), test.want...)
				if a := m.Agents(); len(a) != 1 || a[0].Paused {
					t.Errorf("agents %+v", a)
				}
				if e := m.Endpoints(); len(e) != 1 || e[0].State != live.Reachable || len(e[0].Contacts) != 2 {
					t.Errorf("endpoints %+v", e)
				}
			})
		})
	}
}

// Of an endpoint's contacts one was told of while the lists were under way: it is as told, and
// the others are as listed.
func TestContactsBesideLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		contacts := func(s *amitest.Server, text string) {
			s.AnswerList("PJSIPShowEndpoints", rowsOf(t, "EndpointList ObjectName=101 Aor=101")...)
			s.AnswerList("PJSIPShowContacts", rowsOf(t, text)...)
		}
		p := follow(t, func(s *amitest.Server) {
			contacts(s, "ContactList ObjectName=101;@1 Uri=sip:1 Status=Reachable\nContactList ObjectName=101;@3 Uri=sip:3 Status=Reachable")
		})
		p.gap(t, "0 ContactStatus EndpointName=101 URI=sip:1 ContactStatus=Removed\n0 ContactStatus EndpointName=101 URI=sip:4 ContactStatus=Created", func(s *amitest.Server) {
			contacts(s, "ContactList ObjectName=101;@1 Uri=sip:1 Status=Reachable\nContactList ObjectName=101;@2 Uri=sip:2 Status=Unreachable")
		})
		var got []string
		for _, c := range p.model.Endpoints()[0].Contacts {
			got = append(got, c.URI+" "+c.Status)
		}
		want(t, got, "sip:2 Unreachable", "sip:4 Created")
	})
}

// After a gap it is not known how many messages a mailbox had before.
func TestVoicemailAfterGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := follow(t, func(s *amitest.Server) { channelRows(s, "1") })
		sub := p.model.Subscribe(10, live.VoicemailLeft)
		defer sub.Close()
		const left = "0 MessageWaiting Mailbox=100@default New=1 Old=0 ch=PJSIP/1 id=1 link=1"
		p.play(t, left)
		p.gap(t, "", func(*amitest.Server) {}) // in which the owner hears it
		p.play(t, left)
		if len(sub.C()) != 2 {
			t.Errorf("%d messages were left, want 2", len(sub.C()))
		}
	})
}
