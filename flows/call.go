package flows

import (
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
)

// Call is what a running step sees: the session with Asterisk, the variables of
// the flow, and the services of the engine. It belongs to one goroutine.
type Call struct {
	// Session is the conversation with Asterisk; nil in a rule.
	Session *agi.Session
	// Program is what was loaded when the call began.
	Program *Program
	// Logger carries the call's ids.
	Logger hclog.Logger
	// Meta says what runs the steps, for notices.
	Meta Meta

	engine *Engine
	info   CallInfo
	vars   map[string]any
	result any
	trace  *Trace
	flow   string     // the name of the flow that runs
	step   *StepTrace // the step that runs
	budget int        // how many steps may still run
	spent  bool       // the budget was used up once
	depth  int        // how many flows have called each other
	end    *callEnd   // of the call; nil in a rule

	cleaning bool // on_hangup or finally runs

	hides   bool     // what the caller presses now is kept out of the trace
	secrets []string // what he pressed then

	cleanupBy time.Time // when all on_hangup and finally have to be over
}

// Meta is what a notice says of its origin.
type Meta struct {
	Rule     string            `json:"rule,omitempty"`
	Flow     string            `json:"flow,omitempty"`
	Severity string            `json:"severity,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
	Call     string            `json:"call,omitempty"`
	Server   string            `json:"server,omitempty"` // of the event, or of the call once it is known

	// Depth is how many events of emit have led to this one.
	Depth int `json:"-"`
}

// CallInfo is what expressions in flows read as call.
type CallInfo struct {
	ID       string        `expr:"id" doc:"Asterisk's unique id of the caller's channel"`
	Channel  string        `expr:"channel" doc:"the name of the caller's channel"`
	Caller   Caller        `expr:"caller" trust:"no" doc:"who calls"`
	Dialed   string        `expr:"dialed" doc:"the number that was dialled"`
	Context  string        `expr:"context" doc:"the dialplan context that called the flow"`
	Language string        `expr:"language" doc:"the channel's language"`
	Account  string        `expr:"account" doc:"the account code"`
	Args     []string      `expr:"args" doc:"the arguments of AGI() behind the address"`
	Started  time.Time     `expr:"started" doc:"when the flow began"`
	Duration time.Duration `expr:"duration" doc:"how long ago that was"`
}

// Caller is the calling party.
type Caller struct {
	Num  string `expr:"num" doc:"the number; empty when withheld"`
	Name string `expr:"name" doc:"the name that came with it; anybody can write anything there"`
}

func newCallInfo(s *agi.Session, started time.Time) CallInfo {
	env := s.Env()
	dialed := env.DNID()
	if dialed == "" {
		dialed = env.Extension() // DNID is only known for calls from a trunk
	}
	return CallInfo{
		ID: env.UniqueID(), Channel: env.Channel(),
		Caller: Caller{Num: env.CallerID(), Name: env.CallerIDName()},
		Dialed: dialed, Context: env.Context(), Language: env.Language(),
		Account: env.AccountCode(), Args: env.Args(), Started: started,
	}
}

// Lookup returns the value of a name for expressions.
func (c *Call) Lookup(name string) any {
	if v, ok := c.vars[name]; ok {
		return v
	}
	switch name {
	case "call":
		info := c.info
		info.Duration = c.Now().Sub(info.Started)
		return &info
	case "now":
		now := c.engine.clock().Date()
		return func() time.Time { return now }
	case "hours":
		return c.Program.HoursAt(c.engine.clock().Date())
	}
	if v, ok := c.Program.LookupWorld(c.engine.World, name); ok {
		return v
	}
	return nil // a result that was not set on this path
}

// TraceValue records what an option of the running step came to.
func (c *Call) TraceValue(key string, value any) {
	if c.step != nil {
		c.step.addArg(key, c.maskedValue(value))
	}
}

// SetResult sets what `as` keeps of the running step: a pointer to the struct
// that the verb names as its Result.
func (c *Call) SetResult(v any) { c.result = v }

// SetVar sets a variable of the flow.
func (c *Call) SetVar(name string, value any) { c.vars[name] = value }
