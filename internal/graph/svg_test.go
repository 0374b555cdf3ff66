package graph

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
)

// large is a flow of forty steps, with menus in menus, many cases and long texts in
// several scripts.
func large() string {
	var b strings.Builder
	b.WriteString("steps:\n  - answer\n  - switch: language\n    case:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "      \"case number %d with a long name\": [{ play: お電話ありがとうございます少々お待ちください }, { goto: flow-%d }]\n", i, i)
	}
	for i := range 10 {
		fmt.Fprintf(&b, "  - play: prompt-%d\n  - menu: menu-%d\n    options: { 1: { play: one }, 2: [{ play: two }, { if: a, then: { goto: x }, else: [{ play: b }, hangup] }], 12: again }\n    no_input: { play: c }\n", i, i)
	}
	b.WriteString("  - menu: outer\n    options:\n      1: { menu: middle, options: { 1: { menu: inner, options: { 1: { play: a }, 2: again } }, 2: { dial: PJSIP/1, on: { busy: { play: b }, 電話に出ません: hangup } } } }\n")
	b.WriteString("on_error: { play: sorry }\nfinally: { log: " + strings.Repeat("Grüezi мир 你好 ", 6) + " }\n")
	return b.String()
}

// TestSVG draws flows small and large: it must be XML, nothing outside of the picture, no
// box or label upon another, and no text wider than what it stands in.
func TestSVG(t *testing.T) {
	for name, test := range map[string]struct {
		text  string
		boxes int
	}{
		"small":   {small, 9},
		"large":   {large(), 142},
		"nothing": {"[]", 0},
		"a word":  {"answer", 1},
		"long":    {"steps: [answer]\non_error: [{ play: sorry }]\nfinally: { log: " + strings.Repeat("very ", 40) + "long }\n", 3},
	} {
		t.Run(name, func(t *testing.T) {
			flow := read(t, test.text)
			flow.Name = "a-flow-with-quite-a-long-name"
			p := parse(t, flow.SVG())
			boxes := 0
			for i, r := range p.rects {
				if r.rx == 5 {
					boxes++
				}
				if r.x < 0 || r.y < 0 || r.x+r.w > p.width || r.y+r.h > p.height {
					t.Errorf("%+v is not in the picture of %d by %d", r, p.width, p.height)
				}
				for _, other := range p.rects[:i] {
					if r.x < other.x+other.w && other.x < r.x+r.w && r.y < other.y+other.h && other.y < r.y+r.h {
						t.Errorf("%+v and %+v lie upon each other", r, other)
					}
				}
				for _, text := range r.texts {
					if wide := cells(text) * 7; wide > r.w {
						t.Errorf("%q needs %d, and %+v is narrower", text, wide, r)
					}
				}
			}
			if boxes != test.boxes {
				t.Errorf("%d boxes, want %d", boxes, test.boxes)
			}
		})
	}
}

// picture is what is drawn: rectangles with the texts in them.
type picture struct {
	width, height int
	rects         []*rect
}

type rect struct {
	x, y, w, h, rx int
	texts          []string
}

func parse(t *testing.T, svg string) picture {
	t.Helper()
	var p picture
	inText := false
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return p
		} else if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			number := func(name string) int {
				for _, a := range token.Attr {
					if n, err := strconv.Atoi(a.Value); a.Name.Local == name && err == nil {
						return n
					}
				}
				return 0
			}
			switch token.Name.Local {
			case "svg":
				p.width, p.height = number("width"), number("height")
			case "rect":
				if r := (&rect{number("x"), number("y"), number("width"), number("height"), number("rx"), nil}); r.w > 0 {
					p.rects = append(p.rects, r)
				}
			case "text":
				inText = true
			}
		case xml.EndElement:
			inText = inText && token.Name.Local != "text"
		case xml.CharData:
			if last := len(p.rects) - 1; inText {
				p.rects[last].texts = append(p.rects[last].texts, string(token))
			}
		}
	}
}

func TestCells(t *testing.T) {
	for text, want := range map[string]int{"abc": 3, "ü": 1, "u\u0308": 1, "мир": 3, "你好": 4, "ｱ": 1, "「あ」": 6, "한": 2, "👩\u200d🚀": 4, "": 0} {
		if got := cells(text); got != want {
			t.Errorf("%q takes %d cells, want %d", text, got, want)
		}
	}
}
