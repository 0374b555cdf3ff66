package lang

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// messageRules rewrite what expr says, by its message.
var messageRules = []struct {
	says *regexp.Regexp
	tell func(*mistake)
}{
	{regexp.MustCompile(`^unknown name (\S+)$`), unknownName},
	{regexp.MustCompile(`^(?:type .* has no (?:field|method)|unknown field) (\S+)$`), unknownField},
	{regexp.MustCompile(`^unexpected (?:end of expression|token EOF)$`), endsEarly},
	{regexp.MustCompile(`^unexpected token Operator\("([=>])"\)$`), foreignOperator},
	{regexp.MustCompile(`^unexpected token Identifier\("(.*)"\)$`), foreignWord},
	{regexp.MustCompile(`^unexpected token \w+\((.*)\)$`), func(m *mistake) {
		m.tell("expression-syntax", "%s is not expected here", unquote(m.says[1]))
	}},
	{regexp.MustCompile(`^literal not terminated$`), func(m *mistake) {
		m.tell("expression-syntax", "the quotes are not closed")
		if i := strings.LastIndexAny(m.before(), "\"'`"); i >= 0 {
			m.from = len([]rune(m.before()[:i]))
		}
	}},
	{regexp.MustCompile(`^invalid char escape$`), func(m *mistake) {
		m.tell("expression-syntax", "the backslash means nothing here")
		m.Hint(`write it twice: \\`)
		if i := strings.LastIndex(string(m.text[:min(m.from+1, len(m.text))]), `\`); i >= 0 {
			m.from = len([]rune(string(m.text)[:i]))
			written := `\`
			if m.node.Style&yaml.DoubleQuotedStyle != 0 {
				written = `\\` // for YAML as well
			}
			m.Fix = &Fix{Old: written, New: written + written}
		}
	}},
	{regexp.MustCompile(`^unrecognized character: \S+ '(.*)'$`), func(m *mistake) {
		m.tell("expression-syntax", "%s has no meaning in an expression", m.says[1])
		if strings.ContainsAny(m.says[1], "“”„‘’‚«»") {
			m.Message = fmt.Sprintf("%s are quotes for print, not for expressions", m.says[1])
			m.Hint("write straight ones")
		}
	}},
	{regexp.MustCompile(`^bad number syntax: "(.*)"$`), func(m *mistake) {
		if i := strings.LastIndex(string(m.text[:min(m.from+1, len(m.text))]), m.says[1]); i >= 0 {
			m.from = len([]rune(string(m.text)[:i]))
		}
		m.tell("expression-syntax", "%s is no number", m.says[1])
		m.Hint(`a duration, and what begins with a digit and is no number, stands in quotes: "%s"`, m.says[1])
		if _, err := parseDuration(m.says[1]); err == nil {
			m.Hint(`write the duration in quotes: "%s"`, m.says[1])
			m.replace(m.says[1], m.quote(m.says[1]))
		}
	}},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`), mismatchedTypes},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`), func(m *mistake) {
		m.tell("type-mismatch", "%s cannot stand before %s", m.says[1], typeWord(m.says[2]))
		if m.says[1] == "not" || m.says[1] == "!" {
			m.Hint(`compare it, such as: %s == ""`, strings.TrimSpace(strings.TrimPrefix(m.rest(), m.says[1])))
		}
	}},
	{regexp.MustCompile(`^cannot use (\S+) as argument \(type (\S+)\) to call (\S+)`), func(m *mistake) {
		m.tell("type-mismatch", "%s() wants %s, not %s", m.says[3], typeWord(m.says[2]), typeWord(m.says[1]))
	}},
	{regexp.MustCompile(`^invalid argument for (\w+) \(type (\S+)\)`), func(m *mistake) {
		m.tell("type-mismatch", "%s() cannot take %s", m.says[1], typeWord(m.says[2]))
		m.example(m.says[1])
	}},
	{regexp.MustCompile(`^builtin (\w+) takes only array \(got (\S+)\)`), func(m *mistake) {
		m.tell("type-mismatch", "%s() wants a list, not %s", m.says[1], typeWord(m.says[2]))
		m.example(m.says[1])
	}},
	{regexp.MustCompile(`^predicate should return boolean \(got (\S+)\)`), func(m *mistake) {
		m.tell("type-mismatch", "a condition on the elements of a list is wanted here, not %s", typeWord(m.says[1]))
	}},
	{regexp.MustCompile(`^(not enough|too many|invalid number of) arguments.*?(?:to call (\w+))?$`), func(m *mistake) {
		name := m.says[2]
		if name == "" {
			name, _, _ = strings.Cut(m.rest(), "(")
		}
		word := map[string]string{"not enough": "more", "too many": "less"}[m.says[1]]
		m.tell("arguments", "%s() wants %s between its brackets", name, strings.TrimSpace(word+" values"))
		if word == "less" {
			m.Message = fmt.Sprintf("%s() wants fewer values between its brackets", name)
		}
		m.example(name)
	}},
	{regexp.MustCompile(`^no matching overload for (\w+)`), func(m *mistake) {
		m.tell("arguments", "%s() cannot take these values", m.says[1])
		m.example(m.says[1])
	}},
	{regexp.MustCompile(` is not callable$`), func(m *mistake) {
		m.tell("type-mismatch", "this is no function, and nothing can stand in brackets behind it")
		m.Hint("remove the brackets")
	}},
	{regexp.MustCompile(`^error parsing regexp: (.*?)(?:: ` + "`(.*)`" + `)?$`), badPattern},
	{regexp.MustCompile(`^type (\S+?)\[.*\] is undefined$`), func(m *mistake) {
		m.tell("type-mismatch", "%s has no parts that [ ] could choose", typeWord(m.says[1]))
		if m.says[1] == "string" {
			m.Message = "one letter of a text cannot be chosen like this"
			m.Hint("write from where to where: [0:1] is the first")
		}
	}},
	{regexp.MustCompile(`^array elements can only be selected`), func(m *mistake) {
		m.tell("unknown-field", "a list has no fields")
		m.Hint("write [0], or first(…), for its first element")
	}},
	{regexp.MustCompile(`^non-bool expression \(type (\S+)\) used as condition$`), func(m *mistake) {
		m.tell("type-mismatch", "what stands before ? must be true or false, not %s", typeWord(m.says[1]))
		m.Hint("compare it with something")
	}},
	{regexp.MustCompile(`expression exceeds maximum allowed nodes`), func(m *mistake) {
		m.tell("expression-cost", "the expression is too long: more than %d parts", maxExprNodes)
		m.Hint("set intermediate values first")
	}},
}

// dialplanNames are names of Asterisk's dialplan, and what they are here.
var dialplanNames = map[string]string{
	"CALLERID": "call.caller.num or call.caller.name", "EXTEN": "call.dialed", "CHANNEL": "call.channel",
	"CONTEXT": "call.context", "UNIQUEID": "call.id", "ACCOUNTCODE": "call.account", "LANGUAGE": "call.language",
}

// methods are methods of texts and lists in other languages, and what they are here.
var methods = map[string]string{
	"startsWith": `%s startsWith "…"`, "endsWith": `%s endsWith "…"`,
	"contains": `%s contains "…"`, "includes": `%s contains "…"`, "matches": `%s matches "…"`, "match": `%s matches "…"`,
	"length": "len(%s)", "len": "len(%s)", "size": "len(%s)", "count": "len(%s)",
	"toLowerCase": "lower(%s)", "lower": "lower(%s)", "toUpperCase": "upper(%s)", "upper": "upper(%s)",
	"trim": "trim(%s)", "strip": "trim(%s)", "replace": `replace(%s, "…", "…")`, "split": `split(%s, "…")`,
	"toString": "string(%s)", "toInt": "int(%s)",
}

// endsEarly finds out what is not whole.
func endsEarly(m *mistake) {
	m.tell("expression-syntax", "the expression ends too early")
	if strings.TrimSpace(string(m.text)) == "" {
		m.tell("empty-expression", "there is nothing between ${ and }")
		return
	}
	var open []int
	var quote rune
	for i, r := range m.text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case strings.ContainsRune("\"'`", r):
			quote = r
		case strings.ContainsRune("([{", r):
			open = append(open, i)
		case strings.ContainsRune(")]}", r) && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		m.from = open[len(open)-1]
		m.Message = fmt.Sprintf("this %c is not closed", m.text[m.from])
		return
	}
	if strings.Contains(m.before(), "?") && !strings.Contains(m.before(), ":") {
		m.Hint("behind ? stand two values with a : between them")
	}
}

var (
	numberBehind = regexp.MustCompile(`^(?:==|!=)\s*(\d+)(?:\s|\)|$)`)
	textBehind   = regexp.MustCompile(`^(?:==|!=|<=?|>=?)\s*["'](\d+(?:\.\d+)?)["']`)
)

// mismatchedTypes tells of two values that an operator cannot stand between.
func mismatchedTypes(m *mistake) {
	op, a, b := m.says[1], typeWord(m.says[2]), typeWord(m.says[3])
	m.tell("type-mismatch", "%s cannot stand between %s and %s", op, a, b)
	compares := strings.ContainsAny(op, "=!<>")
	number := numberBehind.FindStringSubmatchIndex(m.rest())
	text := textBehind.FindStringSubmatchIndex(m.rest())
	switch {
	case a == "a function" || b == "a function":
		m.Hint("a function needs its brackets, such as now()")
	case (a == "a duration" || b == "a duration") && compares:
		m.duration()
	case a == "text" && b == "a number" && (op == "==" || op == "!="):
		m.Hint("put the number in quotes: digits are text")
		if number != nil {
			m.behind(number, m.quote(m.rest()[number[2]:number[3]]))
		}
	case a == "text" && b == "a number" && compares:
		m.Hint("make a number of the text with int(…)")
	case a == "a number" && b == "text" && compares && text != nil:
		m.Hint("take the quotes off the number")
		m.behind([]int{0, text[1], text[2] - 1, text[3] + 1}, m.rest()[text[2]:text[3]])
	case a == "a number" && b == "text" && compares:
		m.Hint("make a number of the text with int(…)")
	case op == "+" && (a == "text" || b == "text"):
		m.Hint("make text of the other with string(…)")
	}
}

var valueBehind = regexp.MustCompile(`^(?:==|!=|<=?|>=?)\s*(\d+|"[^"]*"|'[^']*')(?:\s|\)|$)`)

// duration tells how to write the duration that something is compared with.
func (m *mistake) duration() {
	m.Hint(`write the duration in quotes with its unit, such as "30s"`)
	value := valueBehind.FindStringSubmatchIndex(m.rest())
	if value == nil {
		return
	}
	written := strings.Trim(m.rest()[value[2]:value[3]], `"'`)
	e, ok := errors.AsType[*textError](durationError(written))
	if ok && e.instead != "" {
		m.Hint("write %s", `"`+e.instead+`"`)
		m.behind(value, m.quote(e.instead))
	}
}

func durationError(text string) error {
	_, err := parseDuration(text)
	return err
}

// behind makes the correction of what stands behind the operator, at the match's group.
func (m *mistake) behind(match []int, replacement string) {
	old := m.rest()[:match[3]]
	m.replace(old, old[:match[2]]+replacement)
}

// example shows how a function is used.
func (m *mistake) example(name string) {
	if i := slices.IndexFunc(Functions, func(f Function) bool { return f.Name == name }); i >= 0 {
		m.Hint("such as %s", Functions[i].Examples[0][0])
	}
}

// patternErrors are what Go says of a regular expression, and what it means.
var patternErrors = map[string]string{
	"missing closing ]":                       "a [ is not closed",
	"missing closing )":                       "a ( is not closed",
	"unexpected )":                            "a ) closes nothing",
	"missing argument to repetition operator": "nothing stands before it that it could repeat",
	"invalid nested repetition operator":      "two signs that repeat stand together",
	"invalid or unsupported Perl syntax":      "this way to look ahead or behind is not known here",
	"invalid escape sequence":                 "this means nothing behind a backslash",
	"trailing backslash at end of expression": "a backslash cannot be the last",
	"invalid repeat count":                    "this is no number of repetitions, which go up to 1000",
	"invalid character class range":           "the range runs backwards",
	"expression nests too deeply":             "it nests too deeply",
	"expression too large":                    "it is too long",
	"invalid UTF-8":                           "it is no text",
}

// badPattern tells of a text that is no regular expression.
func badPattern(m *mistake) {
	why := patternErrors[m.says[1]]
	if why == "" {
		why = m.says[1]
	}
	m.tell("bad-pattern", "this is no regular expression: %s", why)
	if m.says[2] != "" {
		m.Message += ": " + m.says[2]
	}
	if m.says[1] == "invalid or unsupported Perl syntax" {
		m.Hint("write a second condition, such as and not (… startsWith …)")
	}
	if i := strings.IndexAny(m.rest(), "\"'`"); i >= 0 {
		m.from += len([]rune(m.rest()[:i]))
	}
}
