package graph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/internal/lang"
)

func read(t *testing.T, text string) *Flow {
	t.Helper()
	root, problem := lang.Parse(lang.NewSource("app.yaml", []byte(text)))
	if problem != nil {
		t.Fatal(problem)
	}
	return Read("main", root, []string{"answer", "play", "if", "menu", "goto", "repeat", "dial", "switch"})
}

const small = `
- play: <welcome> & "more"
- if: hours.office.open
  then: { goto: sales }
- repeat: 2
  do: { play: wait }
- dial: PJSIP/101
  when: call.dialed == "1"
  on: { no_answer: hangup }
- play: end
`

func TestMermaid(t *testing.T) {
	want := `flowchart TD
  n0["main"]
  n1["play<br>&lt;welcome&gt; &amp; &quot;more&quot;"]
  n2{{"if<br>hours.office.open"}}
  n3[["goto<br>sales"]]
  n4{{"repeat<br>2"}}
  n5["play<br>wait"]
  n6["↺ next turn"]
  n7{{"dial<br>PJSIP/101<br>when call.dialed == &quot;1&quot;"}}
  n8["hangup"]
  n9["play<br>end"]
  n0 --> n1
  n1 --> n2
  n2 -->|"yes"| n3
  n2 -->|"no"| n4
  n4 -->|"each turn"| n5
  n5 --> n6
  n4 -->|"done"| n7
  n7 -->|"no answer"| n8
  n7 -->|"goes on"| n9
`
	if diff := cmp.Diff(want, read(t, small).Mermaid()); diff != "" {
		t.Errorf("it differs (-want +got):\n%s", diff)
	}
}

func TestDOT(t *testing.T) {
	got := read(t, small).DOT()
	for _, want := range []string{`digraph "main" {`, `n3 [label="goto\nsales", URL="#flow-sales"`, `n2 -> n3 [label="yes"];`} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s:\n%s", want, got)
		}
	}
}

// TestQuoting has texts that mean something to Mermaid and to Graphviz.
func TestQuoting(t *testing.T) {
	const text = "- play: \"`a` #b; c | d ]] \\\\n \\\"e\\\" 👩\u200d🚀 ü\"\n- switch: x\n  case: { \"`|f\": answer }\n"
	for _, want := range []string{
		"n1[\"play<br>#96;a#96; &num;b; c | d ]] \\n &quot;e&quot; 👩\u200d🚀 ü\"]\n", "-->|\"#96;|f\"| n3\n",
	} {
		if got := read(t, text).Mermaid(); !strings.Contains(got, want) {
			t.Errorf("Mermaid lacks %s:\n%s", want, got)
		}
	}
	for _, want := range []string{
		"n1 [label=\"play\\n`a` #b; c | d ]] \\\\n \\\"e\\\" 👩\u200d🚀 ü\"];\n", "[label=\"`|f\"];\n",
	} {
		if got := read(t, text).DOT(); !strings.Contains(got, want) {
			t.Errorf("DOT lacks %s:\n%s", want, got)
		}
	}
}

// TestOnError draws what an error leads to, also when that is a word.
func TestOnError(t *testing.T) {
	got := read(t, "- repeat: 2\n  do:\n    - dial: PJSIP/1\n      on_error: next\n    - play: a\n      on_error: continue\n- play: b\n").Mermaid()
	if strings.Count(got, "|\"error\"|") != 1 || !strings.Contains(got, `["next"]`) {
		t.Errorf("got:\n%s", got)
	}
}
