package amitest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

// Responder answers an action: each message is the names and values of one message,
// in turn. The server adds the ActionID to those that have none. No messages at all
// is no answer. It may block: only that client waits.
type Responder func(action ami.Message) [][]string

// Server is a manager in memory. Make one with New or Start. All methods may be
// called concurrently.
//
// Goroutines: one that accepts, after Listen, and three for each connection. Close
// ends them and waits.
type Server struct {
	// Username and Secret are those a client must log in with. They may be changed
	// before the first client comes.
	Username, Secret string

	// Version is the Asterisk that the server plays. It may be changed before the
	// first client comes, as may the next.
	Version Version

	// AuthLimit is how many connections that are not logged in may stand at once. One
	// more is closed without a greeting. 0 means 50.
	AuthLimit int

	mu       sync.Mutex // guards what follows
	listener net.Listener
	conns    map[*conn]bool
	users    map[string]User
	answers  map[string]Responder // by action in lower case
	commands map[string]string    // output by command
	player   *player              // nil when no script is played
	pace     pace
	received []ami.Message
	awaited  map[int]bool  // indexes in received that Await has returned
	changed  chan struct{} // closed and replaced when received or conns change
	refusal  string
	down     bool // refuse connections
	stalled  bool
	closed   bool
	wg       sync.WaitGroup
}

// New returns a Server that nobody can reach but by Dial.
func New() *Server {
	return &Server{
		Username: "pbxflow",
		Secret:   "secret",
		conns:    make(map[*conn]bool),
		users:    make(map[string]User),
		answers:  make(map[string]Responder),
		commands: map[string]string{ // by which ami.Client.Identity knows one
			"core show settings": "PBX Core settings\n  PBX UUID:                    73f5773d-f905-4d1a-9a94-0d1b0f7a2c11",
			"core show threads":  "0x7f9eddac66c0 12112 listener             started at [ 1654] asterisk.c ast_makesocket()\n1 threads listed.",
		},
		awaited: make(map[int]bool),
		changed: make(chan struct{}),
	}
}

// Start returns a Server that t's end closes.
func Start(t testing.TB) *Server {
	t.Helper()
	s := New()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Listen makes the server reachable over TCP, on a free port of the loopback, and
// returns its address.
func (s *Server) Listen() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.listener != nil {
		l.Close()
		return "", errors.New("amitest: closed, or listening already")
	}
	s.listener = l
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // Close closed it
			}
			if s.serve(c) != nil {
				c.Close()
			}
		}
	})
	return l.Addr().String(), nil
}

// Addr returns the address of Listen, or a name for Dial.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return "amitest:5038"
	}
	return s.listener.Addr().String()
}

// Dial connects to the server in memory; it is the Dial of ami.Options.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, server := net.Pipe()
	if err := s.serve(server); err != nil {
		client.Close()
		server.Close()
		return nil, err
	}
	return client, nil
}

// serve starts the goroutines of a connection.
func (s *Server) serve(nc net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.down {
		return errors.New("amitest: connection refused")
	}
	if s.strangersLocked() >= s.authLimit() {
		nc.Close()
		return nil
	}
	c := &conn{
		Conn: nc, server: s, stalled: s.stalled, written: make(chan struct{}),
		wake: make(chan struct{}, 1), gone: make(chan struct{}), actions: make(chan ami.Message, 1024),
	}
	s.conns[c] = true
	c.write([]byte(s.Version.banner()))
	s.wg.Go(c.flush)
	s.wg.Go(func() { s.read(c) })
	s.wg.Go(func() {
		defer s.forget(c)
		s.answer(c)
	})
	return nil
}

func (s *Server) authLimit() int {
	if s.AuthLimit > 0 {
		return s.AuthLimit
	}
	return 50
}

// strangersLocked counts the connections that are not logged in.
func (s *Server) strangersLocked() int {
	n := 0
	for c := range s.conns {
		if c.user == nil {
			n++
		}
	}
	return n
}

func (s *Server) forget(c *conn) {
	c.drop()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.changedLocked()
}

func (s *Server) changedLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// read takes a client's actions until it leaves. They queue up behind one that is
// being answered, as in the buffers of TCP.
func (s *Server) read(c *conn) {
	defer close(c.actions)
	r := ami.NewReader(c)
	for {
		action, err := r.ReadMessage()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.received = append(s.received, action)
		s.changedLocked()
		s.mu.Unlock()
		select {
		case c.actions <- action:
		case <-c.gone:
			return
		}
	}
}

// answer answers a client's actions one after the other.
func (s *Server) answer(c *conn) {
	for action := range c.actions {
		for _, m := range s.respond(c, action) {
			c.write(encode(ami.NewMessage(m...), action.Get("ActionID")))
		}
		if c.leaving {
			c.finish()
			return
		}
	}
}

// respond finds the answer to an action.
func (s *Server) respond(c *conn, action ami.Message) [][]string {
	name := strings.ToLower(action.Get("Action"))
	switch name {
	case "":
		return failure("Missing action in request")
	case "login", "challenge":
		return s.login(c, action)
	case "logoff":
		c.leaving = true
		return one("Response", "Goodbye", "Message", "Thanks for all the fish.")
	}
	s.mu.Lock()
	responder, player := s.answers[name], s.player
	s.mu.Unlock()
	switch {
	case c.user == nil, !c.user.may(name):
		return failure("Permission denied")
	case player != nil && player.answers(c, action):
		return nil
	case responder != nil:
		return responder(action)
	}
	switch name {
	case "ping":
		return one("Response", "Success", "Ping", "Pong", "Timestamp", "0.000000")
	case "events":
		return s.setEvents(c, action)
	case "filter":
		return s.addFilter(c, action)
	case "command":
		return s.command(action.Get("Command"))
	}
	return failure("Invalid/unknown command: " + action.Get("Action") + ". Use Action: ListCommands to show available commands.")
}

func one(pairs ...string) [][]string { return [][]string{pairs} }

func failure(words string) [][]string { return one("Response", "Error", "Message", words) }

// encode writes a message, with the ActionID behind its first line if it has none.
func encode(m ami.Message, id string) []byte {
	_, has := m.Lookup("ActionID")
	var b bytes.Buffer
	for i := range m.Len() {
		f := m.At(i)
		if f.Name != "" {
			b.WriteString(f.Name + ": ")
		}
		b.WriteString(f.Value + "\r\n")
		if i == 0 && !has && id != "" {
			b.WriteString("ActionID: " + id + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
