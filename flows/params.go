package flows

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Params are the parameters of a flow, in the order written.
type Params []Param

// Param is one parameter: name: type = default.
type Param struct {
	Name string
	// Type is the zero value of its Go type.
	Type any
	// Default is used when no value is given; nil means that one must be.
	Default any

	pos lang.Pos
}

// paramTypes are the types that parameters can have.
var paramTypes = map[string]any{
	"string": "", "int": 0, "number": 0.0, "bool": false, "duration": time.Duration(0),
}

var (
	paramPattern = regexp.MustCompile(`^\s*(\w+)\s*(?:=\s*(.*?)\s*)?$`)
	namePatterns = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// DecodeYAML reads a mapping of names to "type" or "type = default".
func (ps *Params) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*ps = nil
	if !n.IsMapping() && !n.IsNull() {
		d.Errorf(n, "wrong-type", `"params" wants a mapping such as { vip: bool = false }`)
		return
	}
	// The flow is about to get these names, so none of them is taken.
	in(d, func(names *Names) { names.flow = nil }, func() { ps.decode(d, n) })
}

func (ps *Params) decode(d *lang.Decoder, n lang.Node) {
	for _, pair := range d.Unique(n) {
		if !checkVariable(d, pair.Key) {
			continue
		}
		m := paramPattern.FindStringSubmatch(pair.Value.Value)
		if m == nil || !pair.Value.IsScalar() {
			d.Errorf(pair.Value, "wrong-type", "a parameter is written as type = default, such as int = 3")
			*ps = append(*ps, anyParam(pair.Key))
			continue
		}
		zero, ok := paramTypes[m[1]]
		if !ok {
			types := slices.Sorted(maps.Keys(paramTypes))
			p := d.Errorf(pair.Value, "unknown-type", "there is no type %q", m[1]).Suggest(m[1], types)
			if instead := foreignTypes[strings.ToLower(m[1])]; instead != "" {
				p.Hint("write %s", instead)
			} else if p.Suggestion == "" {
				p.Hint("types are %s", strings.Join(types, ", "))
			}
			*ps = append(*ps, anyParam(pair.Key))
			continue
		}
		param := Param{Name: pair.Key.Value, Type: zero, pos: pair.Key.Pos()}
		if strings.Contains(pair.Value.Value, "=") {
			v, err := lang.ParseText(reflect.TypeOf(zero), strings.Trim(m[2], `"'`))
			if err != nil {
				d.Errorf(pair.Value, "wrong-type", "the default %q is not %s", m[2], lang.Words(reflect.TypeOf(zero))).
					Hint("%s", lang.HintOf(err))
				v = zero
			}
			param.Default = v
		}
		*ps = append(*ps, param)
	}
}

// anyParam is a parameter whose type cannot be read. Its name exists all the same.
func anyParam(key lang.Node) Param {
	return Param{Name: key.Value, Type: lang.Any, Default: lang.Any, pos: key.Pos()}
}

// foreignTypes are names of types in other languages.
var foreignTypes = map[string]string{
	"text": "string", "str": "string", "integer": "int", "float": "number", "double": "number", "decimal": "number",
	"boolean": "bool", "time": "duration", "seconds": "duration", "any": "string", "list": "string",
}

// Schema describes the mapping.
func (ps *Params) Schema(*lang.Schema) map[string]any {
	types := strings.Join(slices.Sorted(maps.Keys(paramTypes)), "|")
	return map[string]any{
		"type": "object", "propertyNames": map[string]any{"pattern": namePatterns.String()},
		"additionalProperties": map[string]any{"type": "string", "pattern": `^\s*(` + types + `)\s*(=.*)?$`},
	}
}

// SchemaWords names it in the reference.
func (ps *Params) SchemaWords() string { return "names, each with type = default" }

// checkVariable reports a key that cannot be the name of a variable.
func checkVariable(d *lang.Decoder, key lang.Node) bool {
	switch {
	case !namePatterns.MatchString(key.Value):
		d.Errorf(key, "bad-name", "%q cannot be used as a name", key.Value).
			Hint("names are letters, digits and _, and begin with a letter")
		return false
	case reserved[key.Value]:
		d.Errorf(key, "bad-name", "%q is taken: it always means something here", key.Value)
		return false
	}
	if flow := namesOf(d).flow; flow != nil {
		if p, taken := flow.Params.lookup(key.Value); taken {
			d.Warnf(key, "hidden-name", "%q is a parameter of this flow, whose value is lost from here on", key.Value).
				Hint("take another name; the parameter is declared on line %d", p.pos.Line)
		}
	}
	return true
}

// reserved are names that mean something in flows, their handlers or rules.
var reserved = map[string]bool{
	"call": true, "hours": true, "now": true, "error": true, "try": true, "queue": true, "event": true, "server": true,
	"queues": true, "agents": true, "servers": true, "people": true,
}

func (ps Params) names() lang.Names {
	names := lang.Names{}
	for _, p := range ps {
		names[p.Name] = p.Type
	}
	return names
}

func (ps Params) list() []string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.Name
	}
	return names
}

func (ps Params) lookup(name string) (Param, bool) {
	i := slices.IndexFunc(ps, func(p Param) bool { return p.Name == name })
	if i < 0 {
		return Param{}, false
	}
	return ps[i], true
}

// parse returns the parameters' values for a query such as vip=true. A name that
// is no parameter, a value of the wrong type and a missing one are errors.
func (ps Params) parse(query url.Values) (map[string]any, error) {
	vars := map[string]any{}
	if len(query) == 0 {
		return vars, ps.fill(vars) // as most calls come
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		p, ok := ps.lookup(name)
		if !ok {
			return nil, fmt.Errorf("there is no parameter %q; parameters are %s", name, orNone(ps.list()))
		}
		v, err := lang.ParseText(reflect.TypeOf(p.Type), query.Get(name))
		if err != nil {
			return nil, fmt.Errorf("parameter %s wants %s, not %q", name, lang.Words(reflect.TypeOf(p.Type)), query.Get(name))
		}
		vars[name] = v
	}
	return vars, ps.fill(vars)
}

// values evaluates the parameters for a flow and adds its defaults.
func (a Args) values(c *Call, flow *Flow) (map[string]any, error) {
	vars := map[string]any{}
	for name, value := range a {
		v, err := value.Get(c)
		if err != nil {
			return nil, err
		}
		vars[name] = v
	}
	return vars, flow.Params.fill(vars)
}

// fill adds the defaults of what is not set.
func (ps Params) fill(vars map[string]any) error {
	for _, p := range ps {
		if _, ok := vars[p.Name]; ok {
			continue
		}
		if p.Default == nil {
			return fmt.Errorf("parameter %s is missing", p.Name)
		}
		vars[p.Name] = p.Default
	}
	return nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
