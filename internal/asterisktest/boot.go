package asterisktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	bootAttempts = 5                // other ports each time
	bootTimeout  = 60 * time.Second // a loaded machine is slow; nothing waits this long when all is well
	stopTimeout  = 10 * time.Second // then it is killed
)

// errPortTaken says that somebody took a port between our choice and Asterisk's bind.
var errPortTaken = errors.New("a port is taken")

// Boot starts an Asterisk with ports and folders of its own and returns when it has
// fully booted, within a few seconds. It ends when ctx does only while it boots: after
// that the instance lives until Stop or the end of this process. On error nothing is left.
func Boot(ctx context.Context, t *Tree, cfg Config) (*Instance, error) {
	modules, err := modulesDir(t)
	if err != nil {
		return nil, err
	}
	name, owner, err := t.newInstanceFolder(ctx, nil)
	if err != nil {
		return nil, err
	}
	inst := &Instance{
		Version:   t.Version,
		AMIUser:   "test",
		AMISecret: rand.Text(),
		tree:      t,
		cfg:       cfg,
		owner:     owner,
		dir:       filepath.Join(t.Root, instancesPath, name),
		settings: settings{
			Dir:           filepath.Join(instancesPath, name),
			Modules:       modules,
			HarnessSecret: rand.Text(),
			Read:          cfg.ManagerRead,
			Write:         cfg.ManagerWrite,
			Dialplan:      cfg.Dialplan,
			Queues:        cfg.Queues,
		},
	}
	inst.settings.User, inst.settings.Secret = inst.AMIUser, inst.AMISecret
	inst.SoundsDir = filepath.Join(inst.dir, "data/sounds")
	inst.SpoolDir = filepath.Join(inst.dir, "spool")

	for range bootAttempts {
		if err = inst.choosePorts(); err != nil {
			break
		}
		if err = inst.start(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("asterisktest: boot %v: %w", t.Version, err), inst.Stop())
	}
	return inst, nil
}

// choosePorts picks ports and writes the configuration that names them.
func (i *Instance) choosePorts() error {
	p, err := freePorts()
	if err != nil {
		return err
	}
	i.AMI, i.HTTP, i.SIP = loopback(p.AMI), loopback(p.HTTP), loopback(p.SIP)
	i.settings.Ports = p
	return writeConfig(i.tree, i.dir, i.cfg, i.settings)
}

// start runs the process and waits until it has fully booted. It leaves no process
// behind when it fails.
func (i *Instance) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bootTimeout, fmt.Errorf("not up within %v", bootTimeout))
	defer cancel()
	logged := len(i.Log())
	proc, err := i.spawn()
	if err != nil {
		return err
	}
	i.proc = proc
	err = i.ready(ctx)
	log := i.Log()[logged:]
	if strings.Contains(log, "Address already in use") || strings.Contains(log, "EADDRINUSE") {
		err = errPortTaken
	}
	if err == nil {
		return nil
	}
	i.proc.kill()
	if errors.Is(err, errPortTaken) {
		return err
	}
	return fmt.Errorf("%w; its log ends:\n%s", err, tail(log, 20))
}

func (i *Instance) spawn() (*process, error) {
	out, err := os.OpenFile(i.logPath("output"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // the child has its own
	// Sound is made in real time: on a busy machine callers would hear gaps. Where that is
	// not permitted, nice says so in the log and goes on.
	cmd := exec.Command("/usr/bin/nice", "-n", "-15", asteriskPath, "-C", i.configPath(), "-f", "-n")
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/root"}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = confinedAndTied(i.tree.Root)
	return startProcess(cmd)
}

// ready waits for the manager to answer and for the event FullyBooted, which comes when
// it happens, or at login when it has happened.
func (i *Instance) ready(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopWatching := i.proc.onExit(func(err error) { cancel(fmt.Errorf("asterisk ended: %w", err)) })
	defer stopWatching()

	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := i.dialHarness(ctx)
		if err == nil {
			err = m.waitEvent(ctx, "FullyBooted")
			return errors.Join(err, m.close())
		}
		if errors.Is(err, errLoginRefused) {
			return errPortTaken // somebody else's manager: ours knows the secret
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
