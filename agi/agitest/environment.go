package agitest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// environment is the block of lines that a call begins with, in Asterisk's order.
type environment struct {
	names  []string
	values map[string]string
	cut    int // how many bytes are sent, if not all
	isCut  bool
}

// scriptName is the line that follows from agi_request.
const scriptName = "agi_network_script"

// usual is what Asterisk sends for a usual call, in its order. The script's path is
// left out when it is empty.
var usual = [][2]string{
	{"agi_network", "yes"},
	{scriptName, ""},
	{"agi_request", "agi://127.0.0.1"},
	{"agi_channel", "PJSIP/alice-00000001"},
	{"agi_language", "en"},
	{"agi_type", "PJSIP"},
	{"agi_uniqueid", "1763712000.1"},
	{"agi_version", "22.10.1"},
	{"agi_callerid", "5550100"},
	{"agi_calleridname", "Alice"},
	{"agi_callingpres", "0"},
	{"agi_callingani2", "0"},
	{"agi_callington", "0"},
	{"agi_callingtns", "0"},
	{"agi_dnid", "100"},
	{"agi_rdnis", "unknown"},
	{"agi_context", "default"},
	{"agi_extension", "100"},
	{"agi_priority", "1"},
	{"agi_enhanced", "0.0"},
	{"agi_accountcode", ""},
	{"agi_threadid", "140000000000000"},
}

func newEnvironment() *environment {
	e := &environment{values: make(map[string]string)}
	for _, u := range usual {
		e.put(u[0], u[1])
	}
	return e
}

// set sets one line, "agi_name: value", and adds it at the end if it is new. It
// leaves one out for "-agi_name", and all after some bytes for "cut 40".
func (e *environment) set(line string) error {
	if name, ok := strings.CutPrefix(line, "-"); ok {
		e.remove(name)
		return nil
	}
	if count, ok := strings.CutPrefix(line, "cut "); ok {
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is no number of bytes", count)
		}
		e.cut, e.isCut = n, true
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || !strings.HasPrefix(name, "agi_") {
		return fmt.Errorf("%q is not of the form agi_name: value", line)
	}
	e.put(name, strings.TrimSpace(value))
	if name == "agi_request" {
		return e.setScript()
	}
	return nil
}

func (e *environment) put(name, value string) {
	if _, known := e.values[name]; !known {
		e.names = append(e.names, name)
	}
	e.values[name] = value
}

func (e *environment) remove(name string) {
	delete(e.values, name)
	e.names = slices.DeleteFunc(e.names, func(n string) bool { return n == name })
}

// setScript sets agi_network_script from agi_request, as Asterisk does.
func (e *environment) setScript() error {
	u, err := url.Parse(e.values["agi_request"])
	if err != nil {
		return fmt.Errorf("agi_request: %w", err)
	}
	script := strings.TrimPrefix(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		script += "?" + u.RawQuery
	}
	e.put(scriptName, script)
	return nil
}

// block returns the lines as Asterisk sends them, with the empty line at the end.
func (e *environment) block() []byte {
	var b []byte
	for _, name := range e.names {
		if name == scriptName && e.values[name] == "" {
			continue
		}
		b = fmt.Appendf(b, "%s: %s\n", name, e.values[name])
	}
	b = append(b, '\n')
	if e.isCut {
		b = b[:min(e.cut, len(b))]
	}
	return b
}
