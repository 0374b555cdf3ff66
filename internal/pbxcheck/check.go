package pbxcheck

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Asker is a manager session, such as [ami.Client].
type Asker interface {
	Do(ctx context.Context, a ami.Action) (ami.Response, error)
	List(ctx context.Context, a ami.Action) ([]ami.Event, error)
}

// checker asks one Asterisk.
type checker struct {
	ask      Asker
	server   string
	app      *app.App
	needs    []flows.Need
	problems lang.Problems
	told     map[string]bool // what was told already
}

// Check asks the Asterisk server of that name, over a session of its manager, whether it
// has what the app needs. The problems have their places in the app where they have any,
// and say what to write into Asterisk's configuration. The error is about the session.
func Check(ctx context.Context, ask Asker, server string, a *app.App) (lang.Problems, error) {
	c := &checker{ask: ask, server: server, app: a, told: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(a.Program.Flows)) {
		c.needs = append(c.needs, a.Program.Flows[name].Needs()...)
	}
	for _, r := range a.Rules {
		c.needs = append(c.needs, r.Needs()...)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Program.Notifiers)) {
		c.needs = append(c.needs, a.Program.Notifiers[name].Needs()...)
	}
	for _, part := range []func(context.Context) error{
		c.rights, c.queues, c.announcements, c.devices, c.dialplan, c.applications, c.music, c.profiles, c.sounds,
	} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	return c.problems.Sort(), nil
}

// Load reads an app as the server does, with the built-in verbs. The error is its mistakes,
// as [lang.Problems].
func Load(fsys fs.FS) (*app.App, error) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		return nil, err
	}
	loaded, problems := app.Load(fsys, verbs)
	if loaded == nil {
		return nil, problems
	}
	return loaded, nil
}

// of are the needs of a kind. One name that is needed at several places is told at each.
func (c *checker) of(kind string) []flows.Need {
	return slices.DeleteFunc(slices.Clone(c.needs), func(n flows.Need) bool { return n.Kind != kind })
}

func (c *checker) errorf(at lang.Pos, id, hint, format string, args ...any) {
	p := &lang.Problem{Pos: at, ID: id, Message: fmt.Sprintf(format, args...) + " on " + c.server, Suggestion: hint}
	if key := p.String(); !c.told[key] {
		c.told[key] = true
		c.problems = append(c.problems, p)
	}
}

func (c *checker) warnf(at lang.Pos, id, hint, format string, args ...any) {
	before := len(c.problems)
	c.errorf(at, id, hint, format, args...)
	for _, p := range c.problems[before:] {
		p.Severity = lang.Warning
	}
}

// list asks for a list. With asked false the user may not, or Asterisk does not know the
// action; that is told as what is not asked.
func (c *checker) list(ctx context.Context, what string, a ami.Action, rights string) (items []ami.Event, asked bool, err error) {
	items, err = c.ask.List(ctx, a)
	return items, err == nil, c.refused(err, what, rights)
}

// command runs a command of Asterisk's console.
func (c *checker) command(ctx context.Context, what, command string) (lines []string, asked bool, err error) {
	r, err := c.ask.Do(ctx, ami.Action{Name: "Command"}.With("Command", command))
	if err := c.refused(err, what, "command"); err != nil || r.Len() == 0 {
		return nil, false, err
	}
	return r.Output(), true, nil
}

// refused takes an error that Asterisk gave for an answer; other errors are returned.
func (c *checker) refused(err error, what, rights string) error {
	refusal, ok := errors.AsType[*ami.Error](err)
	if !ok {
		return err
	}
	hint := "Asterisk says: " + refusal.Message
	if strings.HasPrefix(refusal.Message, "Permission denied") {
		hint = "to have it asked, give the user in manager.conf: write = " + rights
	}
	c.warnf(c.place("asterisk", c.server), "pbx-not-asked", hint, "it was not asked %s", what)
	return nil
}

// place is where the app defines a name, or its configuration does.
func (c *checker) place(section, name string) lang.Pos { return c.app.Place(section, name) }

// near is a hint with the name that is nearest, or else another hint.
func near(name string, names []string, otherwise string) string {
	if n := lang.Nearest(name, names); n != "" {
		return fmt.Sprintf("did you mean %q? If not, %s", n, otherwise)
	}
	return otherwise
}

// texts are the values of a header in a list, sorted, each once.
func texts(items []ami.Event, event, header string) []string {
	var list []string
	for _, e := range items {
		if e.Name() == event {
			list = append(list, e.Get(header))
		}
	}
	slices.SortFunc(list, cmp.Compare[string])
	return slices.Compact(list)
}
