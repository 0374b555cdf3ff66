package agi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// ErrNoRoute says that no pattern of a [Mux] matches a call's path.
var ErrNoRoute = errors.New("agi: no handler for the path")

// Mux is a Handler that chooses another one by the path of the URL in the
// dialplan, [Env.Path]. A pattern is the path itself, as in "/support", or ends
// with a slash and stands for all paths below, as in "/menus/"; "/" stands for
// any. The longest pattern that matches wins. A call that none matches fails with
// [ErrNoRoute], so its dialplan goes on with AGISTATUS=FAILURE.
//
// The zero Mux is ready to use. Its methods are safe for concurrent use.
type Mux struct {
	mu       sync.RWMutex
	handlers map[string]Handler
}

// Handle adds a handler for a pattern. It panics if the pattern has no leading
// slash, is there already, or the handler is nil: mistakes in the program.
func (m *Mux) Handle(pattern string, h Handler) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !strings.HasPrefix(pattern, "/") || h == nil || m.handlers[pattern] != nil {
		panic(fmt.Sprintf("agi: bad or repeated pattern %q, or no handler for it", pattern))
	}
	if m.handlers == nil {
		m.handlers = make(map[string]Handler)
	}
	m.handlers[pattern] = h
}

// HandleFunc adds a function for a pattern, like Handle.
func (m *Mux) HandleFunc(pattern string, f func(ctx context.Context, s *Session) error) {
	m.Handle(pattern, HandlerFunc(f))
}

// ServeAGI gives the call to the handler for its path.
func (m *Mux) ServeAGI(ctx context.Context, s *Session) error {
	path := s.env.Path()
	h := m.handler(path)
	if h == nil {
		return fmt.Errorf("%w %q", ErrNoRoute, path)
	}
	return h.ServeAGI(ctx, s)
}

// handler returns the handler with the longest pattern that matches, nil if none
// does.
func (m *Mux) handler(path string) Handler {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if h := m.handlers[path]; h != nil {
		return h
	}
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] != '/' {
			continue
		}
		if h := m.handlers[path[:i+1]]; h != nil {
			return h
		}
	}
	return nil
}
