package flowtest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// replies, as res_agi.c writes them.
const (
	invalid     = "510 Invalid or unknown command\n"
	deadChannel = "511 Command Not Permitted on a dead channel or intercept routine\n"
	hangupLine  = "HANGUP\n"
)

// command answers one line that the server has sent.
func (c *call) command(line string) string {
	words := split(line)
	if len(words) > 2 && words[0] == "GET" && strings.HasPrefix(words[len(words)-1], "agi-sync-") {
		return ok("1 (%s)", words[len(words)-1]) // a command is given up, and this tells when
	}
	if strings.HasPrefix(strings.ToLower(line), "failure") {
		_ = c.conn.Close() // which never fails
		return ""
	}
	c.commands++
	c.commanding.Store(true)
	defer c.commanding.Store(false)
	if c.held > 0 {
		// A command that was given up and cannot be stopped goes on before this one.
		for c.clock.pass(c.held) {
		}
		c.held = 0
	}
	c.clock.due()
	c.chaos.inCommand(c)
	answer := c.answer(words)
	c.clock.due()
	c.chaos.afterCommand(c)
	if c.dead.Load() && !c.told {
		c.told = true
		answer = cmpOr(answer, ok("-1")) + hangupLine
	}
	return answer
}

// answer runs a command. An empty answer is that of a command which the server has
// given up.
func (c *call) answer(words []string) string {
	name, args := c.lookup(words)
	run, known := commands[name]
	switch {
	case !known:
		return invalid
	case c.dead.Load() && c.told && !run.dead:
		return deadChannel
	case c.dead.Load() && !run.dead:
		return ok("-1")
	}
	return run.do(c, args)
}

// lookup finds the command that words begin with, the longest.
func (c *call) lookup(words []string) (name string, args []string) {
	for n := min(len(words), 4); n > 0; n-- {
		name = strings.ToUpper(strings.Join(words[:n], " "))
		if _, known := commands[name]; known {
			return name, words[n:]
		}
	}
	return "", nil
}

// split divides a line into words, as Asterisk does.
func split(line string) (words []string) {
	var word strings.Builder
	quoted, open := false, false
	for i := 0; i < len(line); i++ {
		switch ch := line[i]; {
		case ch == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			open = true
		case ch == '"':
			quoted, open = !quoted, true
		case ch == ' ' && !quoted:
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteByte(ch)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words
}

func ok(format string, args ...any) string {
	return "200 result=" + fmt.Sprintf(format, args...) + "\n"
}

// gone is the answer of a command during which the caller hung up, or which the server
// has given up: then there is none.
func (c *call) gone() string {
	if c.dead.Load() {
		return ok("-1")
	}
	return ""
}

// arg returns an argument, "" if there are fewer.
func arg(args []string, i int) string {
	if i < len(args) {
		return args[i]
	}
	return ""
}

// millis reads a time in milliseconds; a negative one is for ever.
func millis(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return 0
	case n < 0:
		return longTime
	}
	return time.Duration(n) * time.Millisecond
}

// commands are the commands of AGI. Those that are dead work when the caller has hung up.
var commands map[string]struct {
	dead bool
	do   func(c *call, args []string) string
}

func init() {
	type command = struct {
		dead bool
		do   func(c *call, args []string) string
	}
	commands = map[string]command{
		"ANSWER":              {do: (*call).answerCall},
		"CHANNEL STATUS":      {do: (*call).status},
		"HANGUP":              {do: (*call).hangup},
		"NOOP":                {true, func(*call, []string) string { return ok("0") }},
		"VERBOSE":             {true, func(*call, []string) string { return ok("1") }},
		"STREAM FILE":         {do: (*call).streamFile},
		"CONTROL STREAM FILE": {do: (*call).controlStreamFile},
		"GET OPTION":          {do: (*call).getOption},
		"GET DATA":            {do: (*call).getData},
		"WAIT FOR DIGIT":      {do: (*call).waitForDigit},
		"RECORD FILE":         {do: (*call).recordFile},
		"SAY ALPHA":           {do: say("alpha")},
		"SAY DIGITS":          {do: say("digits")},
		"SAY NUMBER":          {do: say("number")},
		"SAY PHONETIC":        {do: say("phonetic")},
		"SAY DATE":            {do: say("date")},
		"SAY TIME":            {do: say("time")},
		"SAY DATETIME":        {do: say("datetime")},
		"SET MUSIC":           {do: (*call).music},
		"GET VARIABLE":        {true, (*call).getVariable},
		"GET FULL VARIABLE":   {true, (*call).getFullVariable},
		"SET VARIABLE":        {true, (*call).setVariable},
		"SET CALLERID":        {do: set("CALLERID(all)")},
		"SET CONTEXT":         {do: set("CONTEXT")},
		"SET EXTENSION":       {do: set("EXTEN")},
		"SET PRIORITY":        {do: set("PRIORITY")},
		"SET AUTOHANGUP":      {do: func(*call, []string) string { return ok("0") }},
		"DATABASE GET":        {true, (*call).databaseGet},
		"DATABASE PUT":        {true, (*call).databasePut},
		"DATABASE DEL":        {true, (*call).databaseDel},
		"DATABASE DELTREE":    {true, (*call).databaseDelTree},
		"EXEC":                {true, (*call).exec},
		"GOSUB":               {do: (*call).gosub},
		"ASYNCAGI BREAK":      {true, func(*call, []string) string { return ok("0") }},
		"SEND TEXT":           {do: func(*call, []string) string { return ok("0") }},
		"SEND IMAGE":          {do: func(*call, []string) string { return ok("0") }},
		"TDD MODE":            {do: func(*call, []string) string { return ok("0") }},
	}
}
