package catalog_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/catalog"
)

// FuzzParse parses any text as any kind: it must not panic, and what it gives is a value
// or an error.
func FuzzParse(f *testing.F) {
	kinds := make(map[catalog.Kind]catalog.Field)
	for _, e := range catalog.Events() {
		for _, field := range e.Fields {
			kinds[field.Kind] = field
		}
	}
	for _, text := range []string{
		"", "N/A", "<unknown>", "1", "-1", "3.500000", "18446744073709551615", "9223372036854775807", "26:01:30", "1795261463.012345",
		"2026-11-21 11:43:48", "2026-11-21T11:43:48.123+0100", "yes", "INUSE", "6", "NaN", "1e400", ".", "::",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for kind, field := range kinds {
			v, err := field.ParseIn(text, time.UTC)
			if (err == nil) == (v == nil) {
				t.Errorf("%s: %q gives %v, %v", kind, text, v, err)
			}
		}
	})
}
