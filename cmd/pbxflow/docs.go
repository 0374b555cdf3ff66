package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/pbxflow/pbxflow/internal/reference"
)

type docsCommand struct {
	Topic []string `arg:"" optional:"" help:"A name, or its kind and the name: verb menu, function digits, event call.ended, key timeout, check never-used. A kind alone lists all of it."`
}

// Run explains a verb, function, event, key or check, or lists them.
func (c docsCommand) Run(out output) error {
	width := 80
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		width = min(max(w, 40), 110)
	}
	kind, name := "", ""
	switch len(c.Topic) {
	case 0:
	case 1:
		name = c.Topic[0]
		if singular := strings.TrimSuffix(name, "s"); slices.Contains(reference.Kinds, singular) {
			kind, name = singular, ""
		}
	case 2:
		kind, name = strings.TrimSuffix(c.Topic[0], "s"), c.Topic[1]
		if !slices.Contains(reference.Kinds, kind) {
			return fmt.Errorf("there is no kind %q, but %s", c.Topic[0], strings.Join(reference.Kinds, ", "))
		}
	default:
		return errors.New("name one topic: its kind and its name")
	}
	if name == "" {
		return listTopics(out, kind)
	}
	found, near := reference.Find(kind, name)
	if found == nil && near != "" {
		return fmt.Errorf("nothing is called %q — did you mean %q?", name, near)
	}
	if found == nil {
		return fmt.Errorf("nothing is called %q; pbxflow docs lists what there is", name)
	}
	var texts []string
	for _, t := range found {
		texts = append(texts, t.Terminal(width))
	}
	_, err := fmt.Fprint(out, strings.Join(texts, "\n"))
	return err
}

// listTopics lists the names of one kind with their summaries, or those of all kinds.
func listTopics(out output, kind string) error {
	var b strings.Builder
	if kind == "" {
		b.WriteString("pbxflow docs NAME, or KIND NAME, explains one of these; KIND alone lists them with what they are.\n")
	}
	for _, k := range reference.Kinds {
		if kind != "" && k != kind {
			continue
		}
		t := reference.Topic{Kind: k + "s"}
		var names []string
		for _, topic := range reference.Topics() {
			switch {
			case topic.Kind != k:
			case kind != "":
				t.Text += fmt.Sprintf("| %s | %s |\n", topic.Name, topic.Summary)
				if len(names) == 0 { // the first row of a table is its head
					t.Text += "|---|---|\n"
				}
				names = append(names, topic.Name)
			case topic.Kind == "event" && !strings.Contains(topic.Name, "."):
			default:
				names = append(names, topic.Name)
			}
		}
		if kind == "" {
			t.Text = strings.Join(names, " ")
			if k == "event" {
				t.Text += " and all of Asterisk's own"
			}
			b.WriteByte('\n')
		}
		b.WriteString(strings.Replace(t.Terminal(80), "s \n", "s\n", 1))
	}
	_, err := fmt.Fprint(out, b.String())
	return err
}
