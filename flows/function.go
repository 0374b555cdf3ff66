package flows

import (
	"fmt"
	"reflect"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Function is a function of the host program that expressions may call, beside the
// built-in ones.
type Function struct {
	Name string
	// Doc is one sentence.
	Doc string
	// Func is a Go function with one result, or with a result and an error, such as
	// func(number string) (string, error). Its types are what expressions are checked
	// against. It is called concurrently and must return soon.
	Func any
}

// functions are host functions by name.
type functions map[string]any

// WithFunctions returns the verbs together with functions for their expressions. A
// function without a name, with a name that is taken, or whose Func is not such a
// function is an error.
func (vs *Verbs) WithFunctions(list ...Function) (*Verbs, error) {
	fs := functions{}
	for _, f := range list {
		switch {
		case !namePatterns.MatchString(f.Name):
			return nil, fmt.Errorf("flows: %q cannot be the name of a function", f.Name)
		case fs[f.Name] != nil, reserved[f.Name], lang.IsFunction(f.Name):
			return nil, fmt.Errorf("flows: the name of function %q is taken", f.Name)
		case !callable(f.Func):
			return nil, fmt.Errorf("flows: function %s is a %T, not a Go function with a result and perhaps an error", f.Name, f.Func)
		}
		fs[f.Name] = f.Func
	}
	return &Verbs{byName: vs.byName, functions: fs}, nil
}

func callable(f any) bool {
	t := reflect.TypeOf(f)
	if t == nil || t.Kind() != reflect.Func || reflect.ValueOf(f).IsNil() {
		return false
	}
	switch t.NumOut() {
	case 1:
		return t.Out(0) != reflect.TypeFor[error]()
	case 2:
		return t.Out(1) == reflect.TypeFor[error]()
	}
	return false
}

// declare makes the functions known to expressions.
func (fs functions) declare(names lang.Names) {
	for name, f := range fs {
		names[name] = reflect.Zero(reflect.TypeOf(f)).Interface()
	}
}
