package lang

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
	"gopkg.in/yaml.v3"
)

// mistake is what expr says of an expression, to be told in the author's words.
type mistake struct {
	*Problem
	scope  *Scope
	node   Node
	offset int      // of the expression in the node's value
	text   []rune   // the expression
	from   int      // index in text of what is wrong
	says   []string // what the pattern of the rule matched in expr's message
	// lost says that the problem is none, because names are missing and this may be one.
	lost bool
}

// exprProblem reports a compile error of expr in the author's words, at the
// place in the file. text starts at rune offset of n's value.
func (d *Decoder) exprProblem(n Node, text string, offset int, err error) {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		d.add(&Problem{Pos: d.posIn(n, offset), ID: "expression", Message: firstLine(err.Error())})
		return
	}
	m := &mistake{
		Problem: &Problem{ID: "expression"}, scope: d.Scope,
		node: n, offset: offset, text: []rune(text),
	}
	m.from = min(fe.From, len(m.text))
	m.explain(fe.Message)
	if m.lost {
		return
	}
	m.Pos = d.posIn(n, offset+m.from)
	if m.Fix != nil {
		m.Fix.Pos = m.Pos
	}
	d.add(m.Problem)
}

func (m *mistake) explain(message string) {
	for _, rule := range messageRules {
		if m.says = rule.says.FindStringSubmatch(message); m.says != nil {
			rule.tell(m)
			return
		}
	}
	m.Message = goTypes(message)
}

// tell sets what is wrong.
func (m *mistake) tell(id, format string, args ...any) {
	m.ID, m.Message = id, fmt.Sprintf(format, args...)
}

// before is the expression up to what is wrong, rest what stands from there on.
func (m *mistake) before() string { return string(m.text[:m.from]) }
func (m *mistake) rest() string   { return string(m.text[m.from:]) }

// replace makes the correction: instead of old, which stands at what is wrong, the
// author means another text.
func (m *mistake) replace(old, replacement string) {
	if strings.HasPrefix(m.rest(), old) {
		m.Fix = &Fix{Old: old, New: replacement}
	}
}

// quote writes a text in the quotes that can stand in the node.
func (m *mistake) quote(text string) string {
	if m.node.Style&yaml.DoubleQuotedStyle != 0 {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}

// unknownName tells of a name that nothing has.
func unknownName(m *mistake) {
	name := m.says[1]
	isCall := strings.HasPrefix(m.rest(), name+"(")
	m.tell("unknown-name", "there is no %q here", name)
	if isCall {
		m.tell("unknown-name", "there is no function %q", name)
	}
	instead, known := foreignWords[name]
	switch {
	case m.scope.whyMissing(name) != "":
		m.Message += ": " + m.scope.whyMissing(name)
		return
	case known:
		m.Hint("write %s", instead)
		m.replace(name, instead)
		return
	case m.dialplan(name):
		return
	}
	m.lost = m.scope.partial
	names := m.scope.All()
	if isCall {
		names = functionNames()
	}
	if m.Suggest(name, names); m.Suggestion != "" {
		return
	}
	switch {
	case isCall:
		m.Hint("the reference lists all functions")
	case len(names) == 1:
		m.Hint("the only name here is %s", names[0])
	default:
		m.Hint("names here are %s", list(names))
	}
}

// dialplan helps who writes a variable of the dialplan or of the environment.
func (m *mistake) dialplan(name string) bool {
	if name != strings.ToUpper(name) || len(name) < 2 {
		return name == "env" && m.Hint("only %s and notify read the environment: ${env.NAME}", "pbxflow.yaml") != nil
	}
	_, inCall := m.scope.Lookup("call")
	_, inConfig := m.scope.Lookup("env")
	switch instead, known := dialplanNames[name]; {
	case inConfig:
		m.Hint("write env.%s", name)
		m.replace(name, "env."+name)
	case inCall && known:
		m.Hint("write %s", instead)
	case inCall:
		m.Hint("variables of the dialplan are not names here: hand it over as a parameter, such as agi://host/flow?name=${%s}", name)
	default:
		return false
	}
	return true
}

// pathBefore matches the dotted path that ends an expression, such as
// "call.caller" in `not call.caller.`.
var pathBefore = regexp.MustCompile(`([A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)*)\??[.\[]$`)

// path is the dotted path in front of what is wrong; "" when there is none.
func (m *mistake) path() string {
	found := pathBefore.FindStringSubmatch(m.before())
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(found[1], "?", "")
}

func unknownField(m *mistake) {
	field := m.says[1]
	m.tell("unknown-field", "there is no field %q here", field)
	of := m.path()
	if of == "" {
		return
	}
	m.Message = fmt.Sprintf("%s has no %q", of, field)
	prototype, ok := m.scope.resolve(of)
	if !ok {
		return
	}
	// Only named things of the app, such as hours, can be in another file.
	_, named := prototype.(Names)
	root, _, _ := strings.Cut(of, ".")
	m.lost = m.scope.partial && named && m.scope.outermost(root)

	names := slices.Sorted(maps.Keys(members(prototype)))
	for _, name := range names {
		if strings.HasPrefix(name, field+"-") {
			m.Hint("write %s[%q]: a dash outside quotes is a minus", of, name)
			return
		}
	}
	if len(names) == 0 {
		m.method(of, field)
		return
	}
	if m.Suggest(field, names); m.Suggestion == "" {
		m.Hint("it has %s", list(names))
	}
}

// method helps who calls a method of a text, as other languages do.
func (m *mistake) method(of, name string) {
	if instead, ok := methods[name]; ok {
		m.Hint("write "+instead, of)
	}
}

// typeWord names a Go type as expr prints it in the author's words.
func typeWord(goType string) string {
	switch strings.TrimPrefix(goType, "*") {
	case "string":
		return "text"
	case "bool":
		return "true or false"
	case "time.Duration":
		return "a duration"
	case "time.Time":
		return "a time"
	case "int", "int64", "float64":
		return "a number"
	case "nil":
		return "nil"
	case "unknown", "interface {}":
		return "any value"
	}
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "func("):
		return "a function"
	}
	return "a value with fields"
}

var goTypeName = regexp.MustCompile(`\*?\b(?:time|lang|flows|live|rules|app)\.\w+\b|interface \{\}|\[\]\w+|\bstring\b|\bfloat64\b|\bbool\b|\bint\b`)

// goTypes replaces the Go types in a message.
func goTypes(message string) string {
	return goTypeName.ReplaceAllStringFunc(firstLine(message), typeWord)
}

// runtimeMessage rewrites what expr says when an expression fails in a call.
func runtimeMessage(message string) string {
	if m := regexp.MustCompile(`cannot (?:fetch|get) (\S+) from <nil>`).FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%q of nothing: the value before it was not set on this path", m[1])
	}
	if m := regexp.MustCompile(`^invalid operation: (int|float)\((.*)\)`).FindStringSubmatch(firstLine(message)); m != nil {
		return fmt.Sprintf("%q is not %s", m[2], map[string]string{"int": "a whole number", "float": "a number"}[m[1]])
	}
	if strings.Contains(message, "invalid memory address") || strings.Contains(message, "on zero Value") {
		return "a value was not set on this path"
	}
	return goTypes(message)
}

func unquote(s string) string {
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}
