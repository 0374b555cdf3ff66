package agi

// event never blocks: it is called between two events.
func (srv *AsyncServer) event(e AsyncEvent) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	id := e.Get("Uniqueid")
	c := srv.calls[id]
	switch e.Name() {
	case "AsyncAGIStart":
		srv.start(c, e)
	case "AsyncAGIExec":
		if c != nil {
			c.reply(e.Get("CommandId"), e.Get("Result"))
		}
	case "AsyncAGIEnd", "Hangup":
		if srv.listing > 0 {
			srv.ended[id] = true
		}
		if c != nil {
			c.end()
			delete(srv.calls, id)
		}
	case "Rename":
		if c != nil {
			c.rename(e.Get("Newname"))
		}
	}
}

// start takes a call on whose last stay, if it had one and its end was not seen, is
// old. The caller holds mu.
func (srv *AsyncServer) start(old *asyncCall, e AsyncEvent) {
	switch {
	case old == nil:
	case old.adopted:
		old.adopted = false // the list was faster than the event
		return
	default:
		old.end() // that event got lost with the link
	}
	srv.take(newAsyncCall(srv.Link, e), srv.Handler, nil)
}

// take serves a call, or gives it back when refused says why. The caller holds mu.
func (srv *AsyncServer) take(c *asyncCall, h Handler, refused error) {
	switch {
	case srv.closed:
		// Like the calls that come after Serve: nobody answers them.
		srv.logger().Warn("call not taken", "channel", c.channel, "error", ErrServerClosed)
		return
	case srv.closing:
		refused = ErrServerClosed
	case refused == nil && srv.MaxSessions > 0 && srv.active >= srv.MaxSessions:
		refused = errFull
	}
	srv.calls[c.id] = c
	if refused != nil {
		srv.logger().Warn("call refused", "channel", c.channel, "error", refused)
		srv.wg.Go(func() { srv.giveBack(c) })
		return
	}
	srv.active++
	srv.open[c] = struct{}{}
	srv.wg.Go(func() {
		defer srv.remove(c)
		defer srv.giveBack(c) // even if the handler ends its goroutine
		srv.serve(c, h)
	})
}

func (srv *AsyncServer) serve(c *asyncCall, h Handler) {
	defer func() {
		srv.mu.Lock()
		srv.active--
		srv.mu.Unlock()
	}()
	s := newSession(srv.base, c, srv.sessionOptions())
	defer s.cancel(ErrClosed)
	if err := s.open(0); err != nil {
		srv.logger().Warn("no environment", "error", err)
		return
	}
	defer func() { _ = s.Close() }() // an asyncCall closes without error
	runner := &Server{Handler: h, Logger: srv.Logger}
	_ = runner.handle(s) // which has logged the error
}

func (srv *AsyncServer) sessionOptions() SessionOptions {
	return SessionOptions{
		MaxLine: asyncMaxLine, ReplyTimeout: srv.ReplyTimeout, Interrupt: srv.Interrupt,
		Debug: lockedBy(&srv.debugging, srv.Debug), Secret: srv.Secret, unstoppable: true,
	}
}

// giveBack lets the dialplan go on. The call is known until AsyncAGIEnd tells that it
// does: it may have to wait for the end of a prompt.
func (srv *AsyncServer) giveBack(c *asyncCall) {
	err := c.leave()
	if err == nil {
		return
	}
	srv.logger().Warn("call not given back", "channel", c.name(), "error", err)
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.calls[c.id] == c { // the channel may be in AGI(agi:async) again already
		delete(srv.calls, c.id)
	}
}

// remove tells who drains the server that one call less is open.
func (srv *AsyncServer) remove(c *asyncCall) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.open, c)
	if srv.closing && len(srv.open) == 0 {
		close(srv.drained)
	}
}
