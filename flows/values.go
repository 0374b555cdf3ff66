package flows

import "github.com/pbxflow/pbxflow/internal/lang"

// What the options of a verb are made of, for host programs that bring verbs of their
// own. A step's struct has a field for each key, with the tags yaml (the key, and
// "required"), doc, and default or enum.
type (
	// Value is text in which ${expression} is replaced, with a result of type T:
	// string, int, bool, float64, time.Duration, any, or a type with UnmarshalText.
	Value[T any] = lang.Value[T]
	// Expr is a bare expression with a result of type T.
	Expr[T any] = lang.Expr[T]
	// Cond is a condition: an Expr that is true or false.
	Cond = lang.Cond
)

// Mistake returns an error for the UnmarshalText of an option's type: what is wrong in
// the author's words and, if not empty, what to write instead.
func Mistake(message, hint string) error { return lang.Mistake(message, hint) }
