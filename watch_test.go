package pbxflow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow"
)

// TestWatch reads the app again when its files change, in whatever way they do.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flow := func(sound string) string { return "flows: { main: { play: " + sound + " } }" }
	write("pbxflow.yaml", loopback+"reload: { watch: true }")
	write("flows.yaml", flow("one"))
	h := serve(t, nil, func(o *pbxflow.Options) { o.FS, o.Dir = nil, dir })
	reloads := 0
	reloaded := func(sound string) {
		t.Helper()
		reloads++
		h.awaitLogs(`"@message":"reloaded"`, reloads)
		h.call("main", play(sound)+status("DONE", ""))()
	}
	h.call("main", play("one")+status("DONE", ""))()

	// Written in place, in several pieces.
	write("flows.yaml", "flows: {")
	write("flows.yaml", flow("tw"))
	write("flows.yaml", flow("two"))
	reloaded("two")

	// Saved as editors do: a file of another name takes the place.
	write(".flows.swp", flow("three"))
	if err := os.Rename(filepath.Join(dir, ".flows.swp"), filepath.Join(dir, "flows.yaml")); err != nil {
		t.Fatal(err)
	}
	reloaded("three")

	// In a folder that is new, and then again in it.
	if err := os.Remove(filepath.Join(dir, "flows.yaml")); err != nil {
		t.Fatal(err)
	}
	write("more/flows.yaml", flow("four"))
	reloaded("four")
	write("more/flows.yaml", flow("five"))
	reloaded("five")

	// A mistake changes nothing, is told once, and is gone with the next change.
	write("more/flows.yaml", "flows: { main: { plya: six } }")
	h.awaitLog("the app has changed, but cannot be loaded")
	h.has("unknown-verb")
	h.call("main", play("five")+status("DONE", ""))()
	write("notes.txt", "nothing that the app reads")
	write("main.test.yaml", "tests: {}")
	write("more/flows.yaml", flow("seven"))
	reloaded("seven")
	if n := strings.Count(h.log.String(), "cannot be loaded"); n != 1 {
		t.Errorf("the mistake was told %d times", n)
	}
}

// TestWatchAtStart saves a file while the server starts: what is half written then is not read.
func TestWatchAtStart(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pbxflow.yaml", loopback+"reload: { watch: true }")
	write("flows.yaml", "flows: { main: { play: one } }")
	h := build(t, nil, func(o *pbxflow.Options) { o.FS, o.Dir = nil, dir })
	write("flows.yaml", "")
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	h.call("main", play("one")+status("DONE", ""))()
	write("flows.yaml", "flows: { main: { play: two } }")
	h.awaitLog(`"@message":"reloaded"`)
	h.call("main", play("two")+status("DONE", ""))()
	if n := strings.Count(h.log.String(), `"@message":"reloaded"`); n != 1 {
		t.Errorf("read %d times", n)
	}
}

func TestWatchNeedsFolder(t *testing.T) {
	h := build(t, map[string]string{"pbxflow.yaml": loopback + "reload: { watch: true }"})
	if err := h.Start(); err == nil || err.Error() != "pbxflow: cannot watch the app's folder: the app is not in a folder" {
		t.Errorf("Start returned %v", err)
	}
}
