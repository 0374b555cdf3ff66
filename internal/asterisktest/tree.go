package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// asteriskPath is the program in a tree.
const asteriskPath = "/usr/sbin/asterisk"

// A Tree is an installed Asterisk. Several instances run from one tree at once, also of
// several processes; it is safe for concurrent use.
type Tree struct {
	Version Version
	Root    string // the folder that Asterisk sees as /
	Full    string // what asterisk -V says, "Asterisk 22.10.1"
}

func (t *Tree) lockPath() string { return t.Root + ".lock" }

// instancesPath is the folder, as Asterisk sees it, with a folder per instance. It is
// short because the path of a Unix socket is limited to 108 bytes.
const instancesPath = "/srv/pbx"

// gonePath is the folder with what is left of instances that are being removed.
const gonePath = "/srv/gone"

// newInstanceFolder makes a folder for an instance, locked as long as the owner lives.
// The tree's lock keeps others from taking the new folder for an abandoned one.
func (t *Tree) newInstanceFolder(ctx context.Context, logf func(string, ...any)) (name string, owner *flock.Flock, err error) {
	unlock, err := lockFile(ctx, t.lockPath())
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	t.reapLocked(logf)
	parent := filepath.Join(t.Root, instancesPath)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp(parent, "")
	if err != nil {
		return "", nil, err
	}
	owner = flock.New(ownerLock(dir))
	if ok, err := owner.TryLock(); err != nil || !ok {
		return "", nil, errors.Join(fmt.Errorf("asterisktest: lock %s: %w", dir, err), os.RemoveAll(dir))
	}
	return filepath.Base(dir), owner, nil
}

// ownerLock is locked by the process that booted the instance. The kernel unlocks it
// when that process ends, however it ends; a pid would be ambiguous once reused.
func ownerLock(dir string) string { return filepath.Join(dir, "owner.lock") }

// reapLocked ends the instances whose owner is gone and removes their folders. It
// returns how many others live. The caller holds the tree's lock.
func (t *Tree) reapLocked(logf func(string, ...any)) (living int) {
	left, _ := filepath.Glob(filepath.Join(t.Root, gonePath, "*")) // the pattern is right
	for _, dir := range left {
		_ = os.RemoveAll(dir) // whoever is at it now does it as well
	}
	parent := filepath.Join(t.Root, instancesPath)
	entries, err := os.ReadDir(parent)
	if err != nil {
		return 0 // no folder, no instances
	}
	for _, e := range entries {
		dir := filepath.Join(parent, e.Name())
		owner := flock.New(ownerLock(dir))
		if ok, err := owner.TryLock(); err != nil || !ok {
			living++
			continue
		}
		for _, pid := range pidsUsing(configPath(e.Name())) {
			if logf != nil {
				logf("ending the orphan Asterisk %d", pid)
			}
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may end by itself meanwhile
		}
		err := t.removeInstance(dir)
		_ = owner.Close()
		if err != nil && logf != nil {
			logf("remove an abandoned instance: %v", err)
		}
	}
	return living
}

// removeInstance removes the folder of an instance that has ended. It moves it away first:
// without its lock, which may be the first to go, another process would take what is left
// for abandoned and put a lock of its own into it.
func (t *Tree) removeInstance(dir string) error {
	away := filepath.Join(t.Root, gonePath, filepath.Base(dir))
	if err := os.MkdirAll(filepath.Dir(away), 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, away); err != nil {
		return err
	}
	return os.RemoveAll(away)
}

// pidsUsing lists the Asterisk processes that were started with a configuration file;
// its path contains the random name of the instance.
func pidsUsing(config string) []int {
	var pids []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well-formed
	for _, file := range files {
		cmdline, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(string(cmdline), asteriskPath+"\x00") ||
			!strings.Contains(string(cmdline), "\x00"+config+"\x00") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// configPath is an instance's asterisk.conf as Asterisk sees it.
func configPath(name string) string {
	return filepath.Join(instancesPath, name, "etc", "asterisk.conf")
}
