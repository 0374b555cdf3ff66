package pbxflow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/flows"
)

// TestTornAudit starts although the power went while the last record was written, tells so
// once, and goes on with the audit.
func TestTornAudit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(name, []byte(`{"seq":1,"time":`), 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"pbxflow.yaml": loopback + fmt.Sprintf("audit: { file: %q }\n", name),
		"flows.yaml":   "flows: { main: { audit: a call } }\n",
	}
	for _, tellings := range []int{1, 0} {
		h := serve(t, files)
		h.call("main", status("DONE", ""))()
		if err := h.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(h.log.String(), "the last line of the audit was torn"); got != tellings {
			t.Errorf("it is told %d times, want %d", got, tellings)
		}
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if last, err := flows.VerifyAudit(file); err != nil || last.Seq != 3 || last.Text != "a call" {
		t.Errorf("the last record is %+v, %v", last, err)
	}
}
