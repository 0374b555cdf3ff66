package live

import "time"

// maxOwnAge is how long an id waits for its channel, which Asterisk makes while it
// answers the Originate.
const maxOwnAge = time.Minute

// Own says that what the channel of this Uniqueid does is done for this program: a
// listen-in by it is told with Ours set. It is called before the Originate that has the
// id as its ChannelId, or before a channel that lives is told to listen, and holds until
// that channel is gone. An id whose channel does not come is forgotten by and by.
func (m *Model) Own(uniqueid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	for id, at := range m.owned {
		if m.channels[id] == nil && now.Sub(at) > maxOwnAge {
			delete(m.owned, id)
		}
	}
	m.owned[uniqueid] = now
}
