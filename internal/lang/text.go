package lang

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Described is a text type with a grammar of its own, such as keys of a phone.
// LangType says in a few words what it wants ("keys from 0-9, * and #") and
// gives the pattern for editors; "" for none.
type Described interface {
	encoding.TextUnmarshaler
	LangType() (words, pattern string)
}

// textError is why a text is not a value of a type.
type textError struct {
	message string // replaces the general message; "" keeps it
	hint    string
	instead string // the text that the author meant for sure; "" when that is not known
}

func (e *textError) Error() string {
	if e.message != "" {
		return e.message
	}
	return e.hint
}

// Mistake returns an error for UnmarshalText: what is wrong in the author's
// words and, if not empty, what to write instead.
func Mistake(message, hint string) error { return &textError{message: message, hint: hint} }

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

// isText reports whether values of t are written as one scalar.
func isText(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}

// IsText reports whether values of t are written as one piece of text.
func IsText(t reflect.Type) bool { return isText(t) }

// Words names a type as authors do: "a duration such as 30s", "text".
func Words(t reflect.Type) string {
	if t == nil {
		return "any value"
	}
	if d, ok := reflect.New(t).Interface().(Described); ok {
		words, _ := d.LangType()
		return words
	}
	switch t {
	case durationType:
		return "a duration such as 30s"
	case timeType:
		return "a time"
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Interface:
		return "any value"
	case reflect.Pointer:
		return Words(t.Elem())
	case reflect.Func:
		return "a function"
	}
	return "a value with fields"
}

// parseText reads text as a value of t.
func parseText(t reflect.Type, text string) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return v, u.UnmarshalText([]byte(text))
	}
	if t == durationType {
		d, err := parseDuration(text)
		v.SetInt(int64(d))
		return v, err
	}
	switch t.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		return v, parseBool(v, text)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return v, &textError{}
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return v, &textError{}
		}
		v.SetFloat(f)
	default:
		return v, fmt.Errorf("lang: %s is not written as text", t)
	}
	return v, nil
}

func parseBool(v reflect.Value, text string) error {
	switch text {
	case "true", "false":
		v.SetBool(text == "true")
		return nil
	}
	instead := ""
	switch strings.ToLower(text) {
	case "yes", "on", "y":
		instead = "true"
	case "no", "off", "n":
		instead = "false"
	default:
		return &textError{}
	}
	return &textError{hint: "write " + instead, instead: instead}
}

// ParseText reads text as a value of t, one of the types that are written as one
// scalar. An error does not repeat the text.
func ParseText(t reflect.Type, text string) (any, error) {
	v, err := parseText(t, text)
	if err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// HintOf returns what an error of [ParseText] says to write instead; "" for nothing.
func HintOf(err error) string {
	if e, ok := errors.AsType[*textError](err); ok {
		return e.hint
	}
	return ""
}
