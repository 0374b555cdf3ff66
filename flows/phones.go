package flows

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// Phones is where the calls that notices make come together again: a notice has Asterisk
// call somebody, and whoever answers arrives in a FastAGI session of its own. Make one
// with NewPhones, and give it to all engines that notify or serve calls. Its methods are
// safe for concurrent use.
type Phones struct {
	open  context.Context // until Close
	close context.CancelCauseFunc

	mu       sync.Mutex
	expected map[string]*visit
}

// NewPhones returns a Phones that expects nobody.
func NewPhones() *Phones {
	p := &Phones{expected: map[string]*visit{}}
	p.open, p.close = context.WithCancelCause(context.Background())
	return p
}

// errPhonesClosed is why nobody is called any more.
var errPhonesClosed = errors.New("the server is shutting down")

// Close says that nobody is to be called any more. Those who are listening may do so to
// the end.
func (p *Phones) Close() { p.close(errPhonesClosed) }

// visit is somebody who is called to be told something.
type visit struct {
	token   string
	message *message
	begun   chan struct{} // closed when the session is there
	ended   chan bool     // whether the message was acknowledged
}

// visitPath is the path of the sessions of those who were called. No flow has that name.
const visitPath = ".notice/"

func (p *Phones) expect(m *message) (*visit, error) {
	if p.open.Err() != nil {
		return nil, context.Cause(p.open)
	}
	v := &visit{token: rand.Text(), message: m, begun: make(chan struct{}), ended: make(chan bool, 1)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected[v.token] = v
	return v, nil
}

// take returns whoever is expected by that name, once.
func (p *Phones) take(token string) *visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.expected[token]
	delete(p.expected, token)
	return v
}

// message is what somebody is told on the phone.
type message struct {
	sounds []string
	say    sayStep
	said   string // "" for nothing
	ask    []string
	key    string
	repeat int
}

// keyTime is how long to wait for the key after the message.
const keyTime = 4 * time.Second

// serveVisit tells somebody who was called. ok is false when the session is no such one.
func (e *Engine) serveVisit(ctx context.Context, s *agi.Session) (ok bool, err error) {
	token, ok := strings.CutPrefix(strings.Trim(s.Env().Path(), "/"), visitPath)
	if !ok || e.Phones == nil {
		return false, nil
	}
	v := e.Phones.take(token)
	if v == nil {
		return true, errors.New("flows: nobody waits for this call any more")
	}
	close(v.begun)
	e.running.Add(1)
	defer e.running.Add(-1)
	c := e.newCall(e.Program(), nil)
	c.Session, c.info = s, newCallInfo(s, e.now())
	c.Logger = c.Logger.With("channel", c.info.Channel)
	acknowledged := false
	defer func() { v.ended <- acknowledged }() // also when telling panics
	acknowledged, err = v.message.tell(ctx, c)
	if errors.Is(err, agi.ErrHangup) {
		err = nil // the notice tells the log that nobody pressed the key
	}
	return true, err
}

// tell says the message until the key is pressed, or often enough.
func (m *message) tell(ctx context.Context, c *Call) (acknowledged bool, err error) {
	for range m.repeat {
		key, err := m.once(ctx, c)
		if err != nil || key == m.key {
			return key == m.key, err
		}
	}
	return false, nil
}

// once says the message, and returns the key that was pressed in it or behind it. What
// Asterisk cannot say is left out: the rest may be what counts.
func (m *message) once(ctx context.Context, c *Call) (key string, err error) {
	for _, sound := range m.sounds {
		if key, err = m.play(ctx, c, sound); err != nil || key != "" {
			return key, err
		}
	}
	if m.said != "" {
		key, err = m.say.say(ctx, c, m.said, m.key)
		switch {
		case isMissing(err):
			c.Logger.Warn("a sound is missing to say it", "said", m.said)
		case err != nil || key != "":
			return key, err
		}
	}
	for _, sound := range m.ask {
		if key, err = m.play(ctx, c, sound); err != nil || key != "" {
			return key, err
		}
	}
	return c.Session.WaitForDigit(ctx, keyTime)
}

func (m *message) play(ctx context.Context, c *Call, sound string) (key string, err error) {
	key, _, err = c.playFrom(ctx, sound, m.key, 0)
	if isMissing(err) {
		c.Logger.Warn("sound is missing", "sound", sound)
		return "", nil
	}
	return key, err
}
