package flows

import (
	"context"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	loginOK     = Outcome{Name: "ok", Doc: "It was the PIN of somebody who may sign in."}
	loginDenied = Outcome{Name: "denied", Doc: "The PIN was wrong, or none was typed, in all tries; or there were too many wrong ones lately.", Failure: true}
)

var loginVerb = Verb{
	Name:    "login",
	Summary: "Asks for a PIN, and finds out who it is.",
	Doc: "Who may sign in stands under [people](app.md#people). The caller ends with #, or pauses. The PIN is in no trace and no log. " +
		"After too many wrong PINs from one caller, or for one person, every PIN is refused for a time. The caller is not told so. " +
		"PINs in the form of hashes take about a tenth of a second each to compare: with many people, write `person` where it is known.",
	Example: "- answer\n- login: enter-pin\n  tries: 3\n  from: people\n  as: me\n  on:\n    denied: [{ play: access-denied }, hangup]\n" +
		"- log: ${me.name} signed in\n  when: '\"listen\" in me.can'",
	Outcomes:  []Outcome{loginOK, loginDenied},
	NeedsCall: true, Media: true, Answered: true,
	Result: (*PersonInfo)(nil),
	New:    func() Step { return &loginStep{} },
}

type loginStep struct {
	Prompts   []lang.Value[Sound]       `yaml:"login,required" doc:"The prompt that asks for the PIN, or a list of them."`
	From      string                    `yaml:"from" enum:"people" default:"people" doc:"Where those who may sign in are declared."`
	Person    lang.Value[string]        `yaml:"person" doc:"The name of the one who has to sign in; whoever has the PIN if left out."`
	Digits    digitCount                `yaml:"digits" doc:"How many digits PINs have, so that nobody has to press #: 4, or 4-6."`
	Timeout   lang.Value[time.Duration] `yaml:"timeout" default:"5s" doc:"How long to wait for each key."`
	Tries     lang.Value[int]           `yaml:"tries" default:"3" doc:"How often to ask."`
	NoMatch   menuSteps                 `yaml:"no_match" doc:"What to do when the PIN was wrong or none was typed, and a try is left. The number of the try is read as try."`
	LockAfter lang.Value[int]           `yaml:"lock_after" default:"5" doc:"After how many wrong PINs of a caller, or for the person, all are refused."`
	LockFor   lang.Value[time.Duration] `yaml:"lock_for" default:"15m" doc:"For how long."`
}

// CheckYAML reports that nobody can sign in.
func (s *loginStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	people := namesOf(d).People
	if len(people) == 0 && !d.Scope.Partial() {
		d.Errorf(n, "unknown-person", "nobody can sign in: there are no people").
			Hint("declare them in a section people, such as people: { meier: { pin: \"${env.PIN_MEIER}\" } }")
		return
	}
	if name, ok := s.Person.Constant(); ok {
		checkName(d, s.Person.Pos(), "person", name, people)
	}
	if s.Digits.most != 0 && (s.Digits.least < shortestPIN || s.Digits.most > longestPIN) {
		d.Errorf(n.Lookup("digits"), "bad-count", "a PIN has %d to %d digits", shortestPIN, longestPIN)
	}
	if after, ok := s.LockAfter.Constant(); ok && after < 1 {
		d.ErrorAt(s.LockAfter.Pos(), "bad-count", "%d wrong PINs cannot be waited for", after).Hint("write lock_after: 1, or more")
	}
	if duration, ok := s.LockFor.Constant(); ok && duration <= 0 {
		d.ErrorAt(s.LockFor.Pos(), "bad-time", "nobody is locked out for %v", duration)
	}
}

func (s *loginStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	tries, err := s.Tries.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	person, err := s.Person.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	timeout, err := s.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	l, err := s.lock(c)
	if err != nil {
		return Outcome{}, err
	}
	t := typing{first: timeout, next: timeout, most: s.Digits.most, end: dataEnd, hidden: true}
	if t.most == 0 {
		t.most = longestPIN
	}
	for try, asked := 1, 1; ; try, asked = try+1, asked+1 {
		typed, err := c.ask(ctx, s.Prompts, t)
		if err != nil {
			return Outcome{}, err
		}
		if name := s.check(c, person, typed, l); name != "" {
			c.TraceValue("signed in", name)
			c.SetResult(c.Program.People[name].info(name))
			return loginOK, nil
		}
		if try >= tries {
			return loginDenied, nil
		}
		again, err := askedAgain(c.runTry(ctx, s.NoMatch.Steps, try), asked)
		if err != nil {
			return Outcome{}, err
		} else if again {
			try--
		}
	}
}

func (s *loginStep) lock(c *Call) (l lock, err error) {
	if l.after, err = s.LockAfter.Get(c); err != nil {
		return l, err
	}
	l.duration, err = s.LockFor.Get(c)
	return l, err
}

// check returns who signs in with what was typed; "" when nobody does.
func (s *loginStep) check(c *Call, person, typed string, l lock) string {
	if typed == "" {
		return ""
	}
	names := []string{"caller " + c.info.Caller.Num}
	if s.Person.IsSet() {
		names = append(names, "person "+person)
		if person == "" {
			return "" // whoever it should be
		}
	}
	doors := &c.engine.doors
	owner := doors.owner(c.Program.People, person, typed)
	if doors.locked(c.Now(), l, names...) {
		c.Logger.Warn("login refused after too many wrong PINs", "caller", c.info.Caller.Num, "person", person)
		return ""
	}
	doors.note(c.Now(), l, owner != "", names...)
	if owner == "" {
		c.Logger.Warn("login with a wrong PIN", "caller", c.info.Caller.Num, "person", person)
	}
	return owner
}

func (p *Person) info(name string) *PersonInfo {
	return &PersonInfo{Name: name, Can: p.Can, Over: p.Over}
}
