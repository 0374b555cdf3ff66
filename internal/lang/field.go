package lang

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// field is one key of a mapping, as a struct field's tags describe it:
//
//	`yaml:"tries,required" doc:"How often the caller may try." enum:"a,b" default:"3"`
//
// `yaml:",inline"` on an embedded struct adds its keys to the mapping.
type field struct {
	index    []int
	typ      reflect.Type
	key      string
	doc      string
	enum     []string
	def      string
	required bool
}

var fieldCache sync.Map // reflect.Type → []field

// fieldsOf lists the keys of struct type t in the order of its fields. It
// panics on a tag it does not understand: that is a mistake in our own code.
func fieldsOf(t reflect.Type) []field {
	if fs, ok := fieldCache.Load(t); ok {
		return fs.([]field)
	}
	var fs []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, ok := sf.Tag.Lookup("yaml")
		if !ok || tag == "-" {
			continue
		}
		key, option, _ := strings.Cut(tag, ",")
		if option == "inline" {
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				fs = append(fs, f)
			}
			continue
		}
		if option != "" && option != "required" || !sf.IsExported() {
			panic(fmt.Sprintf("lang: bad field %s.%s: %s", t, sf.Name, sf.Tag))
		}
		f := field{
			index: []int{i}, typ: sf.Type, key: key,
			doc: sf.Tag.Get("doc"), def: sf.Tag.Get("default"), required: option == "required",
		}
		if enum := sf.Tag.Get("enum"); enum != "" {
			f.enum = strings.Split(enum, ",")
		}
		fs = append(fs, f)
	}
	fieldCache.Store(t, fs)
	return fs
}
