package ami_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

func TestActionCheck(t *testing.T) {
	long := strings.Repeat("x", ami.MaxLine-len("Data: ")-len("\r\n"))
	many := ami.Action{Name: "A"}
	for range ami.MaxLines - 2 {
		many = many.With("Variable", "a=b")
	}
	tests := []struct {
		name   string
		action ami.Action
		ok     bool
	}{
		{"plain", ami.Action{Name: "Ping"}, true},
		{"empty value", ami.Action{Name: "A"}.With("X", ""), true},
		{"longest line", ami.Action{Name: "A"}.With("Data", long), true},
		{"most lines", many, true},
		{"no name", ami.Action{}, false},
		{"LF in the name", ami.Action{Name: "A\nAction: B"}, false},
		{"CRLF in a value", ami.Action{Name: "A"}.With("X", "1\r\n\r\nAction: Command"), false},
		{"LF in a value", ami.Action{Name: "A"}.With("X", "1\nY: 2"), false},
		{"CR in a value", ami.Action{Name: "A"}.With("X", "1\r"), false},
		{"NUL in a value", ami.Action{Name: "A"}.With("X", "1\x00"), false},
		{"LF in a field's name", ami.Action{Name: "A"}.With("X\n", "1"), false},
		{"colon in a field's name", ami.Action{Name: "A"}.With("X: y", "1"), false},
		{"blank in a field's name", ami.Action{Name: "A"}.With("X ", "1"), false},
		{"field without a name", ami.Action{Name: "A"}.With("", "1"), false},
		{"line too long", ami.Action{Name: "A"}.With("Data", long+"x"), false},
		{"too many lines", many.With("X", "y"), false},
		{"second Action", ami.Action{Name: "A"}.With("action", "Command"), false},
		{"own ActionID", ami.Action{Name: "A"}.With("actionid", "1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.action.Check()
			if (err == nil) != test.ok || err != nil && !errors.Is(err, ami.ErrInvalidAction) {
				t.Errorf("Check: %v", err)
			}
			if _, err := ami.New(ami.Options{}).Do(t.Context(), test.action); !test.ok && !errors.Is(err, ami.ErrInvalidAction) {
				t.Errorf("Do: %v", err)
			}
		})
	}
}

func TestWithSharesNothing(t *testing.T) {
	base := ami.Action{Name: "A", Fields: make([]ami.Field, 0, 4)}
	one, two := base.With("X", "1"), base.With("X", "2")
	if one.Fields[0].Value != "1" || two.Fields[0].Value != "2" || len(base.Fields) != 0 {
		t.Errorf("%v %v %v", base, one, two)
	}
}
