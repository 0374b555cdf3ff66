package pbxflow

// LogWarnings logs problems as New and Reload do.
func (s *Server) LogWarnings(problems Problems) { s.logWarnings(problems) }
