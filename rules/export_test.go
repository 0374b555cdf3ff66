package rules

// Remembered returns how many cases of a rule the engine remembers.
func Remembered(e *Engine, rule string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.set.Load().states[rule].quiet)
}
