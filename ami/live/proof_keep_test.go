package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pbxflow/pbxflow/ami/capture"
)

// kept returns a name in the folder PBXFLOW_PROOF_KEEP for what this run leaves, and "" if
// none is wanted.
func (p *proof) kept(name string) string {
	dir := os.Getenv("PBXFLOW_PROOF_KEEP")
	if dir == "" {
		return ""
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	return filepath.Join(dir, strings.NewReplacer("/", "-").Replace(p.t.Name())+"-"+name)
}

// keeping returns dial, or one that also writes a capture of what the connection brings.
func (p *proof) keeping(name string, dial capture.Dialer) capture.Dialer {
	path := p.kept(name + ".ami")
	if path == "" {
		return dial
	}
	w, err := capture.Create(path, capture.Options{Server: name})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := w.Close(); err != nil {
			p.t.Error(err)
		}
	})
	return w.Dial(dial)
}

// keepTold writes what the model told.
func (p *proof) keepTold() {
	path := p.kept("told")
	if path == "" {
		return
	}
	var told strings.Builder
	for _, e := range p.told {
		fmt.Fprintf(&told, "%s %s", timestamp(e.Time), tell(e))
		if e.Call != nil {
			fmt.Fprintf(&told, " %s %s", e.Call.Linkedid, e.Call.Reason)
		}
		told.WriteString("\n")
	}
	if err := os.WriteFile(path, []byte(told.String()), 0o644); err != nil {
		p.t.Error(err)
	}
}
