package agi

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// Limits of the environment. Asterisk sends about 25 lines and one for each of at
// most 127 arguments.
const (
	maxEnvBytes = 64 << 10
	maxEnvLines = 512
)

// Why there is no environment.
var (
	errBadEnv      = errors.New("agi: malformed environment") // what connected is no Asterisk
	errSaidNothing = errors.New("agi: nothing was said")
)

// Env is what Asterisk says about the call when it connects. It never changes
// and is safe for concurrent use. The zero Env is empty. Values are raw bytes:
// names may be in Latin-1 or anything else the caller's side sent.
type Env struct {
	// block is what Asterisk sent, up to the empty line. Looking a name up means
	// searching some 600 bytes, which is cheaper than a map for every session.
	block string
}

// Get returns the value of a name ("agi_channel"), "" when Asterisk sent none.
// Names are in lower case.
func (e *Env) Get(name string) string {
	if !strings.HasPrefix(name, envPrefix) {
		return ""
	}
	rest, ok := strings.CutPrefix(e.block, name+":")
	if !ok {
		if _, rest, ok = strings.Cut(e.block, "\n"+name+":"); !ok {
			return ""
		}
	}
	value, _, more := strings.Cut(rest, "\n"+envPrefix)
	if !more {
		value = strings.TrimSuffix(value, "\n")
	}
	return strings.TrimPrefix(value, " ")
}

// All returns the names and values in Asterisk's order.
func (e *Env) All() iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		rest := e.block
		for rest != "" {
			// A line that does not begin with agi_ belongs to the value before.
			pair := rest
			if end := strings.Index(rest, "\n"+envPrefix); end >= 0 {
				pair, rest = rest[:end], rest[end+1:]
			} else {
				pair, rest = strings.TrimSuffix(pair, "\n"), ""
			}
			name, value, _ := strings.Cut(pair, ":")
			if !yield(name, strings.TrimPrefix(value, " ")) {
				return
			}
		}
	}
}

// Request returns the whole URL from the dialplan: "agi://host/support?lang=en".
func (e *Env) Request() string { return e.Get("agi_request") }

// Path returns the path of the URL with its leading slash, "/" when there is
// none. The path is unescaped when it can be.
func (e *Env) Path() string {
	path, _, _ := strings.Cut(e.Get("agi_network_script"), "?")
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	return "/" + strings.TrimPrefix(path, "/")
}

// Query returns the query of the URL. Pairs that cannot be read are left out; the
// result is never nil.
func (e *Env) Query() url.Values {
	_, query, _ := strings.Cut(e.Get("agi_network_script"), "?")
	// ParseQuery returns the pairs that it could read beside the error.
	values, _ := url.ParseQuery(query)
	return values
}

// Args returns the arguments after the URL in the dialplan: agi_arg_1, agi_arg_2
// and so on.
func (e *Env) Args() []string {
	var args []string
	for name, value := range e.All() {
		if strings.HasPrefix(name, "agi_arg_") {
			args = append(args, value)
		}
	}
	return args
}

// Channel returns the channel's name: "PJSIP/alice-00000001".
func (e *Env) Channel() string { return e.Get("agi_channel") }

// Language returns the channel's language: "en".
func (e *Env) Language() string { return e.Get("agi_language") }

// Type returns the channel's technology: "PJSIP".
func (e *Env) Type() string { return e.Get("agi_type") }

// UniqueID returns the channel's id, unique on its Asterisk: "1763712000.1".
func (e *Env) UniqueID() string { return e.Get("agi_uniqueid") }

// Version returns Asterisk's version: "22.10.1".
func (e *Env) Version() string { return e.Get("agi_version") }

// CallerID returns the caller's number, "" when unknown.
func (e *Env) CallerID() string { return e.known("agi_callerid") }

// CallerIDName returns the caller's name, "" when unknown.
func (e *Env) CallerIDName() string { return e.known("agi_calleridname") }

// DNID returns the number that was dialled, "" when unknown.
func (e *Env) DNID() string { return e.known("agi_dnid") }

// RDNIS returns the number that redirected the call here, "" when unknown.
func (e *Env) RDNIS() string { return e.known("agi_rdnis") }

// Context returns the dialplan context that the call is in.
func (e *Env) Context() string { return e.Get("agi_context") }

// Extension returns the dialplan extension that the call is at.
func (e *Env) Extension() string { return e.Get("agi_extension") }

// Priority returns the dialplan priority that the call is at, 0 when there is
// none.
func (e *Env) Priority() int {
	n, err := strconv.Atoi(e.Get("agi_priority"))
	if err != nil {
		return 0
	}
	return n
}

// AccountCode returns the channel's account code, often "".
func (e *Env) AccountCode() string { return e.Get("agi_accountcode") }

// known is Get without the word that Asterisk writes for what it does not know.
func (e *Env) known(name string) string {
	if value := e.Get(name); value != "unknown" {
		return value
	}
	return ""
}

const envPrefix = "agi_"

// readEnv reads an environment up to its empty line. An error that is not errBadEnv is
// the connection's, and is an errSaidNothing too if that was closed before it began.
func readEnv(l *lineReader) (Env, error) {
	block := l.env.block[:0]
	for lines := 0; ; lines++ {
		line, err := l.line(maxEnvBytes - len(block))
		switch {
		case err != nil && lines == 0 && l.next == l.end && !isTimeout(err):
			return Env{}, fmt.Errorf("%w: %w", errSaidNothing, err)
		case err != nil:
			return Env{}, err
		case len(line) == 0 && lines > 0:
			return Env{block: string(block)}, nil
		case lines == maxEnvLines:
			return Env{}, fmt.Errorf("%w: more than %d lines", errBadEnv, maxEnvLines)
		case lines == 0 && !strings.HasPrefix(string(line), envPrefix):
			return Env{}, fmt.Errorf("%w: begins with %.40q", errBadEnv, line)
		}
		block = append(append(block, line...), '\n')
		l.partial = true
	}
}
