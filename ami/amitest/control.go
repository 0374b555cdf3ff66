package amitest

import (
	"context"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// Answer lays down the answer to an action: one message, by names and values in
// turn. It replaces an earlier one.
func (s *Server) Answer(action string, pairs ...string) {
	s.Respond(action, func(ami.Message) [][]string { return [][]string{pairs} })
}

// AnswerList lays down a list as the answer to an action: each item is an event, by
// names and values in turn, the event's name first: {"Event", "CoreShowChannel", …}.
func (s *Server) AnswerList(action string, items ...[]string) {
	s.Respond(action, func(ami.Message) [][]string { return List(action, items...) })
}

// List returns the messages of a list, for a Responder.
func List(action string, items ...[]string) [][]string {
	messages := [][]string{{"Response", "Success", "EventList", "start", "Message", "A listing will follow"}}
	messages = append(messages, items...)
	return append(messages, []string{"Event", action + "Complete", "EventList", "Complete", "ListItems", strconv.Itoa(len(items))})
}

// Respond lays down how an action is answered; nil takes it back.
func (s *Server) Respond(action string, r Responder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[strings.ToLower(action)] = r
}

// Emit sends an event to every client that is logged in and wants it: a header
// Privilege says which right it needs ("call,all"), without one all may read it.
func (s *Server) Emit(name string, pairs ...string) {
	s.EmitEvent(ami.NewEvent(name, pairs...))
}

// EmitEvent sends an event, such as one of a capture.
func (s *Server) EmitEvent(e ami.Event) {
	s.emit(e.Message, encode(e.Message, ""))
}

func (s *Server) emit(m ami.Message, text []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.wants(m) {
			c.write(text)
		}
	}
}

// Write sends text as it is to every client that is logged in: half messages, forged
// ones, any bytes.
func (s *Server) Write(text string) {
	for _, c := range s.clients() {
		c.write([]byte(text))
	}
}

func (s *Server) clients() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	var clients []*conn
	for c := range s.conns {
		if c.user != nil {
			clients = append(clients, c)
		}
	}
	return clients
}

// Clients returns how many clients are logged in.
func (s *Server) Clients() int { return len(s.clients()) }

// Drop cuts all connections, as a crash or a network fault does. What was written
// and not yet read may be lost.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.drop()
	}
}

// Stall stops all writing, to present and coming clients, until Resume: the peer is
// dead, though the connection stands. Actions are still taken.
func (s *Server) Stall() { s.stall(true) }

// Resume sends all that Stall held back, and goes on.
func (s *Server) Resume() { s.stall(false) }

func (s *Server) stall(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = on
	for c := range s.conns {
		c.mu.Lock()
		c.stalled = on
		c.mu.Unlock()
		c.poke()
	}
}

// Refuse makes logins fail with these words; none lets them in again.
func (s *Server) Refuse(words string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = words
}

// Down makes the server refuse connections, or accept them again. It cuts none.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Received returns the actions that came, logins included, in order.
func (s *Server) Received() []ami.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]ami.Message(nil), s.received...)
}

// Await blocks until an action of that name has come since the last call of Await
// for it, or ctx ends, and returns it.
func (s *Server) Await(ctx context.Context, action string) (ami.Message, error) {
	for {
		s.mu.Lock()
		changed := s.changed
		for i, m := range s.received {
			if strings.EqualFold(m.Get("Action"), action) && !s.awaited[i] {
				s.awaited[i] = true
				s.mu.Unlock()
				return m, nil
			}
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ami.Message{}, context.Cause(ctx)
		}
	}
}

// AwaitClients blocks until n clients are logged in, or ctx ends.
func (s *Server) AwaitClients(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if s.Clients() == n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// AwaitWanted blocks until a client gets events like this one, as its rights, its mask
// and its filters are, or ctx ends. An action that [Server.Await] returned may not have
// been answered yet, and so not count.
func (s *Server) AwaitWanted(ctx context.Context, e ami.Event) error {
	for {
		s.mu.Lock()
		changed := s.changed
		for c := range s.conns {
			if c.wants(e.Message) {
				s.mu.Unlock()
				return nil
			}
		}
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Close ends the server and all connections and waits for its goroutines. Closing
// twice is harmless.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	if s.listener != nil {
		s.listener.Close()
	}
	for c := range s.conns {
		c.drop()
	}
	s.mu.Unlock()
	s.wg.Wait()
	return nil
}
