package app_test

import (
	"flag"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/examples/callcenter"
)

var update = flag.Bool("update", false, "write what the checker says into testdata anew")

// slips are what people get wrong: in a file of the example, the old text is
// replaced by the new one.
var slips = []struct{ file, old, new string }{
	// Flows.
	{"flows.yaml", "- answer\n", "- anwser\n"},
	{"flows.yaml", "if: not hours.office.open", "if: not hours.ofice.open"},
	{"flows.yaml", "then: { goto: closed }", "then: { goto: close }"},
	{"flows.yaml", "timeout: 2s", "timeout: 2"},
	{"flows.yaml", "vip: \"${crm?.json?.vip == true}\"", "vip: ${crm?.json?.vip ? 1 : 0}"},
	{"flows.yaml", "dial: PJSIP/reception", "dial: reception"},
	{"flows.yaml", "tries: 2\n      options", "trys: 2\n      options"},
	// Rules.
	{"rules.yaml", "on: call.ended", "on: call.end"},
	{"rules.yaml", "not call.answered", "not call.anwered"},
	{"rules.yaml", "cooldown: 15m", "cooldown: 15"},
	{"rules.yaml", "where: queue.waited > \"1s\"", "where: queue.waited > 1"},
	{"rules.yaml", "event.Cause == \"34\"", "event.Cause == 34"},
	{"rules.yaml", "${event.Channel}", "${event.channel}"},
	{"rules.yaml", "severity: critical\n    do:\n      - notify: ops\n        text: the", "severity: high\n    do:\n      - notify: op\n        text: the"},
	// The office.
	{"office.yaml", "Europe/Zurich\n", "Europe/Zürich\n"},
	{"office.yaml", "00:00-24:00 ", "0-24 "},
	{"office.yaml", "service_level: 20s", "servicelevel: 20s"},
	{"office.yaml", "webhook:", "url:"},
	// The server.
	{"pbxflow.yaml", "listen: 127.0.0.1:4573", "listen: 4573"},
	{"pbxflow.yaml", "${env.AMI_SECRET}", "{{ env.AMI_SECRET }}"},
	{"pbxflow.yaml", "level: info", "level: verbose"},
}

// breakCallcenter makes the slips in a copy of the example.
func breakCallcenter(t *testing.T, skip func(old string) bool) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{"flows.yaml", "rules.yaml", "office.yaml", "pbxflow.yaml"} {
		text, err := fs.ReadFile(callcenter.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	for _, s := range slips {
		if skip(s.old) {
			continue
		}
		if strings.Count(files[s.file], s.old) == 0 {
			t.Fatalf("%s has no %q any more", s.file, s.old)
		}
		files[s.file] = strings.Replace(files[s.file], s.old, s.new, 1)
	}
	return files
}

// TestBroken shows what somebody reads who has made many mistakes at once: all of
// them, each with its place.
func TestBroken(t *testing.T) {
	isSyntax := func(old string) bool {
		return strings.Contains(old, "crm?.json") || strings.Contains(old, "AMI_SECRET")
	}
	var got strings.Builder
	for _, part := range []struct {
		title string
		skip  func(string) bool
	}{
		{"Every mistake but those of YAML itself", isSyntax},
		{"Two files that are no YAML: of the others all is told but what may be lost with these", func(string) bool { return false }},
	} {
		_, problems := load(t, folder(breakCallcenter(t, part.skip)))
		got.WriteString("### " + part.title + "\n" + problems.Error() + "\n\n")
	}
	const golden = "testdata/broken.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the problems differ; go test ./internal/app -update accepts them (-want +got):\n%s", diff)
	}
}
