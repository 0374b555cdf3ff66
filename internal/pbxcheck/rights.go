package pbxcheck

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

type need = flows.Need

// verbActions are the actions of the manager that verbs run.
var verbActions = map[string][]string{
	"bridge":          {"Bridge"},
	"channel_status":  {"Status"},
	"db_del":          {"DBDel"},
	"db_get":          {"DBGet"},
	"db_put":          {"DBPut"},
	"hangup_channel":  {"Hangup"},
	"mute":            {"MuteAudio"},
	"originate":       {"Originate"},
	"pause_recording": {"MixMonitorMute"},
	"queue_add":       {"QueueAdd"},
	"queue_pause":     {"QueuePause"},
	"queue_penalty":   {"QueuePenalty"},
	"queue_remove":    {"QueueRemove"},
	"record_call":     {"MixMonitor"},
	"redirect":        {"Redirect"},
	"spy":             {"Getvar"},
	"stop_recording":  {"StopMixMonitor"},
}

// snapshot are the actions by which the live picture begins.
var snapshot = []string{"CoreStatus", "CoreShowChannels", "QueueStatus"}

// rights compares what the user may do with what the app needs.
func (c *checker) rights(ctx context.Context) error {
	r, err := c.ask.Do(ctx, ami.Action{Name: "ListCommands"})
	if err := c.refused(err, "what the user may do", "all"); err != nil {
		return err
	}
	allowed := map[string]bool{}
	for name := range r.All() {
		allowed[strings.ToLower(name)] = true
	}
	if len(allowed) > 0 {
		for _, action := range snapshot {
			c.mayDo(allowed, action, c.place("asterisk", c.server), "the picture of what goes on")
		}
		for _, n := range c.of("verb") {
			for _, action := range slices.Concat(verbActions[n.Name], n.Step.EndingActions()) {
				c.mayDo(allowed, action, n.Pos, n.Name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(c.app.Program.Notifiers)) {
			if len(c.app.Program.Notifiers[name].Phones) > 0 {
				c.mayDo(allowed, "Originate", c.place("notify", name), "a notice to "+name)
			}
		}
	}
	return c.mayRead(ctx)
}

func (c *checker) mayDo(allowed map[string]bool, action string, at lang.Pos, who string) {
	if allowed[strings.ToLower(action)] {
		return
	}
	a, _ := catalog.LookupAction(action)
	hint := "write into manager.conf, in the user's section: write = " + strings.Join(a.Rights, ", or ")
	if len(a.Rights) == 0 {
		hint = "see that the module is loaded which has it"
	}
	c.errorf(at, "pbx-rights", hint, "%s needs the action %s, which the user may not use", who, action)
}

var readPerm = regexp.MustCompile(`^\s*read perm: (.*)$`)

// mayRead compares the classes of events that the user gets with those of the rules.
func (c *checker) mayRead(ctx context.Context) error {
	type wish struct {
		event string
		at    lang.Pos
	}
	needed := map[string][]wish{}
	var order []string
	for _, rule := range c.app.Rules {
		for _, name := range rule.Events() {
			classes := []string{"call"}
			if e, ok := catalog.LookupEvent(name); ok && !strings.Contains(name, ".") {
				classes = e.Class
			} else if subject, _, _ := strings.Cut(name, "."); subject == "queue" || subject == "agent" {
				classes = []string{"agent"}
			}
			for _, class := range classes {
				if needed[class] == nil {
					order = append(order, class)
				}
				needed[class] = append(needed[class], wish{name, rule.Pos})
			}
		}
	}
	if len(order) == 0 {
		return nil
	}
	lines, asked, err := c.command(ctx, "which events the user gets", "manager show user "+c.app.User(c.server))
	if err != nil || !asked {
		return err
	}
	for _, line := range lines {
		m := readPerm.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		has := strings.Split(m[1], ",")
		for _, class := range order {
			if slices.Contains(has, class) || slices.Contains(has, "all") {
				continue
			}
			for _, w := range needed[class] {
				c.errorf(w.at, "pbx-rights", "write into manager.conf, in the user's section: read = "+class, "the user does not get the event %s", w.event)
			}
		}
	}
	return nil
}
