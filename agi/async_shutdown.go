package agi

import (
	"context"
	"sync"
	"time"
)

// Shutdown stops the server without cutting calls off. Calls that come from now on go
// back to the dialplan at once, and Shutdown waits until those being served are over.
// When ctx ends first it ends the contexts of the calls with [ErrServerClosed], waits
// up to 5 seconds more for their handlers to clean up, gives what is left back to the
// dialplan and returns the context's cause. Serve returns afterwards; the link must
// work until it has.
func (srv *AsyncServer) Shutdown(ctx context.Context) error {
	drained := srv.close()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
	}
	srv.stopCalls()
	grace := time.NewTimer(shutdownGrace)
	defer grace.Stop()
	select {
	case <-drained:
	case <-grace.C:
		select {
		case <-srv.closeCalls():
		case <-time.After(asyncEndWait):
		}
	}
	return context.Cause(ctx)
}

// Close stops the server at once: it ends the contexts of all calls with
// [ErrServerClosed] and gives them back to the dialplan, where they go on once the
// command that runs is over. It does not wait for that, nor for handlers; a Shutdown
// after it does, and so does Serve. The error is nil.
func (srv *AsyncServer) Close() error {
	srv.close()
	srv.stopCalls()
	srv.closeCalls()
	return nil
}

// close refuses everything that is new and returns a channel that is closed once no
// call is open.
func (srv *AsyncServer) close() <-chan struct{} {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.initLocked()
	if !srv.closing {
		srv.closing = true
		if len(srv.open) == 0 {
			close(srv.drained)
		}
	}
	return srv.drained
}

func (srv *AsyncServer) stopCalls() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.stop != nil {
		srv.stop(ErrServerClosed)
	}
}

// closeCalls gives back the calls whose handlers do not return, and returns a channel
// that is closed once that is done.
func (srv *AsyncServer) closeCalls() <-chan struct{} {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	given := make(chan struct{})
	if len(srv.open) == 0 {
		close(given)
		return given
	}
	var leaving sync.WaitGroup
	for c := range srv.open {
		_ = c.Close() // which has no error
		leaving.Go(func() { srv.giveBack(c) })
	}
	srv.wg.Go(func() {
		leaving.Wait()
		close(given)
	})
	return given
}

func (srv *AsyncServer) isClosing() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.closing
}

// initLocked makes what the zero AsyncServer lacks.
func (srv *AsyncServer) initLocked() {
	if srv.drained == nil {
		srv.drained = make(chan struct{})
	}
}
