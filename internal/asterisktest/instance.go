package asterisktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// An Instance is a running Asterisk. Stop, Restart and Kill must not run at the same
// time as each other; everything else is safe for concurrent use.
type Instance struct {
	Version Version

	AMI  string // the manager, host:port
	HTTP string // host:port
	SIP  string // UDP, host:port

	AMIUser, AMISecret string // has the rights that Config asked for

	SoundsDir string // where Record and RECORD FILE put relative names, as we see it
	SpoolDir  string // has monitor/, where MixMonitor puts them

	tree     *Tree
	cfg      Config
	settings settings
	dir      string // its folder, as we see it
	owner    *flock.Flock
	proc     *process
	stopOnce sync.Once
	stopErr  error
}

// Console runs one command of Asterisk's console and returns what it prints.
func (i *Instance) Console(ctx context.Context, command string) (string, error) {
	cmd := exec.CommandContext(ctx, asteriskPath, "-C", i.configPath(), "-rx", command)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "HOME=/root", "TERM=dumb"}
	cmd.SysProcAttr = confined(i.tree.Root)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("asterisktest: console %q: %s: %w", command, bytes.TrimSpace(out), err)
	}
	return string(out), nil
}

// Log returns what Asterisk logged and printed so far, over all restarts; empty after Stop.
func (i *Instance) Log() string {
	var b strings.Builder
	for _, name := range []string{"output", "full"} {
		data, err := os.ReadFile(i.logPath(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			fmt.Fprintf(&b, "(log: %v)\n", err)
		}
		b.Write(data)
	}
	return b.String()
}

// WaitIdle blocks until no channel is left: then recordings are complete and call
// records written.
func (i *Instance) WaitIdle(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		out, err := i.Console(ctx, "core show channels count")
		if err != nil {
			return err
		}
		if strings.HasPrefix(out, "0 active channels") {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// Stop ends Asterisk, killing it if it does not end by itself, and removes its folder.
// More calls return the same.
func (i *Instance) Stop() error {
	i.stopOnce.Do(func() {
		if i.proc != nil {
			i.proc.stop(stopTimeout)
		}
		i.stopErr = errors.Join(i.tree.removeInstance(i.dir), i.owner.Close())
	})
	return i.stopErr
}

// Restart ends Asterisk (it may have been killed before) and boots it again on the same
// ports and folders, so that its database and log are kept.
func (i *Instance) Restart(ctx context.Context) error {
	i.proc.stop(stopTimeout)
	var err error
	for range bootAttempts { // a port may be in use for a moment
		if err = i.start(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("asterisktest: restart %v: %w", i.Version, err)
	}
	return nil
}

// Kill ends Asterisk at once, as a crash would. Restart boots it again.
func (i *Instance) Kill() { i.proc.kill() }

func (i *Instance) configPath() string { return configPath(filepath.Base(i.dir)) }

func (i *Instance) logPath(name string) string { return filepath.Join(i.dir, "log", name) }

// tail returns the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
