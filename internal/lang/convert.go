package lang

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// mismatch says, for a message, of what type an expression is that cannot give
// a want; "" when it can, or when that is only known at run time.
func mismatch(want, got reflect.Type) string {
	if got == nil || want.Kind() == reflect.Interface || got.AssignableTo(want) {
		return ""
	}
	switch {
	case isText(want) && got.Kind() == reflect.String:
		if want == durationType || want.Kind() == reflect.Bool || want.Kind() == reflect.Int {
			return Words(got) // text that happens to look right is an accident
		}
		return ""
	case want == durationType || got == durationType && want.Kind() != reflect.String:
		return Words(got)
	case want.Kind() == reflect.String && isText(got), want.Kind() == reflect.String && got == timeType:
		return ""
	case isNumber(want) && isNumber(got):
		return ""
	case want.Kind() == reflect.Slice && got.Kind() == reflect.Slice:
		return ""
	case reflect.PointerTo(want).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) && isNumber(got):
		return ""
	}
	return Words(got)
}

func isNumber(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Float32, reflect.Float64:
		return t != durationType
	}
	return false
}

// convert turns an expression's result into a t.
func convert(t reflect.Type, v any) (reflect.Value, error) {
	if v == nil {
		if t.Kind() == reflect.Interface {
			return reflect.Zero(t), nil
		}
		return reflect.Value{}, fmt.Errorf("wants %s, but the value is nil: it was not set on this path", Words(t))
	}
	rv := reflect.ValueOf(v)
	if rv.Type().AssignableTo(t) {
		if t.Kind() == reflect.Interface {
			x := reflect.New(t).Elem()
			x.Set(rv)
			return x, nil
		}
		return rv, nil
	}
	switch {
	case isNumber(t) && isNumber(rv.Type()):
		return convertNumber(t, rv)
	case isText(t) && t != durationType && t.Kind() != reflect.Bool || rv.Kind() == reflect.String && isText(t):
		s, err := format(v)
		if err != nil {
			return reflect.Value{}, err
		}
		x, err := parseText(t, s)
		if err != nil {
			return reflect.Value{}, fmt.Errorf("wants %s, not %q", Words(t), s)
		}
		return x, nil
	case t.Kind() == reflect.Slice && rv.Kind() == reflect.Slice:
		return convertSlice(t, rv)
	}
	return reflect.Value{}, fmt.Errorf("wants %s, not %s", Words(t), Words(rv.Type()))
}

func convertNumber(t reflect.Type, v reflect.Value) (reflect.Value, error) {
	f := v.Convert(reflect.TypeFor[float64]()).Float()
	if t.Kind() != reflect.Float64 && f != math.Trunc(f) {
		return reflect.Value{}, fmt.Errorf("wants a whole number, not %v", v)
	}
	return v.Convert(t), nil
}

func convertSlice(t reflect.Type, v reflect.Value) (reflect.Value, error) {
	s := reflect.MakeSlice(t, v.Len(), v.Len())
	for i := range v.Len() {
		x, err := convert(t.Elem(), v.Index(i).Interface())
		if err != nil {
			return s, err
		}
		s.Index(i).Set(x)
	}
	return s, nil
}

// Text writes a value as it stands in text around ${…}. Lists, mappings and nil are an
// error.
func Text(v any) (string, error) { return format(v) }

// format writes a value into text: durations with units, times as RFC 3339,
// whole numbers without a point. Lists, mappings and nil are refused, since what
// Go prints for them is for nobody's ears.
func format(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case time.Duration:
		return formatDuration(v), nil
	case time.Time:
		return v.Format(time.RFC3339), nil
	case fmt.Stringer:
		return v.String(), nil
	case nil:
		return "", fmt.Errorf("the value is nil: it was not set on this path")
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.String:
		return rv.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(rv.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(rv.Int(), 10), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(rv.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(rv.Float(), 'f', -1, 64), nil
	case reflect.Pointer:
		if !rv.IsNil() {
			return format(rv.Elem().Interface())
		}
	}
	return "", fmt.Errorf("%s cannot stand in text", Words(rv.Type()))
}

// formatDuration drops what nobody wants to read: 41.000123s is 41s, 2m0s is 2m.
func formatDuration(d time.Duration) string {
	switch {
	case d >= time.Second:
		d = d.Round(time.Second)
	case d >= time.Millisecond:
		d = d.Round(time.Millisecond)
	}
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if len(s) > len(zero) && s[len(s)-len(zero):] == zero {
			s = s[:len(s)-2]
		}
	}
	return s
}
