package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// maxAside bounds the events put aside from the connect until the lists are in, and what is
// noted of others meanwhile when nobody asks for lists. They are of calls that were there
// before the connect.
const maxAside = 100_000

// maxFollowWait bounds how long Follow waits before it tries again.
const maxFollowWait = time.Minute

// Follow calls Resync after each connect that HandleState hears of, until ctx ends,
// and then returns its cause. A Resync that fails while the session is up is tried
// again after a second, and then less and less often, at least every minute.
func (m *Model) Follow(ctx context.Context, c *ami.Client) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-m.resync:
		}
		for wait := time.Second; ; wait = min(2*wait, maxFollowWait) {
			err := m.Resync(ctx, c)
			if err == nil || errors.Is(err, ami.ErrNotConnected) || ctx.Err() != nil {
				break
			}
			m.log.Warn("resync failed", "error", err)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-m.resync: // there is a new session
				wait = time.Second / 2
			case <-time.After(wait):
			}
		}
	}
}

// ErrResyncing means that a Resync was called while another one was running.
var ErrResyncing = errors.New("live: resync: another one is running")

// Resync asks Asterisk for all its lists and makes the picture whole: it adopts what
// lives, silently, and ends what is gone. Of what is configured (agents, devices,
// endpoints) it tells how it differs from before. What the manager user may not ask for,
// or no module answers, is logged and told by Parts; the rest goes on without. It blocks until the
// answers are in, and must not be called from Handle's goroutine, which has to read
// them. Events may come meanwhile. When it fails the picture is as it was, and
// Resync should be called again.
func (m *Model) Resync(ctx context.Context, c *ami.Client) error {
	session, err := m.beginSync()
	if err != nil {
		return err
	}
	lists, err := ask(ctx, c, m.now)

	m.mu.Lock()
	defer m.mu.Unlock()
	m.asking = false
	if m.session != session || !m.syncing { // the end of a session drops the notes
		return fmt.Errorf("live: resync: %w: the session changed", ami.ErrNotConnected)
	}
	if err != nil {
		m.dropNotes()
		return fmt.Errorf("live: resync: %w", err)
	}
	aside := m.aside.queue
	m.aside, m.syncing = forerunners{}, false
	m.apply(lists, aside)
	m.dropNotes()
	return nil
}

func (m *Model) beginSync() (session uint64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asking {
		return 0, ErrResyncing
	}
	m.asking, m.boot.amid = true, false
	if !m.syncing {
		m.takeNotes()
	}
	return m.session, nil
}

// takeNotes begins to note what events tell, for Resync: with the session, since Resync
// may begin a moment later.
func (m *Model) takeNotes() {
	m.syncing = true
	m.gone = gone{make(map[string]bool), make(map[string]bool)}
	m.touched = make(map[touch]struct{})
}

// gone are the Uniqueids of channels and visits that ended while the lists were under
// way. The lists may be older.
type gone struct{ channels, visits map[string]bool }

// touch names something that an event told of while the lists were under way. The events
// are right about it: of all that happens, none is missing, while a list may be older, or
// newer than events that are still to come.
type touch struct {
	kind kind
	id   string
}

// kind is what a touch is about.
type kind int

const (
	aBridge kind = iota
	aBridging
	anApp
	aMember
	aTalk
	aVisit
	aParking
	aConference
	aConferenceEnd
	aParticipant
	aDevice
	anEndpoint
	aContact
	aListenIn
)

// touch notes that an event told of something, be it for the second time.
func (m *Model) touch(k kind, id string) {
	if !m.syncing && !m.again || m.touched == nil {
		return
	}
	m.touched[touch{k, id}] = struct{}{}
	m.boundNotes()
}

// boundNotes drops the notes if there are many and nobody asks for lists.
func (m *Model) boundNotes() {
	if len(m.touched)+len(m.gone.channels) > maxAside && !m.asking {
		m.dropNotes()
	}
}

// dropNotes drops what the lists have told, or later ones will.
func (m *Model) dropNotes() {
	m.aside.keepUnlisted()
	m.touched, m.gone, m.syncing = nil, gone{}, false
	for _, q := range m.queues {
		q.lately = nil
	}
}

// touchMember notes that an event told of a member, or of the talk of one. That it is handled
// for the second time is too late: the lists of the queues are taken in before.
func (m *Model) touchMember(k kind, key memberKey) {
	if m.syncing {
		m.touch(k, key.String())
	}
}

// news reports whether what events tell of members and contacts is new: before the first lists
// are in, it may be long known to all others.
func (m *Model) news() bool { return m.known || !m.syncing }

// fresh reports whether no event told of something while the lists were under way.
func (m *Model) fresh(k kind, id string) bool {
	_, touched := m.touched[touch{k, id}]
	return !touched
}
