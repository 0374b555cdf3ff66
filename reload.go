package pbxflow

import (
	"fmt"
	"slices"

	"github.com/pbxflow/pbxflow/internal/app"
)

// Reload reads the app again and puts it into force: all of it, or nothing. Calls
// that run keep what they began with; rules whose trigger did not change keep
// their state. Mistakes in the app are [Problems], and then nothing has changed.
//
// Listeners, Asterisk servers and trunks are read at the start only; a change of
// them is logged and waits for the next start.
func (s *Server) Reload() error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	loaded, problems := app.Load(s.fs, s.verbs)
	if err := problems.Err(); err != nil {
		return err
	}
	settings, err := loaded.Resolve(s.options.env())
	if err != nil {
		return fmt.Errorf("pbxflow: %w", err)
	}
	s.logWarnings(problems)
	before := s.app.Load()
	if settings.AGIListen != s.settings.AGIListen || settings.HTTPListen != s.settings.HTTPListen ||
		settings.MaxSessions != s.settings.MaxSessions || !slices.Equal(settings.Asterisk, s.settings.Asterisk) ||
		!slices.Equal(loaded.Trunks, before.Trunks) {
		s.logger.Warn("changes to listeners, Asterisk servers and trunks take effect at the next start")
	}
	s.app.Store(loaded)
	s.rules.Load(loaded.Program, loaded.Rules)
	for _, p := range s.pbxs {
		p.want(s.rules.Events())
	}
	s.logger.Info("reloaded", "revision", loaded.Revision, "before", before.Revision,
		"flows", len(loaded.Program.Flows), "rules", len(loaded.Rules))
	return nil
}
