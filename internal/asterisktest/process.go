package asterisktest

import (
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A process is a running Asterisk. One goroutine starts it, waits for it and ends with
// it; that goroutine keeps its thread, because the kernel's death signal (see
// confinedAndTied) follows the thread.
type process struct {
	pid  int
	done chan struct{} // closed when the process has ended
	err  error         // how it ended, after done
}

func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// onExit calls f once when the process ends, unless stop is called before. stop waits
// for f.
func (p *process) onExit(f func(error)) (stop func()) {
	quit, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-p.done:
			f(p.err)
		case <-quit:
		}
	}()
	return func() { close(quit); <-finished }
}

// stop asks the process to end and waits; after the timeout it is killed.
func (p *process) stop(timeout time.Duration) {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.kill()
	}
}

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal does nothing to a process that has ended: its pid may be someone else's.
func (p *process) signal(sig syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(p.pid, sig) // it may have ended just now
	}
}
