package flows_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// TestAudit writes records that follow from each other, also after a restart, and finds
// every change.
func TestAudit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "data", "audit.jsonl")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for i := range 2 {
		audit, err := flows.OpenAudit(name)
		if err != nil {
			t.Fatal(err)
		}
		for j := range 2 {
			if err := audit.Write(now, fmt.Sprintf("record %d%d", i, j), map[string]string{"a": "<b>"}, flows.Meta{Flow: "main", Call: "1.1"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := audit.Close(); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	last, err := flows.VerifyAudit(strings.NewReader(string(whole)))
	if err != nil || last.Seq != 4 || last.Text != "record 11" || last.Fields["a"] != "<b>" || last.Call != "1.1" {
		t.Errorf("the last record is %+v, %v", last, err)
	}
	rows := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for name, test := range map[string]struct{ text, want string }{
		"a word":          {strings.Replace(string(whole), "record 01", "record 0l", 1), "line 2 of the audit was changed, or one before it is missing"},
		"a line removed":  {rows[0] + rows[2] + rows[3] + "\n", "line 2 of the audit was changed, or one before it is missing"},
		"a line added":    {string(whole) + rows[0], "line 5 of the audit was changed, or one before it is missing"},
		"a field added":   {strings.Replace(string(whole), `"seq":2`, `"by":"me","seq":2`, 1), `line 2 of the audit is no record: json: unknown field "by"`},
		"half a line":     {string(whole)[:len(whole)-9], "line 4 of the audit is not whole: EOF"},
		"the first":       {rows[1] + rows[2], "line 1 of the audit was changed, or one before it is missing"},
		"something other": {"hello\n", "line 1 of the audit is no record: invalid character 'h' looking for beginning of value"},
	} {
		if _, err := flows.VerifyAudit(strings.NewReader(test.text)); fmt.Sprint(err) != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if err := os.WriteFile(name, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := flows.OpenAudit(name); err == nil {
		t.Error("a broken audit is added to")
	}
}

// A record that nobody keeps is an error.
func TestNoAudit(t *testing.T) {
	a := load(t, "flows: { main: { audit: x } }")
	trace, err := (&flows.Engine{}).RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{})
	if err == nil || !strings.Contains(trace.Error, "audit.failed: cannot write the audit: this program keeps none") {
		t.Errorf("got %v: %s", err, trace.Error)
	}
}

// TestAuditAndEmit runs the two verbs.
func TestAuditAndEmit(t *testing.T) {
	a := loadFiles(t, map[string]string{
		"app.yaml":     "flows: { main: { params: { who: string }, steps: [{ audit: \"by ${who}\", fields: { a: b } }, { emit: custom.vip, fields: { number: \"${who}\" }, on_error: continue }] } }",
		"pbxflow.yaml": "audit: { file: audit.jsonl }",
	})
	name := filepath.Join(t.TempDir(), "audit.jsonl")
	audit, err := flows.OpenAudit(name)
	if err != nil {
		t.Fatal(err)
	}
	var emitted []string
	engine := &flows.Engine{Audit: audit, Emit: func(name string, fields map[string]string, meta flows.Meta) {
		emitted = append(emitted, fmt.Sprint(name, fields, meta.Rule))
	}}
	run := func(depth int) string {
		// How it ended is in the trace.
		trace, _ := engine.RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{"who": "Ann"}, flows.Meta{Rule: "r", Depth: depth})
		return summary(trace)
	}
	if got := run(0); got != "audit\nemit\nDONE by flow" {
		t.Error(got)
	}
	if got := run(8); got != "audit\nemit: emit.circle: events have caused each other: rules run in circles (on_error: continue)\nDONE by flow" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"custom.vipmap[number:Ann]r"}, emitted); diff != "" {
		t.Errorf("the events differ (-want +got):\n%s", diff)
	}
	if err := audit.Close(); err != nil {
		t.Fatal(err)
	}
	if got := run(0); !strings.HasPrefix(got, "audit: audit.failed: cannot write the audit: ") {
		t.Error(got)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if last, err := flows.VerifyAudit(file); err != nil || last.Text != "by Ann" || last.Rule != "r" || last.Fields["a"] != "b" || last.Seq != 2 {
		t.Errorf("the last record is %+v, %v", last, err)
	}
}

// tearable is an audit with records in a folder of its own, and what its file holds.
func tearable(t *testing.T, records ...string) (name string, lines []string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "audit.jsonl")
	audit, err := flows.OpenAudit(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range records {
		if err := audit.Write(auditTime, text, nil, flows.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := audit.Close(); err != nil {
		t.Fatal(err)
	}
	return name, strings.SplitAfter(strings.TrimSuffix(read(t, name), "\n"), "\n")
}

var auditTime = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// reopen opens an audit, adds a record, and returns the last two records and how often
// somebody was told that the file was torn.
func reopen(t *testing.T, name string) (texts []string, told []string) {
	t.Helper()
	audit := flows.NewAudit(name)
	audit.OnTorn = func(file string) { told = append(told, filepath.Base(file)) }
	if err := audit.Open(); err != nil {
		t.Fatal(err)
	}
	if err := audit.Write(auditTime, "goes on", nil, flows.Meta{}); err != nil {
		t.Fatal(err)
	}
	if err := audit.Close(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(read(t, name)) {
		var r flows.AuditRecord
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		text := r.Text
		for _, key := range slices.Sorted(maps.Keys(r.Fields)) {
			text += " " + key + "=" + r.Fields[key]
		}
		texts = append(texts, text)
	}
	if _, err := flows.VerifyAudit(strings.NewReader(read(t, name))); err != nil {
		t.Error(err)
	}
	return texts, told
}

// torn is the record that tells of a torn tail in a file beside the audit.
func torn(tail string) string {
	return fmt.Sprintf("the last line was torn, as by a loss of power; what there was of it lies beside bytes=%d file=audit.jsonl.torn-3 sha256=%x",
		len(tail), sha256.Sum256([]byte(tail)))
}

// TestAuditTorn cuts the last line anywhere, as a loss of power does. The audit goes on
// from the last whole record, says so, and keeps what there was of the line.
func TestAuditTorn(t *testing.T) {
	name, lines := tearable(t, "one", "two", "three")
	whole := lines[0] + lines[1]
	tails := []string{"\x00", strings.Repeat("\x00", 4096), lines[2][:20] + "\x00\x00", lines[2][:20] + "\x00\x00\n", lines[2]}
	for cut := 1; cut < len(lines[2]); cut += 7 {
		tails = append(tails, lines[2][:cut])
	}
	for _, tail := range tails {
		write(t, name, whole+tail)
		if _, err := flows.VerifyAudit(strings.NewReader(read(t, name))); err == nil {
			t.Errorf("the torn tail %q is not seen", tail)
		}
		texts, told := reopen(t, name)
		if diff := cmp.Diff([]string{"one", "two", torn(tail), "goes on"}, texts); diff != "" {
			t.Fatalf("the records behind %q differ (-want +got):\n%s", tail, diff)
		}
		if diff := cmp.Diff([]string{"audit.jsonl.torn-3"}, told); diff != "" {
			t.Errorf("who was told differs (-want +got):\n%s", diff)
		}
		if got := read(t, name+".torn-3"); got != tail {
			t.Errorf("beside lies %q, want %q", got, tail)
		}
		if _, told := reopen(t, name); told != nil {
			t.Errorf("it is told again: %v", told)
		}
		if err := os.Remove(name + ".torn-3"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAuditTornAgain loses power while it repairs: nothing is lost, and it is told.
func TestAuditTornAgain(t *testing.T) {
	name, lines := tearable(t, "one", "two", "three")
	tail := lines[2][:30]
	for step, test := range map[string]struct{ audit, beside, want string }{
		"the tail is beside and still in the file":    {lines[0] + lines[1] + tail, tail, tail + tail},
		"half of the tail is beside":                  {lines[0] + lines[1] + tail, tail[:10], tail[:10] + tail},
		"the tail is cut off and nothing tells of it": {lines[0] + lines[1], tail, tail},
		"the record that tells of it is torn":         {lines[0] + lines[1] + `{"seq":3,"ti`, tail, tail + `{"seq":3,"ti`},
	} {
		write(t, name, test.audit)
		write(t, name+".torn-3", test.beside)
		texts, told := reopen(t, name)
		if diff := cmp.Diff([]string{"one", "two", torn(test.want), "goes on"}, texts); diff != "" || len(told) != 1 {
			t.Errorf("%s: told %v; the records differ (-want +got):\n%s", step, told, diff)
		}
		if got := read(t, name+".torn-3"); got != test.want {
			t.Errorf("%s: beside lies %q, want %q", step, got, test.want)
		}
	}
}

// The first record may be torn as well.
func TestAuditTornAtOnce(t *testing.T) {
	name, lines := tearable(t, "one")
	write(t, name, lines[0][:30])
	if texts, told := reopen(t, name); len(texts) != 2 || texts[1] != "goes on" || len(told) != 1 {
		t.Errorf("there are %q, and %v was told", texts, told)
	}
	if got := read(t, name+".torn-1"); got != lines[0][:30] {
		t.Errorf("beside lies %q", got)
	}
}

// A change before the torn tail is not forgiven, and nothing is repaired.
func TestAuditTornAndChanged(t *testing.T) {
	name, lines := tearable(t, "one", "two", "three")
	for what, text := range map[string]string{
		"a word":          strings.Replace(lines[0], "one", "0ne", 1) + lines[1] + lines[2][:30],
		"a line removed":  lines[1] + lines[2][:30],
		"something other": "hello\nwor",
		"a line of zeros": lines[0] + "\x00\x00\n" + lines[1],
	} {
		write(t, name, text)
		if _, err := flows.OpenAudit(name); err == nil {
			t.Errorf("%s: it is opened", what)
		}
		if got := read(t, name); got != text {
			t.Errorf("%s: the file is changed to %q", what, got)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(name)); err != nil || len(files) != 1 {
		t.Errorf("there are %v, %v", files, err)
	}
}

// TestAuditWriteFails goes on after a write that was done by half, as on a full disk.
func TestAuditWriteFails(t *testing.T) {
	name, _ := tearable(t, "one", "two")
	audit := flows.NewAudit(name)
	told := 0
	audit.OnTorn = func(string) { told++ }
	if err := audit.Open(); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space left on device")
	audit.Fail(10, full)
	if err := audit.Write(auditTime, "three", nil, flows.Meta{}); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if err := audit.Write(auditTime, "four", nil, flows.Meta{}); err != nil {
		t.Error(err)
	}
	if err := audit.Close(); err != nil {
		t.Error(err)
	}
	last, err := flows.VerifyAudit(strings.NewReader(read(t, name)))
	if err != nil || last.Text != "four" || last.Seq != 4 || told != 1 {
		t.Errorf("the last record is %+v, %v; told %d times", last, err, told)
	}
	if got := read(t, name+".torn-3"); got != `{"seq":3,"` {
		t.Errorf("beside lies %q", got)
	}
	if err := audit.Write(auditTime, "five", nil, flows.Meta{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := audit.Write(auditTime, "six", nil, flows.Meta{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
