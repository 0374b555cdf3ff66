package lang

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribe(t *testing.T) {
	type line struct{ name, wants, def string }
	var got []line
	for _, k := range Describe(step{}) {
		got = append(got, line{k.Name, k.Wants, k.Default})
	}
	want := []line{
		{"text", "text", ""},
		{"wait", "a duration such as 30s", "5s"},
		{"tries", "a whole number", ""},
		{"keys", "keys of a phone", ""},
		{"when", "a condition", ""},
		{"mode", "text", ""},
		{"data", "any value", ""},
		{"list", "text, or a list of it", ""},
		{"fixed", "a duration such as 30s", ""},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("keys differ (-want +got):\n%s", diff)
	}
}

func TestFields(t *testing.T) {
	want := []Field{
		{Name: "caller.num", Type: "text"},
		{Name: "caller.name", Type: "text"},
		{Name: "language", Type: "text"},
		{Name: "rang", Type: "duration such as 30s"},
		{Name: "answered", Type: "true or false"},
	}
	if diff := cmp.Diff(want, Fields(callInfo{})); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
}

func TestSchema(t *testing.T) {
	var s Schema
	doc := s.Document("https://example.com/step.json", "A step", step{})
	b, err := json.Marshal(doc["properties"].(map[string]any)["keys"])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"anyOf":[{"pattern":"^[0-9*#]*$","type":["string","number"]},{"pattern":"\\$\\{","type":"string"}],"description":"Which keys."}`
	if string(b) != want {
		t.Errorf("got\n%s\nwant\n%s", b, want)
	}
	if diff := cmp.Diff([]string{"text"}, doc["required"]); diff != "" {
		t.Errorf("required differs (-want +got):\n%s", diff)
	}
	if doc["additionalProperties"] != false {
		t.Error("unknown keys are allowed")
	}
}
