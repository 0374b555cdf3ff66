package amitest

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

// challenge is what the server sends to clients that log in by MD5.
const challenge = "161803398"

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

	mu       sync.Mutex // guards what follows
	listener net.Listener
	conns    map[*conn]bool
	answers  map[string]Responder // by action in lower case
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
		answers:  make(map[string]Responder),
		awaited:  make(map[int]bool),
		changed:  make(chan struct{}),
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
	c := &conn{
		Conn: nc, stalled: s.stalled,
		wake: make(chan struct{}, 1), gone: make(chan struct{}), actions: make(chan ami.Message, 1024),
	}
	s.conns[c] = true
	c.write([]byte("Asterisk Call Manager/11.0.0\r\n"))
	s.wg.Go(c.flush)
	s.wg.Go(func() { s.read(c) })
	s.wg.Go(func() {
		defer s.forget(c)
		s.answer(c)
	})
	return nil
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
	s.mu.Lock()
	responder, refusal := s.answers[name], s.refusal
	s.mu.Unlock()
	switch {
	case name == "challenge" && refusal == "":
		return one("Response", "Success", "Challenge", challenge)
	case name == "login" || name == "challenge":
		if refusal == "" && s.admits(action) {
			s.mu.Lock()
			c.loggedIn = true
			s.changedLocked()
			s.mu.Unlock()
			return one("Response", "Success", "Message", "Authentication accepted")
		}
		c.leaving = true
		return one("Response", "Error", "Message", orElse(refusal, "Authentication failed"))
	case name == "logoff":
		c.leaving = true
		return one("Response", "Goodbye", "Message", "Thanks for all the fish.")
	case !c.loggedIn:
		return one("Response", "Error", "Message", "Permission denied")
	case responder != nil:
		return responder(action)
	case name == "ping":
		return one("Response", "Success", "Ping", "Pong", "Timestamp", "0.000000")
	}
	return one("Response", "Error", "Message", "Invalid/unknown command: "+action.Get("Action")+". Use Action: ListCommands to show available commands.")
}

func (s *Server) admits(login ami.Message) bool {
	if login.Get("Username") != s.Username {
		return false
	}
	if key, ok := login.Lookup("Key"); ok {
		want := md5.Sum([]byte(challenge + s.Secret))
		return key == hex.EncodeToString(want[:])
	}
	return login.Get("Secret") == s.Secret
}

func one(pairs ...string) [][]string { return [][]string{pairs} }

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// encode writes a message, with the ActionID behind its first line if it has none.
func encode(m ami.Message, id string) []byte {
	_, has := m.Lookup("ActionID")
	var b bytes.Buffer
	for i := range m.Len() {
		f := m.At(i)
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
		if i == 0 && !has && id != "" {
			b.WriteString("ActionID: " + id + "\r\n")
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// conn is a client's connection. What is written is queued, and flush sends it.
type conn struct {
	net.Conn
	loggedIn bool // guarded by Server.mu
	leaving  bool // answer's goroutine only
	actions  chan ami.Message

	mu      sync.Mutex
	out     []byte
	stalled bool
	last    bool // close when out is empty
	wake    chan struct{}
	once    sync.Once
	gone    chan struct{}
}

func (c *conn) write(p []byte) {
	c.mu.Lock()
	c.out = append(c.out, p...)
	c.mu.Unlock()
	c.poke()
}

func (c *conn) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// finish closes once all is written, and waits for that.
func (c *conn) finish() {
	c.mu.Lock()
	c.last = true
	c.mu.Unlock()
	c.poke()
	<-c.gone
}

func (c *conn) drop() {
	c.once.Do(func() { close(c.gone) })
	c.Close()
}

// flush is the write goroutine.
func (c *conn) flush() {
	defer c.drop()
	for {
		c.mu.Lock()
		var p []byte
		if !c.stalled {
			p, c.out = c.out, nil
		}
		last := c.last && !c.stalled
		c.mu.Unlock()
		if len(p) > 0 {
			if _, err := c.Write(p); err != nil {
				return
			}
			continue
		}
		if last {
			return
		}
		select {
		case <-c.wake:
		case <-c.gone:
			return
		}
	}
}
