package asterisktest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Install returns the tree of a version, and builds it first if it is not there: that
// takes about a minute and 500 MB. It blocks while another process builds the same
// tree. A tree of another recipe is not used, a half-built one is built again.
//
// logf reports progress, one line a call; nil reports nothing. Errors wrap
// ErrUnavailable and say in one line why there is no such Asterisk, except when ctx
// ends. Safe for concurrent use.
func Install(ctx context.Context, v Version, logf func(format string, args ...any)) (*Tree, error) {
	if err := possible(); err != nil {
		return nil, err
	}
	return newBuilder(v, logf).install(ctx)
}

// Missing says why there is no tree of a version, from what the last Install left in the
// cache and however long ago; nil when there is one. It installs nothing and never blocks.
func Missing(v Version) error {
	if err := possible(); err != nil {
		return err
	}
	b := newBuilder(v, nil)
	if _, err := b.readMarker(); err == nil {
		return nil
	}
	if f, ok := b.lastFailure(); ok {
		return &unavailableError{text: f.Text}
	}
	return &unavailableError{text: v.String() + " is not installed"}
}

// packages is what a tree contains besides the smallest Debian.
const packages = "asterisk,asterisk-core-sounds-en-gsm,asterisk-moh-opsound-gsm"

// rootPlaceholder stands in a recipe for the folder to fill.
const rootPlaceholder = "{root}"

// A builder makes one tree. Its recipe is the command to run; a tree built by another
// command has another name.
type builder struct {
	version Version
	cache   string
	recipe  []string                                   // a command with rootPlaceholder
	prepare func(context.Context) error                // makes the command available
	inspect func(root string) (full string, err error) // asks the new tree for its version
	logf    func(format string, args ...any)
}

func newBuilder(v Version, logf func(format string, args ...any)) *builder {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	return &builder{
		version: v,
		cache:   CacheDir(),
		// No mirror: debootstrap has a default one.
		recipe:  []string{"debootstrap", "--variant=minbase", "--include=" + packages, v.Suite, rootPlaceholder},
		prepare: func(ctx context.Context) error { return need(ctx, "debootstrap", "debootstrap", logf) },
		inspect: asteriskVersion,
		logf:    logf,
	}
}

// CacheDir is the folder that holds the trees: PBXFLOW_ASTERISK_CACHE, or a folder
// below /var/cache.
func CacheDir() string {
	if dir := os.Getenv("PBXFLOW_ASTERISK_CACHE"); dir != "" {
		return dir
	}
	return "/var/cache/pbxflow/asterisk"
}

func (b *builder) install(ctx context.Context) (*Tree, error) {
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return nil, b.unavailable(err)
	}
	tree := &Tree{Version: b.version, Root: b.root()}
	unlock, err := lockFile(ctx, tree.lockPath())
	if err != nil {
		return nil, err
	}
	defer unlock()

	if tree.Full, err = b.readMarker(); err == nil {
		tree.reapLocked(b.logf)
		return tree, nil
	}
	if err := b.recentFailure(); err != nil {
		return nil, err
	}
	start := time.Now()
	b.logf("installing %v (Debian %s) into %s", b.version, b.version.Suite, b.root())
	full, err := b.build(ctx)
	switch {
	case ctx.Err() != nil: // interrupted: says nothing about the suite
		return nil, fmt.Errorf("asterisktest: install %v: %w", b.version, context.Cause(ctx))
	case err != nil:
		err = b.unavailable(err)
		return nil, errors.Join(err, b.rememberFailure(err))
	}
	b.logf("installed %s in %v", full, time.Since(start).Round(time.Second))
	tree.Full = full
	return tree, nil
}

// build fills a temporary folder, writes the marker last and then gives the folder its
// name: a tree under its name with a marker is complete.
func (b *builder) build(ctx context.Context) (full string, err error) {
	if err := b.prepare(ctx); err != nil {
		return "", err
	}
	b.removeOldTrees()
	root, err := os.MkdirTemp(b.cache, filepath.Base(b.root())+buildingSuffix)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(root))
		}
	}()
	if err := os.Chmod(root, 0o755); err != nil { // Asterisk's own user must be able to enter
		return "", err
	}
	if err := b.runRecipe(ctx, root); err != nil {
		return "", err
	}
	if full, err = b.inspect(root); err != nil {
		return "", err
	}
	if !strings.HasPrefix(full, b.version.String()+".") { // a suite moves on
		return "", fmt.Errorf("the suite %s has %s now", b.version.Suite, full)
	}
	if err := b.writeMarker(root, full); err != nil {
		return "", err
	}
	return full, os.Rename(root, b.root())
}

func (b *builder) runRecipe(ctx context.Context, root string) error {
	args := make([]string, len(b.recipe))
	for i, arg := range b.recipe {
		args[i] = strings.ReplaceAll(arg, rootPlaceholder, root)
	}
	out, err := runBuild(ctx, args, append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"))
	if err == nil {
		return nil
	}
	// The second stage keeps what the package manager said in a file of its own.
	if more, readErr := os.ReadFile(filepath.Join(root, "debootstrap", "debootstrap.log")); readErr == nil {
		out = append(more, out...)
	}
	return fmt.Errorf("%s %s: %s: %w", b.recipe[0], b.version.Suite, complaint(out), err)
}

// asteriskVersion asks the Asterisk in a tree who it is, "Asterisk 22.10.1~dfsg".
func asteriskVersion(root string) (string, error) {
	cmd := exec.Command(asteriskPath, "-V")
	cmd.Dir = "/"
	cmd.SysProcAttr = confined(root)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("asterisk -V: %s: %w", complaint(out), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// root is the tree's folder: <cache>/<suite>-<hash of the recipe>.
func (b *builder) root() string {
	hash := sha256.Sum256([]byte(b.recipeText()))
	return filepath.Join(b.cache, fmt.Sprintf("%s-%x", b.version.Suite, hash[:5]))
}

func (b *builder) recipeText() string { return strings.Join(b.recipe, " ") }

// lockFile waits for an exclusive lock that ends with the process at the latest. The
// file stays: removing it would let two processes lock two files of one name.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	lock := flock.New(path)
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("asterisktest: lock %s: %w", path, err)
	}
	return func() { _ = lock.Close() }, nil // closing cannot fail in a way that keeps the lock
}
