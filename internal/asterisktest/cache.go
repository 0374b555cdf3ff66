package asterisktest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	markerName     = ".pbxflow-ready" // in a tree, written last
	buildingSuffix = ".building-"     // in the name of a tree that is not ready
	failedSuffix   = ".failed"        // the file that remembers why a build failed

	failureLife = 10 * time.Minute    // a build is tried again after this time
	treeLife    = 14 * 24 * time.Hour // a tree of another recipe is removed when unused for so long
)

// A marker says that a tree is complete. Its modification time is the last use.
type marker struct {
	Recipe   string
	Asterisk string // what asterisk -V says
}

func (b *builder) writeMarker(root, full string) error {
	data, err := json.Marshal(marker{Recipe: b.recipeText(), Asterisk: full})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, markerName), data, 0o644)
}

// readMarker returns the full version of a complete tree and notes the use. Any error
// means that the tree must be built.
func (b *builder) readMarker() (full string, err error) {
	path := filepath.Join(b.root(), markerName)
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var m marker
	if err := json.Unmarshal(data, &m); err != nil {
		return "", err
	}
	if m.Recipe != b.recipeText() {
		return "", fmt.Errorf("asterisktest: %s was built by %q", b.root(), m.Recipe)
	}
	now := time.Now()
	return m.Asterisk, os.Chtimes(path, now, now)
}

// removeOldTrees makes room: half-built trees of this recipe (the caller holds the
// lock, so nobody builds one), a tree under its name without a good marker, and trees
// of other recipes that nobody used for a while. What cannot be removed is reported
// and left, it is in nobody's way.
func (b *builder) removeOldTrees() {
	own := filepath.Base(b.root())
	entries, err := os.ReadDir(b.cache)
	if err != nil {
		b.logf("read the cache: %v", err)
		return
	}
	for _, e := range entries {
		path := filepath.Join(b.cache, e.Name())
		switch {
		case !e.IsDir() || !strings.HasPrefix(e.Name(), b.version.Suite+"-"):
		case e.Name() == own, strings.HasPrefix(e.Name(), own+buildingSuffix):
			b.logf("removing the incomplete %s", path)
			(&Tree{Version: b.version, Root: path}).reapLocked(b.logf)
			if err := os.RemoveAll(path); err != nil {
				b.logf("%v", err)
			}
		default:
			b.removeUnused(path)
		}
	}
}

// removeUnused removes a tree of another recipe if nobody holds or recently used it.
func (b *builder) removeUnused(path string) {
	name, _, _ := strings.Cut(path, buildingSuffix)
	lock := flock.New(name + ".lock")
	if ok, err := lock.TryLock(); !ok || err != nil {
		return // in use
	}
	defer func() { _ = lock.Close() }()
	used, err := os.Stat(filepath.Join(path, markerName))
	if err == nil && time.Since(used.ModTime()) < treeLife {
		return
	}
	tree := &Tree{Version: b.version, Root: path}
	if tree.reapLocked(b.logf) > 0 {
		return
	}
	b.logf("removing the unused %s", path)
	if err := os.RemoveAll(path); err != nil {
		b.logf("%v", err)
	}
}

// A failure is remembered so that each test package does not repeat a long build that
// cannot succeed.
type failure struct {
	Time time.Time
	Text string // one line
}

func (b *builder) rememberFailure(err error) error {
	data, err := json.Marshal(failure{Time: time.Now(), Text: err.Error()})
	if err != nil {
		return err
	}
	return os.WriteFile(b.root()+failedSuffix, data, 0o644)
}

// lastFailure reads what rememberFailure wrote; not ok when there is none.
func (b *builder) lastFailure() (f failure, ok bool) {
	data, err := os.ReadFile(b.root() + failedSuffix)
	if err != nil {
		return f, false
	}
	return f, json.Unmarshal(data, &f) == nil
}

// recentFailure returns the remembered error, nil when there is none, or when it is
// old, unreadable or from the future: then the build is tried again.
func (b *builder) recentFailure() error {
	f, ok := b.lastFailure()
	age := time.Since(f.Time)
	if !ok || age < 0 || age > failureLife {
		return nil
	}
	return &unavailableError{text: fmt.Sprintf("%s (%v ago; tried again %v after that)",
		f.Text, age.Round(time.Second), failureLife)}
}
