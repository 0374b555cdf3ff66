package flows

import (
	"reflect"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Need is something that a step wants Asterisk to have, as far as it is known before any
// call.
type Need struct {
	// Kind says what: verb, sound, device, queue, music, profile (of
	// those in a conference), place (of the dialplan) or context.
	Kind string
	Name string
	Pos  lang.Pos
	Step *Node // nil: no step, but something that has a name
}

// Needs returns what the steps, and those within them, want Asterisk to have. What is
// only known in a call is left out.
func (s Steps) Needs() []Need {
	var needs []Need
	s.Walk(func(n *Node) {
		needs = append(needs, Need{"verb", n.Verb.Name, n.Pos, n})
		v := reflect.ValueOf(n.Step)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() == reflect.Struct {
			needs = append(needs, needsOf(n, v)...)
		}
	})
	return needs
}

// Needs returns what the flow's steps want Asterisk to have.
func (f *Flow) Needs() []Need {
	var needs []Need
	for _, steps := range f.all() {
		needs = append(needs, steps.Needs()...)
	}
	return needs
}

// needsOf looks at the fields of a step that hold names of Asterisk's things.
func needsOf(n *Node, step reflect.Value) []Need {
	var needs []Need
	for i := range step.NumField() {
		field := step.Type().Field(i)
		key := field.Tag.Get("yaml")
		if key == "" || !field.IsExported() {
			continue
		}
		if warning, ok := step.Field(i).Interface().(limitWarning); ok {
			needs = append(needs, needsOf(n, reflect.ValueOf(warning))...)
			continue
		}
		values := []any{step.Field(i).Interface()}
		if field.Type.Kind() == reflect.Slice {
			values = nil
			for j := range step.Field(i).Len() {
				values = append(values, step.Field(i).Index(j).Interface())
			}
		}
		for _, v := range values {
			if kind, name, at := needOf(key, v); kind != "" && name != "" && at.Source != nil { // a default has no place
				needs = append(needs, Need{kind, name, at, n})
			}
		}
	}
	return needs
}

// needOf says what a value names; "" for nothing, or what is only known in the call.
func needOf(key string, v any) (kind, name string, at lang.Pos) {
	switch v := v.(type) {
	case lang.Value[Sound]:
		x, _ := v.Constant()
		return "sound", string(x), v.Pos()
	case lang.Value[DialString]:
		x, _ := v.Constant()
		return "device", string(x), v.Pos()
	case lang.Value[Place]:
		x, _ := v.Constant()
		return "place", string(x), v.Pos()
	case lang.Value[QueueName]:
		x, _ := v.Constant()
		switch key {
		case "queue,required", "queue":
			return "queue", string(x), v.Pos()
		case "music", "music_class":
			return "music", string(x), v.Pos()
		case "profile":
			return "profile", string(x), v.Pos()
		case "context", "context,required":
			return "context", string(x), v.Pos()
		}
	}
	return "", "", lang.Pos{}
}

// Recorded returns the names of the files that the flow's steps record, as far as they are
// known before any call.
func (f *Flow) Recorded() []string {
	var files []string
	for _, steps := range f.all() {
		steps.Walk(func(n *Node) {
			if r, ok := n.Step.(*recordStep); ok {
				if file, known := r.File.Constant(); known {
					files = append(files, string(file))
				}
			}
		})
	}
	return files
}

// Called returns the flows to which this one goes, or which it calls.
func (f *Flow) Called() []*Flow {
	var called []*Flow
	for _, steps := range f.all() {
		steps.Walk(func(n *Node) {
			if other := targetOf(n); other != nil {
				called = append(called, other)
			}
		})
	}
	return called
}
