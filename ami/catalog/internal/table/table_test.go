package table_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

const example = `action	Hangup	rights=system|call
	Channel	required
	Cause
event	Hangup	class=call	channels=|Dest@18-
	Cause	values=16|17@20,22-
	TechCause	in=20,22-
application	Macro	in=16-20	added=16.1.0|18.2.0
	options	options=a|b
agi	ANSWER	dead
`

func TestParse(t *testing.T) {
	all, err := table.Parse("# a comment\n\n" + example)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example, table.Format(all)); diff != "" {
		t.Errorf("read and written (-want +got):\n%s", diff)
	}
	if e := all[1]; e.Members[0].Values[1].Versions != table.Of(20)|table.Of(22)|table.Of(23) || e.Channels[0].Versions != table.All {
		t.Errorf("%+v", e)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"\tName":                       "line 1: \"Name\" stands below nothing",
		"agi\tA\n\nthing\tX":           "line 3: want a kind and a name",
		"event\t":                      "line 1: want a kind and a name",
		"event\tX\tcolour=red":         "line 1: unknown column \"colour\"",
		"event\tX\tin=17":              "line 1: unknown version \"17\"",
		"event\tX\n\tF\tvalues=a@16-x": "line 2: unknown version \"x\"",
		"event\tX\n\tF\tdead":          "line 2: unknown column \"dead\"",
	} {
		if _, err := table.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]string{
		"16-": "16-", "-20": "16-20", "18,20-22": "18-22", "23": "23", "16,18,23": "16-18,23", "22-23": "22-", "23,16": "16,23",
	} {
		if v, err := table.ParseVersions(text); err != nil || v.String() != want {
			t.Errorf("%s: %v, %v; want %s", text, v, err, want)
		}
	}
}

func TestMerge(t *testing.T) {
	parse := func(text string) []table.Entry {
		t.Helper()
		all, err := table.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := parse("event\tA\tin=16\tclass=call\tchannels=\n\tF\tvalues=x\n\tG\nevent\tC\n")
	one := parse("event\tA\tin=22\tclass=call\tchannels=|Dest\n\tf\tvalues=x|y\n\tH\nevent\tB\tin=22\tclass=call\n")
	merged, lacking := table.Merge(before, one, 22)
	want := "event\tA\tin=16,22\tclass=call\tchannels=|Dest@22\n\tF\tvalues=x|y@22\n\tG\tin=16\n\tH\tin=22\n" +
		"event\tB\tin=22\tclass=call\nevent\tC\n"
	if diff := cmp.Diff(want, table.Format(merged)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"event C"}, lacking); diff != "" {
		t.Errorf("lacking (-want +got):\n%s", diff)
	}
}
