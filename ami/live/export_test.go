package live

// Taken returns how many calls of a queue a member took, as its own counter must be: also those
// of which Asterisk has not told it yet.
func (m *Model) Taken(queue, iface string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.queues[queue].members[iface]
	return row.CallsTaken + row.ahead
}

// Notes returns how many things are noted for the lists to come.
func (m *Model) Notes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.aside.queue) + len(m.touched) + len(m.gone.channels) + len(m.gone.visits)
	for _, q := range m.queues {
		n += len(q.lately)
	}
	return n
}
