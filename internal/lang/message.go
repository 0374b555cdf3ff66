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
)

// exprProblem reports a compile error of expr in the author's words, at the
// place in the file. text starts at rune offset of n's value.
func (d *Decoder) exprProblem(n Node, text string, offset int, err error) {
	fe, ok := errors.AsType[*file.Error](err)
	if !ok {
		d.add(&Problem{Pos: n.posIn(offset), ID: "expression", Message: firstLine(err.Error())})
		return
	}
	p := &Problem{Pos: n.posIn(offset + fe.From), ID: "expression"}
	if !d.Scope.explain(p, text, fe) {
		return // the name may be in a file that could not be read
	}
	d.add(p)
}

// explain fills in the problem's message; false means that there is none,
// because names are missing and this may be one of them.
func (s *Scope) explain(p *Problem, text string, fe *file.Error) bool {
	runes := []rune(text)
	from := min(fe.From, len(runes))
	for _, rule := range messageRules {
		m := rule.says.FindStringSubmatch(fe.Message)
		if m == nil {
			continue
		}
		return rule.tell(s, p, m, string(runes[:from]), string(runes[from:]))
	}
	p.Message = goTypes(fe.Message)
	return true
}

// messageRule rewrites one kind of message. before is the expression up to the
// place of the mistake, rest what stands from there on.
type messageRule struct {
	says *regexp.Regexp
	tell func(s *Scope, p *Problem, m []string, before, rest string) bool
}

var messageRules = []messageRule{
	{regexp.MustCompile(`^unknown name (\S+)$`), func(s *Scope, p *Problem, m []string, _, rest string) bool {
		names := s.All()
		if strings.HasPrefix(rest, m[1]+"(") {
			names = append(names, functionNames()...)
		}
		p.ID, p.Message = "unknown-name", fmt.Sprintf("there is no %q here", m[1])
		if why := s.whyMissing(m[1]); why != "" {
			p.Message += ": " + why
			return true
		}
		if p.Suggest(m[1], names); p.Suggestion == "" {
			p.Hint("names here are %s", list(s.All()))
		}
		return !s.partial
	}},
	{regexp.MustCompile(`^(?:type .* has no (?:field|method)|unknown field) (\S+)$`), unknownField},
	{regexp.MustCompile(`^unexpected (?:end of expression|token EOF)$`), func(_ *Scope, p *Problem, _ []string, _, _ string) bool {
		p.ID, p.Message = "expression-syntax", "the expression ends too early"
		return true
	}},
	{regexp.MustCompile(`^unexpected token Operator\("="\)$`), func(_ *Scope, p *Problem, _ []string, _, _ string) bool {
		p.ID, p.Message = "expression-syntax", "= does not compare"
		p.Hint("write ==")
		return true
	}},
	{regexp.MustCompile(`^unexpected token \w+\((.*)\)$`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		p.ID, p.Message = "expression-syntax", fmt.Sprintf("%s is not expected here", unquote(m[1]))
		return true
	}},
	{regexp.MustCompile(`^literal not terminated$`), func(_ *Scope, p *Problem, _ []string, _, _ string) bool {
		p.ID, p.Message = "expression-syntax", "the quotes are not closed"
		return true
	}},
	{regexp.MustCompile(`^unrecognized character: \S+ (.*)$`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		p.ID, p.Message = "expression-syntax", fmt.Sprintf("%s has no meaning in an expression", m[1])
		return true
	}},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		a, b := typeWord(m[2]), typeWord(m[3])
		p.ID, p.Message = "type-mismatch", fmt.Sprintf("%s cannot stand between %s and %s", m[1], a, b)
		switch {
		case a == "a duration" || b == "a duration":
			p.Hint(`write the duration in quotes with its unit, such as "30s"`)
		case a == "text" && b == "a number" && strings.ContainsAny(m[1], "=!<>"):
			p.Hint("put the number in quotes")
		}
		return true
	}},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		p.ID, p.Message = "type-mismatch", fmt.Sprintf("%s cannot stand before %s", m[1], typeWord(m[2]))
		return true
	}},
	{regexp.MustCompile(`^cannot use (\S+) as argument \(type (\S+)\) to call (\S+)`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		p.ID, p.Message = "type-mismatch", fmt.Sprintf("%s() wants %s, not %s", m[3], typeWord(m[2]), typeWord(m[1]))
		return true
	}},
	{regexp.MustCompile(`^error parsing regexp: (.*)$`), func(_ *Scope, p *Problem, m []string, _, _ string) bool {
		p.ID, p.Message = "bad-pattern", "not a regular expression: "+m[1]
		return true
	}},
	{regexp.MustCompile(`expression exceeds maximum allowed nodes`), func(_ *Scope, p *Problem, _ []string, _, _ string) bool {
		p.ID, p.Message = "expression-cost", fmt.Sprintf("the expression is too long: more than %d parts", maxExprNodes)
		return true
	}},
}

// pathBefore matches the dotted path that ends an expression, such as
// "call.caller" in `not call.caller.`.
var pathBefore = regexp.MustCompile(`([A-Za-z_]\w*(?:\??\.[A-Za-z_]\w*)*)\??[.\[]$`)

func unknownField(s *Scope, p *Problem, m []string, before, _ string) bool {
	p.ID, p.Message = "unknown-field", fmt.Sprintf("there is no field %q here", m[1])
	path := pathBefore.FindStringSubmatch(before)
	if path == nil {
		return true
	}
	of := strings.ReplaceAll(path[1], "?", "")
	p.Message = fmt.Sprintf("%s has no %q", of, m[1])
	prototype, ok := s.resolve(of)
	if !ok {
		return true
	}
	names := slices.Sorted(maps.Keys(members(prototype)))
	for _, name := range names {
		if strings.HasPrefix(name, m[1]+"-") {
			p.Hint("write %s[%q]: a dash outside quotes is a minus", of, name)
			return true
		}
	}
	if p.Suggest(m[1], names); p.Suggestion == "" && len(names) > 0 {
		p.Hint("it has %s", list(names))
	}
	// Only named things of the app, such as hours, can be in another file.
	_, named := prototype.(Names)
	root, _, _ := strings.Cut(of, ".")
	return !s.partial || !named || !s.outermost(root)
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
