package asterisktest

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// confined makes a short-lived process see root as its whole file system.
func confined(root string) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Chroot: root, Setpgid: true}
}

// confinedAndTied is confined for a process that must not outlive us: the kernel kills
// it when the thread that started it ends. It has a process group of its own, so that
// Ctrl-C in a terminal reaches us and not it.
func confinedAndTied(root string) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Chroot: root, Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// runBuild runs a command until it ends or ctx does, and returns what it printed. The
// command gets process and mount namespaces of its own: when it is killed, the kernel
// ends all it started, and what it mounted is gone. Where namespaces are not permitted
// it runs without.
func runBuild(ctx context.Context, args, env []string) ([]byte, error) {
	// The death signal follows the thread, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	plain := syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	isolated := plain
	isolated.Cloneflags, isolated.Unshareflags = syscall.CLONE_NEWPID, syscall.CLONE_NEWNS
	out, err := runGroup(ctx, args, env, &isolated)
	if errors.Is(err, syscall.EPERM) {
		out, err = runGroup(ctx, args, env, &plain)
	}
	return out, err
}

func runGroup(ctx context.Context, args, env []string, attr *syscall.SysProcAttr) ([]byte, error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = env, &out, &out, attr
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // for a grandchild that keeps our pipe open
	err := cmd.Run()
	return out.Bytes(), err
}
