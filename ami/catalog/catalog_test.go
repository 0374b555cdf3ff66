package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

// versions makes a list of a set.
func versions(s catalog.VersionSet) []int { return slices.Collect(s.All()) }

// checkNames tells what is wrong with names that should be there, be unlike each other,
// and exist in some version.
func checkNames[T any](t *testing.T, what string, least int, all []T, of func(T) (string, catalog.VersionSet)) {
	t.Helper()
	if len(all) < least {
		t.Errorf("%s: only %d, want %d", what, len(all), least)
	}
	seen := map[string]bool{}
	last := ""
	for _, x := range all {
		name, in := of(x)
		lower := strings.ToLower(name)
		if name == "" || strings.ContainsAny(name, "\r\n\t") || in.Since() == 0 {
			t.Errorf("%s: %q in %v", what, name, in)
		}
		if seen[lower] {
			t.Errorf("%s: %s twice", what, name)
		}
		if lower < last && least > 0 {
			t.Errorf("%s: %s is out of order", what, name)
		}
		seen[lower], last = true, lower
	}
}

func argumentName(a catalog.Argument) (string, catalog.VersionSet) { return a.Name, a.Versions }

func TestNames(t *testing.T) {
	checkNames(t, "actions", 165, catalog.Actions(), func(a catalog.Action) (string, catalog.VersionSet) {
		checkNames(t, a.Name, 0, a.Arguments, argumentName)
		return a.Name, a.Versions
	})
	checkNames(t, "events", 225, catalog.Events(), func(e catalog.Event) (string, catalog.VersionSet) {
		checkNames(t, e.Name, 0, e.Fields, func(f catalog.Field) (string, catalog.VersionSet) { return f.Name, f.Versions })
		return e.Name, e.Versions
	})
	checkNames(t, "applications", 225, catalog.Applications(), func(a catalog.Application) (string, catalog.VersionSet) {
		checkNames(t, a.Name, 0, a.Arguments, argumentName)
		return a.Name, a.Versions
	})
	checkNames(t, "functions", 220, catalog.Functions(), func(f catalog.Function) (string, catalog.VersionSet) {
		checkNames(t, f.Name, 0, f.Arguments, argumentName)
		return f.Name, f.Versions
	})
	checkNames(t, "AGI commands", 47, catalog.Commands(), func(c catalog.Command) (string, catalog.VersionSet) {
		checkNames(t, c.Name, 0, c.Arguments, argumentName)
		return c.Name, c.Versions
	})
}

func TestLookup(t *testing.T) {
	a, ok := catalog.LookupAction("queueADD")
	if !ok || a.Name != "QueueAdd" || !slices.Equal(a.Rights, []string{"agent"}) || a.Complete != "" {
		t.Errorf("queueADD: %+v, %v", a, ok)
	}
	if g, ok := a.Argument("interface"); !ok || !g.Required || g.Name != "Interface" {
		t.Errorf("QueueAdd Interface: %+v, %v", g, ok)
	}
	if g, _ := a.Argument("Reason"); !slices.Equal(versions(g.Versions), []int{20, 21, 22, 23}) {
		t.Errorf("QueueAdd Reason: %+v", g)
	}
	if a, _ := catalog.LookupAction("QueueStatus"); a.Complete != "QueueStatusComplete" || len(a.Items) != 3 || a.Rights != nil {
		t.Errorf("QueueStatus: %+v", a)
	}
	if a, _ := catalog.LookupAction("CoreShowChannelMap"); !slices.Contains(a.Added, "20.4.0") {
		t.Errorf("CoreShowChannelMap was added in %v", a.Added)
	}
	if e, ok := catalog.LookupEvent("newexten"); !ok || e.Name != "Newexten" || !slices.Equal(e.Class, []string{"dialplan"}) {
		t.Errorf("newexten: %+v, %v", e, ok)
	}
	if a, ok := catalog.LookupApplication("dial"); !ok || len(a.Arguments) != 4 || !a.Arguments[2].Options {
		t.Errorf("dial: %+v, %v", a, ok)
	}
	if f, ok := catalog.LookupFunction("callerid"); !ok || !f.Arguments[0].Required {
		t.Errorf("callerid: %+v, %v", f, ok)
	}
	if c, ok := catalog.LookupCommand("database put"); !ok || !c.Dead || len(c.Arguments) != 3 {
		t.Errorf("database put: %+v, %v", c, ok)
	}
	if c, _ := catalog.LookupCommand("GET DATA"); c.Dead {
		t.Error("GET DATA works after the hangup")
	}
	if a, ok := catalog.LookupAction("FilterList"); ok {
		t.Errorf("FilterList is only documented, and found: %+v", a)
	}
}

func TestFields(t *testing.T) {
	tests := []struct {
		event string
		class string
		has   []string
		not   []string
	}{
		{"Hangup", "call", []string{"Channel", "Uniqueid", "Linkedid", "Cause", "Cause-txt"}, []string{"DestChannel"}},
		{"DialBegin", "call", []string{"Channel", "DestChannel", "DestLinkedid", "DialString"}, nil},
		{"AgentConnect", "agent", []string{"HoldTime", "RingTime", "DestUniqueid", "Queue", "MemberName"}, []string{"OriginalPosition"}},
		{"QueueCallerAbandon", "agent", []string{"OriginalPosition", "Position", "HoldTime", "queue"}, nil},
		{"BridgeEnter", "call", []string{"BridgeUniqueid", "Linkedid"}, nil},
		{"ChanSpyStart", "call", []string{"SpyerChannel", "SpyeeUniqueid"}, []string{"Channel"}},
		{"Newexten", "dialplan", []string{"Extension", "AppData", "Timestamp"}, nil},
		{"QueueMember", "", []string{"Location", "Name", "ActionID"}, []string{"Interface"}},
		{"ParkinglotsComplete", "", []string{"ListItems", "EventList", "ActionID"}, nil},
		{"RTCPReceived", "reporting", []string{"Report0FractionLost"}, nil},
	}
	for _, test := range tests {
		e, ok := catalog.LookupEvent(test.event)
		if !ok {
			t.Errorf("no %s", test.event)
			continue
		}
		if got := strings.Join(e.Class, ","); got != test.class {
			t.Errorf("%s has class %q, want %q", e.Name, got, test.class)
		}
		for _, f := range test.has {
			if !e.Has(f) || !slices.ContainsFunc(e.FieldNames(), func(n string) bool { return strings.EqualFold(n, f) }) {
				t.Errorf("%s has no %s", e.Name, f)
			}
		}
		for _, f := range test.not {
			if e.Has(f) {
				t.Errorf("%s has %s", e.Name, f)
			}
		}
	}
}

func TestVersionSet(t *testing.T) {
	field := func(event, name string) catalog.VersionSet {
		e, _ := catalog.LookupEvent(event)
		f, _ := e.Field(name)
		return f.Versions
	}
	tests := []struct {
		set          catalog.VersionSet
		text         string
		since, until int
	}{
		{field("Hangup", "Cause"), "16-", 16, 0},
		{field("Hangup", "TechCause"), "20,22-", 20, 0},
		{field("Hangup", "Tenantid"), "20-", 20, 0},
		{field("QueueMemberPause", "Reason"), "16", 16, 16},
		{field("MonitorStart", "Channel"), "16-20", 16, 20},
		{0, "", 0, 0},
	}
	for _, test := range tests {
		if got := test.set.String(); got != test.text || test.set.Since() != test.since || test.set.Until() != test.until {
			t.Errorf("%q since %d until %d, want %+v", got, test.set.Since(), test.set.Until(), test)
		}
		for _, v := range append(catalog.Versions(), 0, 17, 24) {
			if test.set.Has(v) != slices.Contains(versions(test.set), v) {
				t.Errorf("%v: Has(%d) is %v", test.set, v, test.set.Has(v))
			}
		}
	}
}

func TestValues(t *testing.T) {
	e, _ := catalog.LookupEvent("PeerStatus")
	f, _ := e.Field("PeerStatus")
	if !slices.ContainsFunc(f.Values, func(v catalog.Value) bool { return v.Name == "Reachable" }) {
		t.Errorf("PeerStatus is one of %v", f.Values)
	}
	cel, _ := catalog.LookupEvent("CEL")
	if f, ok := cel.Field("EventName"); !ok || f.Values != nil {
		t.Errorf("a caller may name a CEL as he likes, and not only %v", f.Values)
	}
	charge, _ := catalog.LookupEvent("AOC-S")
	for _, field := range []string{"RateType", "Unit"} {
		f, _ := charge.Field(field)
		if len(f.Values) == 0 {
			t.Errorf("%s has no values", field)
		}
		for _, v := range f.Values {
			if v.Name == "Flag" || v.Name == "Octect" || v.Versions.Since() != 16 {
				t.Errorf("%s is one of %v", field, f.Values)
			}
		}
	}
	a, _ := catalog.LookupApplication("Dial")
	macro := slices.IndexFunc(a.Arguments[2].Values, func(v catalog.Value) bool { return v.Name == "M" })
	if macro < 0 || a.Arguments[2].Values[macro].Versions.Until() != 20 {
		t.Errorf("options of Dial: %v", a.Arguments[2].Values)
	}
}

func TestComplete(t *testing.T) {
	tests := []struct {
		what      string
		got, want []string
	}{
		{"action", catalog.CompleteAction("queuem", 0), []string{"QueueMemberRingInUse"}},
		{"action of 16", catalog.CompleteAction("coreshowchannelm", 16), nil},
		{"action of 22", catalog.CompleteAction("coreshowchannelm", 22), []string{"CoreShowChannelMap"}},
		{"argument", catalog.CompleteArgument("queueadd", "p", 0), []string{"Paused", "Penalty"}},
		{"argument of 16", catalog.CompleteArgument("QueueAdd", "R", 16), nil},
		{"argument of nothing", catalog.CompleteArgument("none", "", 0), nil},
		{"value", catalog.CompleteValue("Bridge", "tone", "c", 0), []string{"Channel1", "Channel2"}},
		{"event", catalog.CompleteEvent("ChanSpyS", 22), []string{"ChanSpyStart", "ChanSpyStop"}},
		{"field", catalog.CompleteField("Hangup", "cause", 0), []string{"Cause", "Cause-txt"}},
		{"application", catalog.CompleteApplication("macro", 22), nil},
		{"application of 16", catalog.CompleteApplication("macroe", 16), []string{"MacroExclusive", "MacroExit"}},
		{"function", catalog.CompleteFunction("QUEUE_MEMBER_", 0), []string{"QUEUE_MEMBER_COUNT", "QUEUE_MEMBER_LIST", "QUEUE_MEMBER_PENALTY"}},
		{"command", catalog.CompleteCommand("database ", 0), []string{"DATABASE DEL", "DATABASE DELTREE", "DATABASE GET", "DATABASE PUT"}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	if all := catalog.CompleteAction("", 0); len(all) != len(catalog.Actions()) {
		t.Errorf("nothing completes to %d actions", len(all))
	}
}
