package pbxflow_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealReload changes the app under a call on a real Asterisk. The call goes on with
// what it began with until it is drained; then the dialplan has it, sees why, and hands it
// to the new revision.
func TestRealReload(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(s.dir, "reload.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("flows: { patient: [answer, { repeat: 100, do: [{ play: hello }] }] }")
		if err := s.server.Reload(); err != nil {
			t.Fatal(err)
		}
		wait := s.place(asterisktest.SIPCall{Caller: "5550401", Exten: "patient", Hold: time.Minute})
		s.await("the call", func() bool { return !strings.Contains(s.get("/status"), `"revisions": {}`) })
		during := s.get("/status")

		write("flows: { patient: [answer, { plya: x }] }")
		if code, answer := post(s.server, "/reload"); code != http.StatusUnprocessableEntity || !strings.Contains(answer, "unknown-verb") {
			t.Errorf("a broken reload: %d %s", code, answer)
		}
		if now := s.get("/status"); now[:strings.Index(now, "calls")] != during[:strings.Index(during, "calls")] {
			t.Errorf("a broken reload changed %s to %s", during, now)
		}
		write("flows: { patient: [{ log: again }, hangup] }")
		code, answer := post(s.server, "/reload?drain=1ms")
		if code != http.StatusOK || !strings.Contains(answer, `"draining": 1`) {
			t.Errorf("a good reload: %d %s", code, answer)
		}
		old := s.trace()
		if last := old.Steps[len(old.Steps)-1]; old.Status != "DRAINED" || last.Verb != "play" || last.Error != "" {
			t.Errorf("the call ended %s in %s %s", old.Status, last.Verb, last.Error)
		}
		next := s.trace()
		if next.Status != "HANGUP" || next.Revision == old.Revision || next.Call != old.Call || next.Steps[0].Verb != "log" {
			t.Errorf("the call went on in revision %s and ended %s", next.Revision, next.Status)
		}
		wait()
	})
}
