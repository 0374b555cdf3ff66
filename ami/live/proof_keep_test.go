package live_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/ami/live"
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

// keepRerun writes what TestRerun needs: what the witness saw since the last start of Asterisk,
// of all that the picture is made of.
func (p *proof) keepRerun() {
	path := p.kept("rerun.ami.gz")
	if path == "" {
		return
	}
	events := p.witness.all()
	for i, e := range slices.Backward(events) {
		if e.Name() == "FullyBooted" {
			events = events[i+1:]
			break
		}
	}
	var text bytes.Buffer
	z := gzip.NewWriter(&text)
	for _, e := range events {
		if !ofPicture(e) {
			continue
		}
		for name, value := range e.All() {
			if name != "Privilege" && name != "SystemName" && name != "SequenceNumber" && !strings.HasPrefix(name, "ChanVariable") {
				fmt.Fprintf(z, "%s: %s\r\n", name, value)
			}
		}
		fmt.Fprint(z, "\r\n")
	}
	if err := errors.Join(z.Close(), os.WriteFile(path, text.Bytes(), 0o644)); err != nil {
		p.t.Error(err)
	}
}

// ofPicture reports whether the picture is made of such events.
func ofPicture(e ami.Event) bool {
	return slices.ContainsFunc(live.Wants(), func(w ami.Want) bool {
		return slices.Contains(w.Names, e.Name()) && !slices.ContainsFunc(w.Fields, func(f ami.Field) bool { return e.Get(f.Name) != f.Value })
	})
}
