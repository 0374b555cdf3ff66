package lang

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mistakes() Problems {
	s := NewSource("a.yaml", []byte("when: ${x}\ntries: 5\n"))
	return Problems{
		{Pos: Pos{s, 1, 7}, ID: "expression-slot", Message: "no ${}", Fix: &Fix{Pos{s, 1, 7}, "${x}", "x"}},
		{Pos: Pos{s, 1, 9}, ID: "overlap", Message: "m", Fix: &Fix{Pos{s, 1, 9}, "x}", "y"}},
		{Pos: Pos{s, 2, 8}, Severity: Warning, ID: "odd", Message: `a "b" <c>`, Suggestion: "d", Fix: &Fix{Pos{s, 2, 8}, "6", "7"}},
	}
}

func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	if err := mistakes().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"file":"a.yaml","line":1,"column":7,"severity":"error","id":"expression-slot","message":"no ${}"}
{"file":"a.yaml","line":1,"column":9,"severity":"error","id":"overlap","message":"m"}
{"file":"a.yaml","line":2,"column":8,"severity":"warning","id":"odd","message":"a \"b\" <c>","suggestion":"d"}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("JSON differs (-want +got):\n%s", diff)
	}
}

func TestWriteSARIF(t *testing.T) {
	var b strings.Builder
	if err := mistakes()[2:].WriteSARIF(&b, "app", "1.0"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"uri": "app/a.yaml"`, `"startLine": 2`, `"startColumn": 8`, `"level": "warning"`, `"ruleId": "odd"`, `"text": "a \"b\" <c> — d"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("SARIF lacks %s:\n%s", want, b.String())
		}
	}
}

// Of two corrections that overlap one is made, and one whose place has changed is not.
func TestApply(t *testing.T) {
	// The one further right comes first.
	if diff := cmp.Diff(map[string]string{"a.yaml": "when: ${y\ntries: 5\n"}, mistakes().Apply()); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
}
