package flowtest

import (
	"slices"
	"strings"
)

func (c *call) answerCall([]string) string {
	c.happens(&event{kind: "answer", command: c.commands})
	c.up = true
	return ok("0")
}

// channelStates are what channels do, by Asterisk's numbers.
var channelStates = []string{"down", "reserved", "off hook", "dialing", "ring", "ringing", "up", "busy"}

// status answers with the state of a channel: the call's, which rings until it is up, or
// another that the test knows.
func (c *call) status(args []string) string {
	if name := arg(args, 0); name != "" && name != c.test.Channel {
		c.use("channels", name)
		return ok("%d", slices.Index(channelStates, c.test.Given.Channels[name]))
	}
	if c.up {
		return ok("6")
	}
	return ok("4")
}

func (c *call) hangup([]string) string {
	c.byFlow = true
	c.dead.Store(true)
	c.flowHangsUp()
	return ok("1")
}

// flowHangsUp takes the item that says so, if it is written.
func (s *stage) flowHangsUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if items := s.test.Script.items; s.next < len(items) && items[s.next].kind == "hangup" && items[s.next].what[0] == "flow" {
		s.add(&entry{item: items[s.next], event: &event{kind: "hangup", what: []string{"flow"}, at: s.now()}})
		s.next++
	}
}

func (c *call) getVariable(args []string) string {
	name := arg(args, 0)
	v, set := c.variable(name)
	c.happens(&event{kind: "getvar", what: []string{name}, text: v, command: c.commands})
	if !set {
		return ok("0")
	}
	return ok("1 (%s)", v)
}

// variable returns the value of a variable, or of a function, which always has one.
func (c *call) variable(name string) (value string, set bool) {
	if v, set := c.vars[name]; set {
		return v, true
	}
	switch t := c.test; name {
	case "CALLERID(num)":
		return t.Caller.num, true
	case "CALLERID(name)":
		return t.Caller.name, true
	case "CHANNEL(language)":
		return t.Language, true
	case "CHANNEL", "CHANNEL(name)":
		return t.Channel, true
	case "CHANNEL(state)":
		if c.up {
			return "Up", true
		}
		return "Ring", true
	case "EXTEN":
		return t.Dialed, true
	case "CONTEXT":
		return t.Context, true
	case "UNIQUEID":
		return uniqueID, true
	}
	if key, isDB := strings.CutPrefix(name, "DB("); isDB {
		key = strings.TrimSuffix(key, ")")
		c.use("db", key)
		return c.db[key], true
	}
	if strings.HasPrefix(name, "DIALPLAN_EXISTS(") {
		return "1", true // unless the test gives another value
	}
	return "", strings.HasSuffix(name, ")")
}

// getFullVariable expands ${NAME} in a text.
func (c *call) getFullVariable(args []string) string {
	text := arg(args, 0)
	for {
		i := strings.LastIndex(text, "${")
		if i < 0 {
			return ok("1 (%s)", text)
		}
		name, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			return ok("1 (%s)", text)
		}
		v, _ := c.variable(name)
		text = text[:i] + v + rest
	}
}

func (c *call) setVariable(args []string) string {
	name, v := arg(args, 0), arg(args, 1)
	if name != "CHANNEL(tonezone)" || !c.isMissing(v) { // Asterisk does not say so
		c.vars[name] = v
	}
	if key, isDB := strings.CutPrefix(name, "DB("); isDB {
		key = strings.TrimSuffix(key, ")")
		c.use("db", key)
		c.db[key] = v
	}
	c.happens(&event{kind: "setvar", what: []string{name}, text: v, command: c.commands})
	return ok("1")
}

// set sets what the channel has, and the place where the dialplan goes on.
func set(name string) func(*call, []string) string {
	return func(c *call, args []string) string {
		c.vars[name] = arg(args, 0)
		if name == "PRIORITY" {
			place := strings.Join([]string{c.vars["CONTEXT"], c.vars["EXTEN"], arg(args, 0)}, ",")
			c.happens(&event{kind: "dialplan", what: []string{strings.TrimLeft(place, ",")}, command: c.commands})
		}
		return ok("0")
	}
}

func (c *call) databaseGet(args []string) string {
	key := arg(args, 0) + "/" + arg(args, 1)
	c.use("db", key)
	v, set := c.db[key]
	c.happens(&event{kind: "db_get", what: []string{key}, text: v, command: c.commands})
	if !set {
		return ok("0")
	}
	return ok("1 (%s)", v)
}

func (c *call) databasePut(args []string) string {
	key := arg(args, 0) + "/" + arg(args, 1)
	c.use("db", key)
	c.db[key] = arg(args, 2)
	c.happens(&event{kind: "db_put", what: []string{key}, text: arg(args, 2), command: c.commands})
	return ok("1")
}

func (c *call) databaseDel(args []string) string {
	key := arg(args, 0) + "/" + arg(args, 1)
	c.use("db", key)
	delete(c.db, key)
	c.happens(&event{kind: "db_del", what: []string{key}, command: c.commands})
	return ok("1") // also when it was not there
}

// databaseDelTree answers the other way round, as Asterisk does: 0 when there was
// something.
func (c *call) databaseDelTree(args []string) string {
	prefix, result := strings.TrimSuffix(arg(args, 0)+"/"+arg(args, 1), "/")+"/", 1
	for key := range c.db {
		if strings.HasPrefix(key, prefix) {
			c.use("db", key)
			delete(c.db, key)
			result = 0
		}
	}
	c.happens(&event{kind: "db_del", what: []string{strings.TrimSuffix(prefix, "/")}, command: c.commands})
	return ok("%d", result)
}
