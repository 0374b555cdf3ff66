package agi

// Stats counts what a server did since it was made. The numbers only grow, but for
// Active.
type Stats struct {
	Active   int    // calls being served now
	Accepted uint64 // connections that were taken on and are or were calls, or ended before
	Refused  uint64 // calls turned away: too many, from elsewhere, or during Shutdown
	Invalid  uint64 // connections that sent no proper environment, except those that sent none and closed
	Failed   uint64 // handlers that returned an error other than a hangup
	Panics   uint64 // handlers that panicked or ended their goroutine
}

// Stats returns the counters, for metrics.
func (srv *Server) Stats() Stats {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.stats
}

// Sessions returns the number of calls being served.
func (srv *Server) Sessions() int { return srv.Stats().Active }

// Refused returns the number of calls turned away so far.
func (srv *Server) Refused() uint64 { return srv.Stats().Refused }

func (srv *Server) count(add func(*Stats)) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	add(&srv.stats)
}
