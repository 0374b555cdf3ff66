package amitest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/terse"
)

// Patience is how long a script waits for an action.
const Patience = time.Minute

// Mismatch tells where a client left the script.
type Mismatch struct {
	Line    int    // the script's line, from 1
	Want    string // the action that the line asks for
	Got     string // the one that came, "" for none
	Problem string // what went wrong, in words
}

func (m *Mismatch) Error() string {
	text := fmt.Sprintf("amitest: script line %d: %s", m.Line, m.Problem)
	if m.Got != "" {
		text += "\n\t got: " + m.Got
	}
	return text + "\n\twant: " + m.Want
}

// Play plays a script, as the package's comment explains, and blocks until its end.
// The actions that the script names belong to it, and must come in its order; the
// server answers others, and logins, as usual. They wait while the script is not at a
// place for them.
//
// The error is a [*Mismatch] if other actions come or none do for [Patience], the
// cause of ctx if that ends first, or says what is wrong with the script. One script
// is played at a time.
func (s *Server) Play(ctx context.Context, script string) error {
	steps, err := parseScript(script)
	if err != nil {
		return err
	}
	p := &player{server: s, steps: steps, names: make(map[string]bool), taken: make(chan taken), over: make(chan struct{})}
	for _, st := range steps {
		if st.kind == expect {
			p.names[strings.ToLower(st.action.Name)] = true
		}
	}
	s.mu.Lock()
	busy := s.player != nil
	if !busy {
		s.player = p
	}
	s.mu.Unlock()
	if busy {
		return errors.New("amitest: a script is being played already")
	}
	defer func() {
		s.mu.Lock()
		s.player = nil
		s.mu.Unlock()
		close(p.over)
		p.release()
	}()
	return p.play(ctx)
}

// taken is an action that waits for the script to answer it.
type taken struct {
	conn   *conn
	action ami.Message
	done   chan struct{} // closed when the client's next action may come
}

// player is a script being played.
type player struct {
	server *Server
	steps  []step
	names  map[string]bool // actions of the script, in lower case
	taken  chan taken
	over   chan struct{} // closed at the end

	current taken // the action being answered; Play's goroutine only, as are the next
	held    bool  // its client waits for the end of the answer
	inList  bool
}

// answers hands an action over and waits for the end of its answer. It reports
// whether the script has answered.
func (p *player) answers(c *conn, action ami.Message) bool {
	if !p.names[strings.ToLower(action.Get("Action"))] {
		return false
	}
	t := taken{conn: c, action: action, done: make(chan struct{})}
	select {
	case p.taken <- t:
	case <-p.over:
		return false
	case <-c.gone:
		return true
	}
	select {
	case <-t.done:
	case <-c.gone:
	}
	return true
}

func (p *player) play(ctx context.Context) error {
	for _, s := range p.steps {
		var err error
		switch s.kind {
		case expect:
			err = p.expect(ctx, s)
		case silence:
			err = wait(ctx, s.wait)
		case control:
			p.server.drain(ctx)
			s.do(p.server)
		case message:
			p.send(s.pairs)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *player) expect(ctx context.Context, s step) error {
	p.release()
	want := terse.Format(s.action)
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	select {
	case p.current = <-p.taken:
		p.held = true
	case <-timeout.C:
		return &Mismatch{Line: s.line, Want: want, Problem: "no action came within " + Patience.String()}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if problem := s.mismatch(p.current.action); problem != "" {
		return &Mismatch{Line: s.line, Want: want, Got: written(p.current.action), Problem: problem}
	}
	return nil
}

// release lets the next action of the client come whose action was answered.
func (p *player) release() {
	if p.held {
		close(p.current.done)
	}
	p.held, p.inList = false, false
}

// send writes a message: answers and the items of a list to who asked, with the id of
// the action, events to all.
func (p *player) send(pairs []string) {
	id := ""
	if p.current.conn != nil {
		id = p.current.action.Get("ActionID")
	}
	m := ami.NewMessage(pairs...)
	if m.Get("ActionID") == "*" {
		pairs = append([]string(nil), pairs...)
		for i := 0; i < len(pairs); i += 2 {
			if strings.EqualFold(pairs[i], "ActionID") {
				pairs[i+1] = id
			}
		}
		m = ami.NewMessage(pairs...)
	}
	list := m.Get("EventList")
	switch {
	case strings.EqualFold(pairs[0], "Response"):
		p.current.conn.write(encode(m, id))
		if p.inList = strings.EqualFold(list, "start"); !p.inList {
			p.release()
		}
	case p.inList:
		p.current.conn.write(encode(m, id))
		if list != "" {
			p.release()
		}
	default:
		p.server.emit(m, encode(m, ""))
	}
}

// written is an action in the form of scripts, without its id.
func written(action ami.Message) string {
	a := ami.Action{}
	for name, value := range action.All() {
		switch {
		case strings.EqualFold(name, "Action"):
			a.Name = value
		case !strings.EqualFold(name, "ActionID"):
			a = a.With(name, value)
		}
	}
	return terse.Format(a)
}

// wait blocks for a time.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
