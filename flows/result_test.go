package flows

import "testing"

// What a dialplan cannot read is left out, and told.
func TestResultText(t *testing.T) {
	for _, test := range []struct {
		name   string
		values map[string]any
		want   string
		err    string
	}{
		{"nothing", nil, "", ""},
		{"one", map[string]any{"number": "5550100"}, "5550100", ""},
		{"two", map[string]any{"number": "1", "vip": true}, `{"number":"1","vip":"true"}`, ""},
		{"a list beside one", map[string]any{"list": []any{1}, "vip": true}, "true", "list: a list cannot stand in text"},
		{"nothing but nil", map[string]any{"a": nil}, "", "a: the value is nil: it was not set on this path"},
	} {
		got, err := resultText(test.values)
		told := ""
		if err != nil {
			told = err.Error()
		}
		if got != test.want || told != test.err {
			t.Errorf("%s: got %q, %q, want %q, %q", test.name, got, told, test.want, test.err)
		}
	}
}
