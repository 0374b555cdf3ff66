package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
)

// Function is one function that expressions may call. The table [Functions]
// holds all of them, with examples that a test executes.
type Function struct {
	Name string
	// Doc is one sentence.
	Doc string
	// Examples are pairs of an expression and its result as text.
	Examples [][2]string

	types []any
	call  func(args ...any) (any, error)
}

// Functions lists every function of the expression language: those of expr
// that are safe and useful on a phone call, and our own. The function now() is
// not here because it belongs to the engine whose clock it reads.
var Functions = []Function{
	// On lists.
	builtin("all", "Whether the condition holds for every element.", `all([1, 2], # > 0)`, `true`),
	builtin("any", "Whether the condition holds for at least one element.", `any([1, 2], # > 1)`, `true`),
	builtin("count", "How many elements meet the condition.", `count([1, 2, 3], # > 1)`, `2`),
	builtin("filter", "The elements that meet the condition.", `len(filter([1, 2, 3], # > 1))`, `2`),
	builtin("find", "The first element that meets the condition, or nil.", `find([1, 2, 3], # > 1)`, `2`),
	builtin("first", "The first element, or nil.", `first([4, 5])`, `4`),
	builtin("join", "The elements as one text, with a separator.", `join(["a", "b"], ", ")`, `a, b`),
	builtin("last", "The last element, or nil.", `last([4, 5])`, `5`),
	builtin("len", "The length of a text, list or mapping.", `len("0123")`, `4`),
	builtin("map", "A list with each element changed.", `join(map(["a"], # + "b"), "")`, `ab`),
	builtin("none", "Whether the condition holds for no element.", `none([1, 2], # > 2)`, `true`),
	builtin("sum", "The sum of numbers.", `sum([1, 2])`, `3`),
	// On text.
	builtin("lower", "The text in small letters.", `lower("ABC")`, `abc`),
	builtin("replace", "The text with one part replaced by another.", `replace("044 123", " ", "")`, `044123`),
	builtin("split", "The parts of a text between separators.", `len(split("a,b", ","))`, `2`),
	builtin("string", "The value as text.", `string(5)`, `5`),
	builtin("trim", "The text without white space around it.", `trim(" a ")`, `a`),
	builtin("trimPrefix", "The text without a given beginning.", `trimPrefix("0041", "00")`, `41`),
	builtin("trimSuffix", "The text without a given end.", `trimSuffix("a.wav", ".wav")`, `a`),
	builtin("upper", "The text in capitals.", `upper("abc")`, `ABC`),
	// On numbers.
	builtin("abs", "The number without its sign.", `abs(-3)`, `3`),
	builtin("ceil", "The number rounded up.", `ceil(1.2)`, `2`),
	builtin("float", "A number from text.", `float("1.5")`, `1.5`),
	builtin("floor", "The number rounded down.", `floor(1.8)`, `1`),
	builtin("int", "A whole number from text, or from a number by cutting its fraction.", `int("42")`, `42`),
	builtin("max", "The largest number.", `max(1, 3, 2)`, `3`),
	builtin("min", "The smallest number.", `min(3, 1, 2)`, `1`),
	builtin("round", "The number rounded.", `round(1.5)`, `2`),
	// Our own.
	{
		Name: "digits", Doc: "The digits of a text, without anything else; for numbers that people write with spaces.",
		Examples: [][2]string{{`digits("+41 44 123")`, `4144123`}, {`digits("abc")`, ``}},
		types:    []any{new(func(string) string)},
		call: func(args ...any) (any, error) {
			return strings.Map(func(r rune) rune {
				if r < '0' || r > '9' {
					return -1
				}
				return r
			}, args[0].(string)), nil
		},
	},
	{
		Name: "mask", Doc: "The text with all but its last three characters hidden; for numbers in logs.",
		Examples: [][2]string{{`mask("+41791234567")`, `*********567`}, {`mask("12")`, `**`}},
		types:    []any{new(func(string) string)},
		call: func(args ...any) (any, error) {
			r := []rune(args[0].(string))
			keep := 3
			if len(r) <= keep {
				keep = 0
			}
			return strings.Repeat("*", len(r)-keep) + string(r[len(r)-keep:]), nil
		},
	},
	{
		Name: "weekday", Doc: "The day of the week of a time: mon, tue, wed, thu, fri, sat or sun.",
		Examples: [][2]string{{`len(weekday(now()))`, `3`}},
		types:    []any{new(func(time.Time) string)},
		call: func(args ...any) (any, error) {
			return strings.ToLower(args[0].(time.Time).Weekday().String()[:3]), nil
		},
	},
	{
		Name: "ratio", Doc: "One number divided by another; 0 when the second is 0.",
		Examples: [][2]string{{`ratio(1, 4)`, `0.25`}, {`ratio(1, 0)`, `0`}},
		types:    []any{new(func(float64, float64) float64), new(func(int, int) float64)},
		call: func(args ...any) (any, error) {
			var f [2]float64
			for i, a := range args {
				switch n := a.(type) {
				case int:
					f[i] = float64(n)
				case float64:
					f[i] = n
				default:
					return nil, fmt.Errorf("ratio wants numbers, not %T", a)
				}
			}
			if f[1] == 0 {
				return 0.0, nil
			}
			return f[0] / f[1], nil
		},
	},
}

func builtin(name, doc, example, result string) Function {
	return Function{Name: name, Doc: doc, Examples: [][2]string{{example, result}}}
}

// functionOptions allows the functions of the table and no other.
func functionOptions() []expr.Option {
	options := []expr.Option{expr.DisableAllBuiltins()}
	for _, f := range Functions {
		if f.call == nil {
			options = append(options, expr.EnableBuiltin(f.Name))
			continue
		}
		options = append(options, expr.Function(f.Name, f.call, f.types...))
	}
	return options
}

// IsFunction reports whether there is a function of that name.
func IsFunction(name string) bool {
	return name == "now" || slices.ContainsFunc(Functions, func(f Function) bool { return f.Name == name })
}

// functionNames lists the functions for suggestions.
func functionNames() []string {
	names := make([]string, len(Functions))
	for i, f := range Functions {
		names[i] = f.Name
	}
	return names
}
