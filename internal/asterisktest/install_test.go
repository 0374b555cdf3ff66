package asterisktest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fakeBuilder builds with a shell script that gets the folder as $0. builds counts.
func fakeBuilder(t *testing.T, script string) (b *builder, builds func() int) {
	t.Helper()
	if err := possible(); err != nil {
		t.Skip(err)
	}
	cache := t.TempDir()
	count := filepath.Join(t.TempDir(), "count")
	b = &builder{
		version: Version{Name: "0", Suite: "fake"},
		cache:   cache,
		recipe:  []string{"sh", "-c", "echo >>" + count + "; " + script, rootPlaceholder},
		prepare: func(context.Context) error { return nil },
		inspect: func(string) (string, error) { return "Asterisk 0.1", nil },
		logf:    t.Logf,
	}
	return b, func() int {
		data, err := os.ReadFile(count)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return len(data)
	}
}

func TestInstallOnce(t *testing.T) {
	b, builds := fakeBuilder(t, "echo hello >$0/file")
	for range 2 {
		tree, err := b.install(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(filepath.Join(tree.Root, "file")); err != nil || string(data) != "hello\n" {
			t.Errorf("file: %q, %v", data, err)
		}
		if tree.Full != "Asterisk 0.1" {
			t.Errorf("version: got %q", tree.Full)
		}
	}
	if got := builds(); got != 1 {
		t.Errorf("got %d builds, want 1", got)
	}
}

func TestInstallRebuilds(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, b *builder)
	}{
		{"no marker", func(t *testing.T, b *builder) { must(t, os.Remove(filepath.Join(b.root(), markerName))) }},
		{"half a marker", func(t *testing.T, b *builder) {
			must(t, os.WriteFile(filepath.Join(b.root(), markerName), []byte(`{"Rec`), 0o644))
		}},
		{"another recipe under this name", func(t *testing.T, b *builder) {
			must(t, os.WriteFile(filepath.Join(b.root(), markerName), []byte(`{"Recipe":"x"}`), 0o644))
		}},
		{"another recipe", func(t *testing.T, b *builder) { b.recipe = append(b.recipe, "more") }},
		{"killed while building", func(t *testing.T, b *builder) {
			must(t, os.Rename(b.root(), b.root()+buildingSuffix+"1"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, builds := fakeBuilder(t, "echo hello >$0/file")
			if _, err := b.install(t.Context()); err != nil {
				t.Fatal(err)
			}
			old := b.root()
			must(t, os.WriteFile(filepath.Join(old, "leftover"), nil, 0o644))
			tt.spoil(t, b)
			tree, err := b.install(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := builds(); got != 2 {
				t.Errorf("got %d builds, want 2", got)
			}
			if _, err := os.Stat(filepath.Join(tree.Root, "leftover")); err == nil {
				t.Error("the new tree has files of the old one")
			}
			if left, err := filepath.Glob(filepath.Join(b.cache, "*"+buildingSuffix+"*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestInstallFailureIsRemembered(t *testing.T) {
	b, builds := fakeBuilder(t, "echo 'I: Resolving'; echo \"E: Couldn't find these debs: asterisk\"; exit 1")
	for range 2 {
		_, err := b.install(t.Context())
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "E: Couldn't find these debs: asterisk") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("got %q", err)
		}
	}
	if got := builds(); got != 1 {
		t.Errorf("got %d builds, want 1", got)
	}
	for _, at := range []time.Time{time.Now().Add(-failureLife - time.Second), time.Now().Add(time.Hour)} {
		data, err := json.Marshal(failure{Time: at, Text: "old"})
		must(t, err)
		must(t, os.WriteFile(b.root()+failedSuffix, data, 0o644))
		before := builds()
		if _, err := b.install(t.Context()); err == nil {
			t.Error("no error")
		}
		if got := builds(); got != before+1 {
			t.Errorf("a failure of %v was not tried again", at)
		}
	}
}

func TestInstallInterrupted(t *testing.T) {
	b, _ := fakeBuilder(t, "sleep 1000 & wait")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := b.install(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if err := b.recentFailure(); err != nil {
		t.Errorf("remembered %v", err)
	}
}

func TestComplaint(t *testing.T) {
	tests := []struct{ name, output, want string }{
		{"errors win", "I: a\nW: b\nE: c\nE: c\ndpkg: error processing package d\n", "E: c; dpkg: error processing package d"},
		{"warnings", "I: a\nW: b\nI: c\n", "W: b"},
		{"last line", "a\n b \n\n", "b"},
		{"nothing", "", "no output"},
	}
	for _, tt := range tests {
		if got := complaint([]byte(tt.output)); got != tt.want {
			t.Errorf("%s: %s", tt.name, cmp.Diff(tt.want, got))
		}
	}
}

// A living process of an abandoned instance is ended and its folder removed; an
// instance that has an owner stays.
func TestReap(t *testing.T) {
	if err := possible(); err != nil {
		t.Skip(err)
	}
	tree := &Tree{Root: t.TempDir()}
	owned, owner, err := tree.newInstanceFolder(t.Context(), t.Logf)
	must(t, err)
	defer owner.Close()
	orphan, lost, err := tree.newInstanceFolder(t.Context(), t.Logf)
	must(t, err)
	must(t, lost.Close())

	// A shell that looks like Asterisk to whoever lists processes.
	cmd := &exec.Cmd{Path: "/bin/sh", Args: []string{asteriskPath, "-c", "read x", configPath(orphan)}}
	stdin, err := cmd.StdinPipe()
	must(t, err)
	defer stdin.Close()
	must(t, cmd.Start())
	if living := tree.reapLocked(t.Logf); living != 1 {
		t.Errorf("got %d living instances, want 1", living)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("the orphan ended with %v", err)
	}
	entries, err := os.ReadDir(filepath.Join(tree.Root, instancesPath))
	if err != nil || len(entries) != 1 || entries[0].Name() != owned {
		t.Errorf("folders: %v, %v", entries, err)
	}
}

// Folders are removed while others look for abandoned ones.
func TestRemoveBesideReap(t *testing.T) {
	if err := possible(); err != nil {
		t.Skip(err)
	}
	tree := &Tree{Root: t.TempDir()}
	var reaping, removing sync.WaitGroup
	var over atomic.Bool
	reaping.Go(func() {
		for !over.Load() {
			unlock, err := lockFile(t.Context(), tree.lockPath())
			if err != nil {
				t.Error(err)
				return
			}
			tree.reapLocked(t.Logf)
			unlock()
		}
	})
	for range 4 {
		removing.Go(func() {
			for range 30 {
				name, owner, err := tree.newInstanceFolder(t.Context(), t.Logf)
				if err != nil {
					t.Error(err)
					return
				}
				dir := filepath.Join(tree.Root, instancesPath, name)
				for i := range 20 {
					if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o600); err != nil {
						t.Error(err)
					}
				}
				if err := errors.Join(tree.removeInstance(dir), owner.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	removing.Wait()
	over.Store(true)
	reaping.Wait()
}

// orphanEnv makes this test binary boot an Asterisk, say its folder, and wait.
const orphanEnv = "PBXFLOW_TEST_ORPHAN"

func beOrphaned() {
	tree, err := Install(context.Background(), V22, nil)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	pbx, err := Boot(context.Background(), tree, Config{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("ready", pbx.dir)
	select {}
}

func TestRealKilledOwner(t *testing.T) {
	pbx := Start(t, Config{})
	if pbx.Version != V22 {
		t.Skip("needs", V22)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphanEnv+"=1")
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	dir, ready := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed
	if !ready {
		t.Fatal(line, err)
	}
	// The kernel kills it too, or else Install does; either way nothing is left then.
	if _, err := Install(t.Context(), V22, t.Logf); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	for pids := pidsUsing(configPath(filepath.Base(dir))); len(pids) > 0; {
		pids = pidsUsing(configPath(filepath.Base(dir))) // it is dying
	}
	if _, err := pbx.Console(t.Context(), "core show uptime"); err != nil {
		t.Errorf("the other instance suffered: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
