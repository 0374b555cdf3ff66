package agi

import (
	"context"
	"errors"
	"strings"
	"time"
)

// errNotAdopted is why a call that was found is refused.
var errNotAdopted = errors.New("agi: came unseen, and there is no handler for such calls")

// LinkUp looks for calls in AGI(agi:async) that nobody serves: they came before Serve
// or while the link was down, or a program that is gone left them there. They are
// given to the handler Adopted. Call it when the link is up, first and after each
// drop; a call of it before Serve is made up for by Serve. It does not block. It needs
// a Link that is an [AsyncLister] and does nothing with another one.
//
// Nobody can tell how far such a call had got before; what Adopted must know for that,
// a handler keeps in variables of the channel. The environment holds what the manager
// says of a channel: its name, type, id and language, the caller, the dialled number,
// the place in the dialplan, the account code and all arguments. What else there is, as
// [Env.Version] and [Env.RDNIS], is missing.
//
// A call that runs an application, by EXEC or GOSUB of a program that is gone, looks as
// if it were in that and is not found; it is once the application has ended. So LinkUp
// may be called again at any time.
func (srv *AsyncServer) LinkUp() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for _, c := range srv.calls {
		c.found()
	}
	switch {
	case srv.calls == nil:
		srv.unlisted = true
	case !srv.closed:
		srv.adopt()
	}
}

// adopt begins to look for calls. The caller holds mu.
func (srv *AsyncServer) adopt() {
	link, ok := srv.Link.(AsyncLister)
	if !ok {
		return
	}
	if srv.listing == 0 {
		srv.ended = make(map[string]bool)
	}
	srv.listing++
	srv.wg.Go(func() {
		channels, err := srv.list(link)
		srv.mu.Lock()
		defer srv.mu.Unlock()
		srv.listing--
		switch {
		case err == nil:
			srv.takeUnseen(channels)
		case srv.base.Err() == nil:
			srv.logger().Warn("calls in AGI(agi:async) not looked for", "error", err)
		}
	})
}

// list returns Asterisk's channels. Asterisk 16 says for a moment after AsyncAGIEnd that
// a channel still is in AGI(agi:async). So the ends of a while before are noted, too.
func (srv *AsyncServer) list(link AsyncLister) ([]AsyncEvent, error) {
	select {
	case <-time.After(asyncEndWait):
	case <-srv.base.Done():
		return nil, context.Cause(srv.base)
	}
	ctx, cancel := context.WithTimeout(srv.base, asyncSendTimeout)
	defer cancel()
	return link.List(ctx, "Status")
}

// takeUnseen takes the calls on that are in AGI(agi:async) and not known, and forgets
// those that have left without being seen to. The caller holds mu.
func (srv *AsyncServer) takeUnseen(channels []AsyncEvent) {
	there := make(map[string]bool)
	for _, e := range channels {
		if in, _ := asyncData(e); !in {
			continue
		}
		id := e.Get("Uniqueid")
		there[id] = true
		if srv.calls[id] != nil || srv.ended[id] {
			continue
		}
		c := newAsyncCall(srv.Link, e)
		c.adopted = true
		var refused error
		if srv.Adopted == nil {
			refused = errNotAdopted
		}
		srv.take(c, srv.Adopted, refused)
	}
	for id, c := range srv.calls {
		if c.hasLeft() && !there[id] {
			delete(srv.calls, id)
		}
	}
}

// asyncData reports whether an item of the list Status is a channel in AGI(agi:async),
// and returns what is in the parentheses.
func asyncData(e AsyncEvent) (in bool, args []string) {
	if e.Get("Application") != "AGI" {
		return false, nil
	}
	args = appArgs(e.Get("Data"))
	return len(args) > 0 && strings.HasPrefix(strings.ToLower(args[0]), "agi:async"), args
}
