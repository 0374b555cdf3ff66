package asterisktest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// need makes a program available: it installs the Debian package when the program is
// not on the path. The caller is root.
func need(ctx context.Context, program, pkg string, logf func(format string, args ...any)) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if err := os.MkdirAll(CacheDir(), 0o755); err != nil {
		return err
	}
	unlock, err := lockFile(ctx, filepath.Join(CacheDir(), "apt.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := exec.LookPath(program); err == nil {
		return nil // another process was faster
	}
	logf("installing the package %s", pkg)
	// A source that cannot be reached is not fatal: the install says whether it matters.
	_, updateErr := aptGet(ctx, "update")
	if _, err := aptGet(ctx, "install", "--yes", "--no-install-recommends", pkg); err != nil {
		if updateErr != nil {
			return fmt.Errorf("%w (before that: %w)", err, updateErr)
		}
		return err
	}
	return nil
}

func aptGet(ctx context.Context, args ...string) ([]byte, error) {
	// The timeout is for a package manager that someone else is running.
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=120"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	// A killed apt-get can leave half-configured packages on the machine: ask it to end.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		return out, fmt.Errorf("apt-get %s: %s: %w", args[0], complaint(out), err)
	}
	return out, nil
}
