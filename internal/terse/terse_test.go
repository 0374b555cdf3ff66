package terse

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
)

func TestParse(t *testing.T) {
	for line, want := range map[string]ami.Action{
		"Ping":                           {Name: "Ping"},
		"  QueueStatus\tQueue=support  ": {Name: "QueueStatus", Fields: []ami.Field{{Name: "Queue", Value: "support"}}},
		`A Variable=X=1 Variable=Y="a b"`: {Name: "A", Fields: []ami.Field{
			{Name: "Variable", Value: "X=1"}, {Name: "Variable", Value: "Y=a b"},
		}},
		`A B="" C= D="\"\t"`: {Name: "A", Fields: []ami.Field{{Name: "B"}, {Name: "C"}, {Name: "D", Value: "\"\t"}}},
	} {
		got, err := Parse(line)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", line, err, diff)
		}
		again, err := Parse(Format(got))
		if diff := cmp.Diff(want, again); diff != "" || err != nil {
			t.Errorf("%s becomes %s: %v (-want +got):\n%s", line, Format(got), err, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for line, want := range map[string]string{
		"":                    "there is no action",
		"Queue=support":       "is not the name of an action",
		"Action: Ping":        "is not the name of an action",
		"QueueStatus support": `"support" is not of the form NAME=VALUE`,
		"A =x":                `"=x" is not of the form`,
		`A B="x`:              "does not end",
		`A B="x"y`:            `a blank behind "x"`,
	} {
		if _, err := Parse(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}
