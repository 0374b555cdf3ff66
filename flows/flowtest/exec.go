package flowtest

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// application is what EXEC can run: the kind of item that it is in a script, and what
// it does. Without do it is over at once.
type application struct {
	kind string
	do   func(c *call, e *event, args []string) string
}

// applications are those that have a name of their own in scripts, in small letters.
// All others are exec.
var applications = map[string]application{
	"dial":             {"dial", (*call).dial},
	"queue":            {"queue", (*call).queue},
	"confbridge":       {"conference", (*call).conference},
	"voicemail":        {"voicemail", talks("VMSTATUS", map[string]string{"": "SUCCESS", "left": "SUCCESS", "cancelled": "USEREXIT", "failed": "FAILED"})},
	"voicemailmain":    {"voicemail_main", talks("", nil)},
	"chanspy":          {"spy", (*call).spy},
	"extenspy":         {"spy", (*call).spy},
	"page":             {"page", stays},
	"pickup":           {"pickup", (*call).pickup},
	"pickupchan":       {"pickup", (*call).pickup},
	"park":             {"park", (*call).park},
	"transfer":         {"transfer", talks("TRANSFERSTATUS", map[string]string{"": "SUCCESS", "done": "SUCCESS", "failed": "FAILURE", "unsupported": "UNSUPPORTED"})},
	"playtones":        {"tone", nil},
	"stopplaytones":    {"tone", off},
	"senddtmf":         {"send_dtmf", nil},
	"musiconhold":      {"music", nil},
	"startmusiconhold": {"music", nil},
	"stopmusiconhold":  {"music", off},
	"ringing":          {"ring", nil},
	"busy":             {"busy", lasts},
	"congestion":       {"congestion", lasts},
	"wait":             {"wait", lasts},
	"mixmonitor":       {"record_call", nil},
	"stopmixmonitor":   {"stop_recording", nil},
	"goto":             {"dialplan", nil},
}

// exec runs an application.
func (c *call) exec(args []string) string {
	name := arg(args, 0)
	app, known := applications[strings.ToLower(name)]
	if c.dead.Load() && c.told {
		return ok("0") // what needs the caller does nothing any more
	}
	words := strings.Split(arg(args, 1), ",")
	e := &event{kind: app.kind, command: c.commands}
	switch {
	case strings.HasPrefix(strings.ToLower(name), "playtones"):
		e.what = []string{arg(args, 1)} // whose commas are its own
	case words[0] != "":
		e.what = words[:1]
	}
	if !known {
		e.kind, e.what, e.text = "exec", []string{name}, arg(args, 1)
		return c.other(e)
	}
	if e.kind == "tone" && len(e.what) > 0 && c.isMissing(e.what[0]) {
		return ok("-1")
	}
	if app.do == nil {
		if it, last := c.happens(e); kinds[e.kind].options&mediaKeys != 0 {
			c.during(it, last, e.at, e.at, "")
		}
		return ok("0")
	}
	return app.do(c, e, words)
}

// gosub runs a subroutine of the dialplan.
func (c *call) gosub(args []string) string {
	e := &event{kind: "exec", what: []string{"Gosub"}, text: strings.Join(args, ","), command: c.commands}
	answer := talks("", nil)(c, e, args)
	if strings.HasPrefix(answer, "200 result=0") {
		return "100 result=0 Trying...\n200 result=0 Gosub complete\n"
	}
	return answer
}

// off is the application that ends a tone or music.
func off(c *call, e *event, _ []string) string {
	e.what, e.silent = []string{"off"}, true
	it, last := c.happens(e)
	c.during(it, last, e.at, e.at, "")
	return ok("0")
}

// lasts is an application that takes a number of seconds, for ever if none is given.
func lasts(c *call, e *event, args []string) string {
	length := longTime
	if seconds, err := strconv.ParseFloat(args[0], 64); err == nil {
		length = time.Duration(seconds * float64(time.Second))
		e.what = []string{length.String()}
	}
	it, last := c.happens(e)
	c.during(it, last, e.at, e.at+length, "")
	if _, heard := c.listen(e.at+length, ""); !heard {
		return c.interrupted(e.at + length)
	}
	return ok("0")
}

// interrupted is the answer of an application that did not come to its end. When the
// server has given it up, it goes on all the same until end, and the answer comes then:
// the next command waits for it.
func (c *call) interrupted(end time.Duration) string {
	if !c.dead.Load() {
		c.held = end
	}
	return c.gone()
}

// givenUp is called by the session when the server gave up a command that Asterisk
// cannot be made to end.
func (c *call) givenUp(context.Context, *agi.Session, string) error {
	c.conn.say(ok("0"))
	return nil
}

// talks is an application in which the caller stays until the script says how it ends.
// It leaves that in a variable.
func talks(variable string, values map[string]string) func(*call, *event, []string) string {
	return func(c *call, e *event, _ []string) string {
		r := c.visit(e, visit{answered: "", brief: true})
		if variable != "" {
			if v, known := values[r.ends]; known {
				c.vars[variable] = v
			} else {
				c.vars[variable] = strings.ToUpper(r.ends)
			}
		}
		return r.answer
	}
}

// other runs an application that has no name of its own in scripts.
func (c *call) other(e *event) string {
	r := c.visit(e, visit{brief: true})
	if r.ends == "failed" && r.answer == ok("0") {
		return ok("-1")
	}
	return r.answer
}

// stays is an application that only ends when the caller hangs up.
func stays(c *call, e *event, _ []string) string { return c.visit(e, visit{}).answer }

// spyExit is the option of ChanSpy with the key that ends it.
var spyExit = regexp.MustCompile(`x\((.)\)`)

// spy lets the caller listen in. Whom is said in terms of the test, not by a unique id.
func (c *call) spy(e *event, args []string) string {
	v := visit{}
	if m := spyExit.FindStringSubmatch(strings.Join(args[1:], ",")); m != nil {
		v.exit = m[1]
	}
	e.what = []string{strings.TrimPrefix(args[0], talkingID)}
	return c.visit(e, v).answer
}

// pickup connects the caller in the place of a channel that rang. The channel of the
// session is then hung up.
func (c *call) pickup(e *event, _ []string) string {
	r := c.visit(e, visit{brief: true})
	if r.ends != "nothing" {
		c.byFlow = true
		c.dead.Store(true)
		return ok("-1")
	}
	return r.answer
}

// park leaves the caller in a parking lot until somebody takes the call. When nobody
// does, the dialplan goes on with it.
func (c *call) park(e *event, _ []string) string {
	r := c.visit(e, visit{brief: true})
	switch {
	case c.dead.Load() || r.ends == "failed":
	case r.ends == "retrieved":
		return ok("-1")
	default:
		c.dead.Store(true)
	}
	return r.answer
}

// seconds reads a number of seconds; none is no limit.
func seconds(text string) time.Duration {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

func cmpOr[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
