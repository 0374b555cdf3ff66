package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

// say prints a line.
func (k *console) say(line string) { fmt.Fprintln(k.out, safe(line)) }

// tell prints news that somebody wants to see: events that were asked for, and those
// that bear the id of an action of ours, such as the end of an Originate.
func (k *console) tell(n news) {
	switch {
	case n.state == "connected" && !k.greeted:
		k.greeted = true
	case n.state != "":
		k.say(n.state)
	case k.all || k.names[strings.ToLower(n.event.Name())] || strings.HasPrefix(n.event.Get("ActionID"), "pbxflow-"):
		k.message(time.Now().Format("15:04:05 ")+n.event.Name(), n.event.Message)
	}
}

// answer prints the answer to an action.
func (k *console) answer(r ami.Response) {
	if r.Get("Message") == "Command output follows" || r.Get("Response") == "Follows" {
		for _, line := range k.output(r.Output()) {
			k.say(line)
		}
		return
	}
	title := r.Get("Response")
	if text := k.redact.Message(r.Message).Get("Message"); text != "" {
		title += ": " + text
	}
	k.message(title, r.Message)
}

// output returns what a command printed, without secrets.
func (k *console) output(lines []string) []string {
	pairs := make([]string, 0, 2*len(lines))
	for _, line := range lines {
		pairs = append(pairs, "Output", line)
	}
	return k.redact.Message(ami.NewMessage(pairs...)).Values("Output")
}

// message prints a title and below it the fields that tell something.
func (k *console) message(title string, m ami.Message) {
	m = k.redact.Message(m)
	width := 0
	var fields []ami.Field
	for i := range m.Len() {
		f := m.At(i)
		switch f.Name {
		case "Response", "Message", "ActionID", "Event", "Privilege", "EventList":
			continue
		}
		if f.Value != "" {
			fields = append(fields, f)
			width = max(width, len(f.Name))
		}
	}
	var b strings.Builder // written at once: a terminal redraws its prompt behind each write
	fmt.Fprintln(&b, safe(title))
	for _, f := range fields {
		fmt.Fprintln(&b, safe(fmt.Sprintf("  %-*s  %s", min(width, 30), f.Name, f.Value)))
	}
	fmt.Fprint(k.out, b.String())
}

// safe keeps a caller's name from steering the terminal.
func safe(line string) string {
	if !strings.ContainsFunc(line, func(r rune) bool { return !strconv.IsPrint(r) && r != '\t' }) {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		if strconv.IsPrint(r) || r == '\t' {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// setEvents says which events are shown: on, off, or names.
func (k *console) setEvents(text string) error {
	switch strings.ToLower(text) {
	case "on":
		k.all = true
		return nil
	case "off":
		k.all = false
		clear(k.names)
		return nil
	}
	names := map[string]bool{}
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		e, ok := catalog.LookupEvent(name)
		if !ok {
			return fmt.Errorf("there is no event %s in Asterisk %d to %d", name, catalog.Versions()[0], catalog.Versions()[len(catalog.Versions())-1])
		}
		names[strings.ToLower(e.Name)] = true
	}
	k.all, k.names = false, names
	return nil
}

// shown says which events are.
func (k *console) shown() string {
	var names []string
	for name := range k.names {
		e, _ := catalog.LookupEvent(name) // setEvents has looked
		names = append(names, e.Name)
	}
	slices.Sort(names)
	switch {
	case k.all:
		return "on"
	case len(names) == 0:
		return "off"
	}
	return strings.Join(names, ", ")
}

const helpText = `ACTION NAME=VALUE ...   sends an action: QueueStatus Queue=support
                        a value with blanks stands in quotes
Action: ACTION          begins one as the protocol has it, Name: value on each line;
                        an empty line sends it
events on|off|NAMES     shows events: all, none, or those of these names
wait TIME               does nothing but show events: wait 10s
help ACTION             tells which arguments an action takes
quit                    ends, as Ctrl-D does`

// help explains the console, or an action.
func (k *console) help(action string) {
	if action == "" {
		for line := range strings.SplitSeq(helpText, "\n") {
			k.say(line)
		}
		return
	}
	a, ok := catalog.LookupAction(action)
	if !ok {
		k.report(fmt.Errorf("there is no action %s", action))
		return
	}
	rights := "no right is needed"
	if len(a.Rights) > 0 {
		rights = "needs write = " + strings.Join(a.Rights, " or ")
	}
	k.say(a.Name + ": " + rights)
	for _, arg := range a.Arguments {
		line := "  " + arg.Name
		if arg.Required {
			line += " (required)"
		}
		if values := catalog.CompleteValue(a.Name, arg.Name, "", 0); len(values) > 0 {
			line += ": " + strings.Join(values, ", ")
		}
		k.say(line)
	}
}
