package graph

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
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

var boxAt = regexp.MustCompile(`<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="5"`)

// TestSVG draws flows small and large: it must be XML, all boxes in the picture, and none
// upon another.
func TestSVG(t *testing.T) {
	large := strings.Builder{}
	for i := range 10 {
		fmt.Fprintf(&large, "- play: prompt-%d\n- menu: menu-%d\n  options: { 1: { play: one }, 2: [{ play: two }, { if: a, then: { goto: x }, else: [{ play: b }, hangup] }], 12: again }\n  no_input: { play: c }\n", i, i)
	}
	for name, text := range map[string]string{
		"small": small, "large": large.String(), "nothing": "[]", "a word": "answer",
		"long": "steps: [answer]\non_error: [{ play: sorry }]\nfinally: { log: " + strings.Repeat("very ", 40) + "long }\n",
	} {
		t.Run(name, func(t *testing.T) {
			svg := read(t, text).SVG()
			for d := xml.NewDecoder(strings.NewReader(svg)); ; {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%v\n%s", err, svg)
				}
			}
			var width, height int
			if _, err := fmt.Sscanf(svg[strings.Index(svg, " width="):], ` width="%d" height="%d"`, &width, &height); err != nil {
				t.Fatal(err)
			}
			var boxes [][4]int
			for _, m := range boxAt.FindAllStringSubmatch(svg, -1) {
				var b [4]int
				for i := range b {
					n, err := strconv.Atoi(m[i+1])
					if err != nil {
						t.Fatal(err)
					}
					b[i] = n
				}
				for _, other := range boxes {
					if b[0] < other[0]+other[2] && other[0] < b[0]+b[2] && b[1] < other[1]+other[3] && other[1] < b[1]+b[3] {
						t.Errorf("boxes lie upon each other: %v and %v", b, other)
					}
				}
				if boxes = append(boxes, b); b[0]+b[2] > width || b[1]+b[3] > height {
					t.Errorf("box %v is not in the picture of %d by %d", b, width, height)
				}
			}
			if want := map[string]int{"small": 9, "large": 110, "nothing": 0, "a word": 1, "long": 3}[name]; len(boxes) != want {
				t.Errorf("%d boxes, want %d", len(boxes), want)
			}
		})
	}
}
