package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// asyncHeaders are the names of the environment that an event tells as well.
var asyncHeaders = [...]struct{ name, header string }{
	{"agi_request", ""},
	{"agi_channel", "Channel"},
	{"agi_language", "Language"},
	{"agi_type", "Type"}, // in lists only
	{"agi_uniqueid", "Uniqueid"},
	{"agi_callerid", "CallerIDNum"},
	{"agi_calleridname", "CallerIDName"},
	{"agi_dnid", "DNID"}, // in lists only
	{"agi_context", "Context"},
	{"agi_extension", "Exten"},
	{"agi_priority", "Priority"},
	{"agi_accountcode", "AccountCode"},
}

// asyncEnv returns the environment in the event AsyncAGIStart, in the form that it has
// on a connection. Asterisk cuts it at 1024 bytes; a line that is not whole is left
// out, and what the event tells too is added. An item of the list Status has no
// environment, but all arguments.
func asyncEnv(e AsyncEvent) []byte {
	text := asyncDecode(e.Get("Env"))
	text = bytes.TrimRight(text[:bytes.LastIndexByte(text, '\n')+1], "\n")
	if len(text) > 0 {
		text = append(text, '\n')
	}
	add := func(name, value string) {
		text = fmt.Appendf(text, "%s: %s\n", name, strings.ReplaceAll(value, "\n", " "))
	}
	for _, h := range asyncHeaders {
		if bytes.HasPrefix(text, []byte(h.name+":")) || bytes.Contains(text, []byte("\n"+h.name+":")) {
			continue
		}
		value := "async"
		if h.header != "" {
			value = e.Get(h.header)
		}
		switch value {
		case "":
			continue // not told
		case "<unknown>":
			value = "unknown" // as the environment writes it
		}
		add(h.name, value)
	}
	if _, args := asyncData(e); len(args) > 1 {
		for i, arg := range args[1:] {
			add("agi_arg_"+strconv.Itoa(i+1), arg)
		}
	}
	return append(text, '\n')
}

// asyncResult returns the lines in the event AsyncAGIExec. Asterisk cuts them, too;
// what is open then is closed, so that nobody waits for the rest.
func asyncResult(encoded string) []byte {
	text := bytes.TrimSuffix(asyncDecode(encoded), []byte("\n"))
	switch {
	case len(text) == 0:
		return []byte("200 result=-1\n") // ended without a word, as by a hangup
	case bytes.HasPrefix(text, []byte("520-")) && !bytes.Contains(text, []byte("\n520 ")):
		text = append(text, "\n520 End of proper usage."...)
	case valueOpen(text):
		text = append(text, ')')
	}
	return append(text, '\n')
}

// Sizes of Asterisk's buffers for a result, before and after the URL-encoding.
const (
	asyncResultSize  = 1024
	asyncEncodedSize = 2048
)

// asyncCut reports whether a result may be no more than the beginning of one. The encoding
// ends where an escape would not fit any more.
func asyncCut(encoded string) bool {
	return len(encoded) >= asyncEncodedSize-len("%00") || len(asyncDecode(encoded)) >= asyncResultSize
}

// asyncDecode undoes the URL-encoding, in which "+" is itself. An escape that was cut
// off is left out.
func asyncDecode(s string) []byte {
	text := make([]byte, 0, len(s)+1)
	for s != "" {
		if s[0] != '%' {
			text, s = append(text, s[0]), s[1:]
			continue
		}
		if len(s) < 3 {
			break
		}
		if b, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			text, s = append(text, byte(b)), s[3:]
			continue
		}
		text, s = append(text, s[0]), s[1:]
	}
	return text
}

// appArgs takes the data of an application apart, as Asterisk does: commas part
// arguments, but not within quotes or brackets or behind a backslash. Quotes and
// backslashes are no part of the value.
func appArgs(data string) []string {
	var args []string
	for data != "" {
		var arg []byte
		var round, square int
		quoted := false
	value:
		for data != "" {
			b := data[0]
			data = data[1:]
			switch {
			case b == '"':
				quoted = !quoted
				continue
			case b == '\\' && data != "":
				b, data = data[0], data[1:]
			case b == '(':
				round++
			case b == ')':
				round = max(0, round-1)
			case b == '[':
				square++
			case b == ']':
				square = max(0, square-1)
			case b == ',' && !quoted && round == 0 && square == 0:
				break value
			}
			arg = append(arg, b)
		}
		args = append(args, string(arg))
	}
	return args
}
