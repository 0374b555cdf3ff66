package pbxflow

import (
	"fmt"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/internal/app"
)

// Reload reads the app again and puts it into force: all of it, or nothing. Calls
// that run keep what they began with; rules whose trigger did not change keep
// their state. Mistakes in the app are [Problems], and then nothing has changed.
//
// When pbxflow.yaml says so under reload, calls of older revisions are given back after a
// time, as [Server.Drain] does.
//
// Listeners, Asterisk servers, trunks, whom http may ask and whether files are watched are
// read at the start only; a change of them is logged and waits for the next start.
func (s *Server) Reload() error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	loaded, problems := app.Load(s.fs, s.verbs)
	if err := problems.Err(); err != nil {
		return err
	}
	settings, err := loaded.Resolve(s.options.Dir, s.options.env())
	if err != nil {
		return fmt.Errorf("pbxflow: %w", err)
	}
	s.logWarnings(problems)
	before := s.app.Load()
	if settings.AGIListen != s.settings.AGIListen || settings.HTTPListen != s.settings.HTTPListen ||
		settings.MaxSessions != s.settings.MaxSessions || settings.Watch != s.settings.Watch || !slices.EqualFunc(settings.Asterisk, s.settings.Asterisk, app.Asterisk.Equal) ||
		!slices.Equal(loaded.Trunks, before.Trunks) || !app.SameOutgoing(settings.Outgoing, s.settings.Outgoing) {
		s.logger.Warn("changes to listeners, Asterisk servers, trunks, outgoing and reload.watch take effect at the next start")
	}
	s.app.Store(loaded)
	s.rules.Load(loaded.Program, loaded.Rules)
	for _, p := range s.pbxs {
		p.want(s.rules.Events())
	}
	s.logger.Info("reloaded", "revision", loaded.Revision, "before", before.Revision,
		"flows", len(loaded.Program.Flows), "rules", len(loaded.Rules), "calls", s.flows.Revisions())
	if settings.Drain > 0 {
		s.Drain(settings.Drain)
	}
	return nil
}

// Drain gives the calls that run with an older revision than the one in force back to
// the dialplan, once that time has passed: at the next border of a step, with the channel
// variable FLOWSTATUS set to DRAINED, after the flow's finally. It returns at once, with
// the number of those calls.
func (s *Server) Drain(after time.Duration) int {
	calls := s.flows.Retire(s.app.Load().Program, time.Now().Add(after))
	if calls > 0 {
		s.logger.Info("calls of older revisions are given back", "calls", calls, "after", after)
	}
	return calls
}
