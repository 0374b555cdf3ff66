package live

// Taken returns how many calls of a queue a member took, as its own counter must be: also those
// of which Asterisk has not told it yet.
func (m *Model) Taken(queue, iface string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.queues[queue].members[iface]
	return row.CallsTaken + row.ahead
}
