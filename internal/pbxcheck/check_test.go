package pbxcheck

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
)

// TestTables has only verbs, applications and actions that there are.
func TestTables(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	for verb, applications := range verbApplications {
		if verbs.Lookup(verb) == nil {
			t.Errorf("there is no verb %s", verb)
		}
		for _, a := range applications {
			if _, ok := catalog.LookupApplication(a.name); !ok {
				t.Errorf("there is no application %s", a.name)
			}
		}
	}
	for verb, actions := range verbActions {
		if verbs.Lookup(verb) == nil {
			t.Errorf("there is no verb %s", verb)
		}
		for _, name := range actions {
			if _, ok := catalog.LookupAction(name); !ok {
				t.Errorf("there is no action %s", name)
			}
		}
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, number string
		want            bool
	}{
		{"X.", "12", true},
		{"X.", "1", false},
		{"X!", "1", true},
		{"NXX", "234", true},
		{"NXX", "134", false},
		{"Z1", "01", false},
		{"[1-35]X", "30", true},
		{"[1-35]X", "40", false},
		{"[1-35]X", "5", false},
		{"[+0-9].", "+41", true},
		{"0-44", "044", true},
		{"9[", "91", false},
	} {
		if got := matches(test.pattern, test.number); got != test.want {
			t.Errorf("_%s takes %s: %t", test.pattern, test.number, got)
		}
	}
}

func TestEndpoint(t *testing.T) {
	for device, want := range map[string]string{
		"PJSIP/101": "101", "PJSIP/0441@carrier": "carrier", "PJSIP/carrier/sip:1@host": "carrier", "Local/1@a": "", "DAHDI/g1/1": "",
	} {
		if got := endpoint(device); got != want {
			t.Errorf("the endpoint of %s is %q, want %q", device, got, want)
		}
	}
}

// What ends a step at its time needs rights as well.
func TestEndingRights(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	a, problems := app.Load(fstest.MapFS{
		"app.yaml": {Data: []byte("flows:\n  main:\n    - answer\n    - play: welcome\n      timeout: 1s\n    - play: welcome\n      keys: { stop: \"5\" }\n      timeout: 1s\n" +
			"    - say: 12\n      type: digits\n    - say: 12\n      type: digits\n      timeout: 1s\n    - conference: room\n      timeout: 1m\n    - page: PJSIP/101\n      timeout: 1m\n" +
			"    - spy: PJSIP/101\n      only: []\n      limit: 1m\n      on_error: hangup\n")},
		"pbxflow.yaml": {Data: []byte("asterisk: { pbx1: { address: 'a:5038', username: u, secret: '${env.S}' } }\n")},
	}, verbs)
	if a == nil {
		t.Fatal(problems)
	}
	m := amitest.Start(t)
	m.Answer("ListCommands", "Response", "Success", "CoreStatus", "x", "CoreShowChannels", "x", "QueueStatus", "x", "Getvar", "x")
	c := &checker{ask: session(t, m), server: "pbx1", app: a, told: map[string]bool{}}
	c.needs = a.Program.Flows["main"].Needs()
	if err := c.rights(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.problems.Sort() {
		got = append(got, p.String())
	}
	needs := func(at, verb, action, rights string) string {
		return "app.yaml:" + at + ": " + verb + " needs the action " + action + ", which the user may not use on pbx1 — write into manager.conf, in the user's section: write = " + rights + " [pbx-rights]"
	}
	want := []string{
		needs("6:7", "play", "ControlPlayback", "call"),
		needs("11:7", "say", "PlayDTMF", "call"),
		needs("14:7", "conference", "ConfbridgeKick", "call"),
		needs("16:7", "page", "ConfbridgeListRooms", "reporting"),
		needs("16:7", "page", "ConfbridgeList", "reporting"),
		needs("16:7", "page", "ConfbridgeKick", "call"),
		needs("18:7", "spy", "PlayDTMF", "call"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}

// TestModules tells which module lacks, and what includes of the dialplan hold.
func TestModules(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	a, problems := app.Load(fstest.MapFS{
		"app.yaml":     {Data: []byte("flows:\n  main:\n    - dial: Local/0441234567@inside\n      on: { else: hangup }\n    - park:\n      on_error: hangup\n")},
		"pbxflow.yaml": {Data: []byte("asterisk: { pbx1: { address: 'a:5038', username: u, secret: '${env.S}' } }\n")},
	}, verbs)
	if a == nil {
		t.Fatal(problems)
	}
	m := amitest.Start(t)
	m.Answer("ListCommands", "Response", "Success", "CoreStatus", "x", "CoreShowChannels", "x", "QueueStatus", "x")
	m.AnswerCommand("core show applications", "    -= Registered Asterisk Applications =-\n           Dial: Attempt to connect\n")
	m.AnswerList("ShowDialPlan",
		[]string{"Event", "ListDialplan", "Context", "in", "Extension", "1", "Priority", "1", "Application", "EAGI", "AppData", "hagi://flows/main"},
		[]string{"Event", "ListDialplan", "Context", "inside", "IncludeContext", "outside"},
		[]string{"Event", "ListDialplan", "Context", "outside", "Extension", "_0[1-9].", "Priority", "1", "Application", "NoOp"},
		[]string{"Event", "ListDialplan", "Context", "outside", "IncludeContext", "inside"},
	)
	client := session(t, m)
	found, err := Check(t.Context(), client, "pbx1", a)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.String())
	}
	want := []string{"app.yaml:5:7: park needs the application Park, which is not loaded on pbx1 — write into modules.conf: load = res_parking.so [pbx-application]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}

// TestPhones looks for what notices to phones need.
func TestPhones(t *testing.T) {
	a, problems := Load(fstest.MapFS{
		"app.yaml":     {Data: []byte("notify: { night: { phone: [PJSIP/101, PJSIP/102, 044 123 45 67], play: alarm, ask: take-it } }\n")},
		"pbxflow.yaml": {Data: []byte("asterisk: { pbx1: { address: 'a:5038', username: u, secret: '${env.S}', outbound: 'PJSIP/{number}@carrier' } }\n")},
	})
	if a == nil {
		t.Fatal(problems)
	}
	m := amitest.Start(t)
	m.Answer("ListCommands", "Response", "Success", "CoreStatus", "x", "CoreShowChannels", "x", "QueueStatus", "x")
	m.AnswerCommand("core show applications", "           Dial: Attempt to connect\n")
	m.AnswerCommand("core show sound alarm", "alarm\n")
	m.AnswerCommand("core show sound take-it", "take-it\n")
	m.AnswerList("ShowDialPlan")
	m.AnswerList("PJSIPShowEndpoints", []string{"Event", "EndpointList", "ObjectName", "101"})
	found, err := Check(t.Context(), session(t, m), "pbx1", a)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, p.String())
	}
	want := []string{
		"app.yaml:1:11: a notice to night needs the action Originate, which the user may not use on pbx1 — write into manager.conf, in the user's section: write = originate [pbx-rights]",
		`app.yaml:1:39: there is no PJSIP endpoint "102" on pbx1 — did you mean "101"? If not, write into pjsip.conf: [102] with type=endpoint [pbx-endpoint]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}

func session(t *testing.T, m *amitest.Server) *ami.Client {
	t.Helper()
	up := make(chan ami.State, 10)
	client := ami.New(ami.Options{
		Name: "pbx1", Addr: m.Addr(), Dial: m.Dial, Username: m.Username, Secret: m.Secret,
		OnState: func(s ami.State, _ error) { up <- s },
	})
	done := make(chan error, 1)
	go func() { done <- client.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	for {
		if <-up == ami.Connected { // a session that fails ends the test by its time
			return client
		}
	}
}

// TestAnnouncements compares what flows count on with queues.conf as Asterisk tells it:
// templates are resolved, and a setting that is written twice holds as it is last.
func TestAnnouncements(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	queue := func(name, announce string) string {
		return "    - queue: " + name + "\n      announce: { " + announce + " }\n      on: { else: hangup }\n"
	}
	a, problems := app.Load(fstest.MapFS{
		"app.yaml": {Data: []byte("queues: { support: {}, sales: {}, stored: {} }\nflows:\n  main:\n" +
			queue("support", "position: 30s, hold_time: true") + // as it is
			queue("support", "position: 1m, hold_time: true, periodic: 30s") +
			queue("sales", "position: 30s, hold_time: true") +
			queue("stored", "hold_time: true"))},
		"pbxflow.yaml": {Data: []byte("asterisk: { pbx1: { address: 'a:5038', username: u, secret: '${env.S}' } }\n")},
	}, verbs)
	if a == nil {
		t.Fatal(problems)
	}
	m := amitest.Start(t)
	m.Answer("GetConfig", "Response", "Success",
		"Category-000000", "general", "Line-000000-000000", "persistentmembers=yes",
		"Category-000001", "support", "Templates-000001", "usual",
		"Line-000001-000000", "announce-frequency=90", "Line-000001-000001", "announce-frequency=30", "Line-000001-000002", "announce-holdtime=once",
		"Category-000002", "sales", "Line-000002-000000", "announce-frequency = 30", "Line-000002-000001", "announce-position=no", "Line-000002-000002", "Announce-HoldTime=no",
		"Category-000003", "sales", "Line-000003-000000", "strategy=ringall",
	)
	c := &checker{ask: session(t, m), server: "pbx1", app: a, told: map[string]bool{}}
	c.needs = a.Program.Flows["main"].Needs()
	if err := c.announcements(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.problems.Sort() {
		got = append(got, p.String())
	}
	want := []string{
		"app.yaml:7:7: this counts on announce-frequency=60, and queues.conf has announce-frequency=30 for the queue support on pbx1 — write into queues.conf, below [support]: announce-frequency=60 [pbx-announce]",
		"app.yaml:7:7: this counts on periodic-announce-frequency=30, and queues.conf has no such line for the queue support on pbx1 — write into queues.conf, below [support]: periodic-announce-frequency=30 [pbx-announce]",
		"app.yaml:10:7: this counts on announce-holdtime=yes, and queues.conf has announce-holdtime=no for the queue sales on pbx1 — write into queues.conf, below [sales]: announce-holdtime=yes [pbx-announce]",
		"app.yaml:10:7: this counts on announce-position=yes, and queues.conf has announce-position=no for the queue sales on pbx1 — write into queues.conf, below [sales]: announce-position=yes [pbx-announce]",
		"app.yaml:13:7: warning: nobody can say what the queue stored announces: it is not in queues.conf on pbx1 — see where Asterisk has it from [pbx-not-asked]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}
