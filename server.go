package pbxflow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/rules"
)

// Server answers calls with flows and events with rules. Make one with [New]. It
// cannot be started twice. All methods are safe for concurrent use.
//
// Its goroutines are the accept loop of the FastAGI listener with one for each
// call, those of each manager session, one for each running action of a rule, and one that
// watches the app's folder if pbxflow.yaml wants that.
// Shutdown waits for all of them.
type Server struct {
	options  Options
	fs       fs.FS
	verbs    *flows.Verbs
	settings app.Settings
	logger   hclog.Logger

	app    atomic.Pointer[app.App] // what new calls and events see
	flows  *flows.Engine
	rules  *rules.Engine
	agi    *agi.Server
	http   *http.Server
	pbxs   []*pbx
	traces traces
	visits visits

	background *flows.Background
	phones     *flows.Phones
	audit      *flows.Audit

	agiListener  net.Listener
	httpListener net.Listener // nil: none

	reloading sync.Mutex
	mu        sync.Mutex
	state     lifecycle
	links     context.Context // of the manager sessions and actions
	stop      context.CancelCauseFunc
	running   sync.WaitGroup
	serveErr  error         // why a listener ended before Shutdown
	failed    chan struct{} // closed when serveErr is set
	ended     chan struct{} // closed when Shutdown is done
}

type lifecycle int

const (
	created lifecycle = iota
	started
	stopped
)

// New loads the app and binds its listeners. It starts nothing. On an error
// nothing is left behind; mistakes in the app are [Problems].
func New(o Options) (*Server, error) {
	fsys, err := o.fs()
	if err != nil {
		return nil, err
	}
	verbs, err := o.verbs()
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, fs: fsys, verbs: verbs, failed: make(chan struct{}), ended: make(chan struct{})}
	loaded, problems := app.Load(s.fs, verbs)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if s.settings, err = loaded.Resolve(o.Dir, o.env()); err != nil {
		return nil, fmt.Errorf("pbxflow: %w", err)
	}
	s.logger = o.Logger
	if s.logger == nil {
		s.logger = hclog.New(&hclog.LoggerOptions{
			Name: "pbxflow", Level: hclog.LevelFromString(s.settings.LogLevel), JSONFormat: s.settings.LogJSON,
		})
	}
	s.logWarnings(problems)
	if err := s.openAudit(); err != nil {
		return nil, fmt.Errorf("pbxflow: cannot open the audit: %w", err)
	}
	s.wire(loaded)
	if err := s.listen(); err != nil {
		return nil, errors.Join(err, s.closeAudit())
	}
	return s, nil
}

// openAudit opens the audit at once where a file is named for it. The usual one is made
// when there is something to write.
func (s *Server) openAudit() error {
	name := cmp.Or(s.settings.AuditFile, filepath.Join(s.options.Dir, "audit.jsonl"))
	s.audit = flows.NewAudit(name)
	s.audit.OnTorn = func(file string) {
		s.logger.Warn("the last line of the audit was torn and lies beside now; the audit goes on", "audit", name, "torn", file)
	}
	if s.settings.AuditFile == "" {
		return nil
	}
	return s.audit.Open()
}

// closeAudit closes the audit, when nothing writes to it any more.
func (s *Server) closeAudit() error { return s.audit.Close() }

// wire builds the parts and connects them. It is one function on purpose: this is
// where one sees who talks to whom.
func (s *Server) wire(loaded *app.App) {
	s.links, s.stop = context.WithCancelCause(context.Background())
	s.app.Store(loaded)
	s.flows = &flows.Engine{
		Program: func() *flows.Program { return s.app.Load().Program },
		Logger:  s.logger.Named("flows"),
		HTTP:    s.options.HTTP,
		Notices: s.options.HTTP,
		OnTrace: s.callDone,
	}
	if s.flows.HTTP == nil {
		s.flows.HTTP, s.flows.Notices = s.settings.Outgoing.Client(), s.settings.Outgoing.NoticeClient()
	}
	// A rule's run is traced with the rule, not as a call.
	actions := &flows.Engine{Program: s.flows.Program, Logger: s.logger.Named("rules"), HTTP: s.flows.HTTP, Notices: s.flows.Notices}
	s.rules = &rules.Engine{Flows: actions, Logger: s.logger.Named("rules"), OnTrace: s.ruleDecided}
	s.rules.Load(loaded.Program, loaded.Rules)
	s.agi = &agi.Server{
		Handler: s.flows, Interrupt: s.flows.Interrupt, Logger: s.logger.Named("agi"), MaxSessions: s.settings.MaxSessions,
	}
	for _, a := range s.settings.Asterisk {
		s.pbxs = append(s.pbxs, newPBX(s, a, loaded.Trunks))
	}
	// Both engines are ready before Start; they read this when something runs.
	for _, p := range s.pbxs {
		s.flows.Servers = append(s.flows.Servers, flows.Server{Name: p.name, Manager: p.client, Live: p.model, AGI: s.reachedFrom(p.address), Outbound: p.outbound})
	}
	actions.Servers = s.flows.Servers
	s.background = flows.NewBackground(s.links)
	s.flows.Background, actions.Background = s.background, s.background
	s.phones = flows.NewPhones()
	s.flows.Phones, actions.Phones = s.phones, s.phones
	s.flows.Mail, actions.Mail = s.settings.Mail, s.settings.Mail
	s.flows.Audit, actions.Audit = s.audit, s.audit
	s.flows.Emit, actions.Emit = s.emit, s.emit
	s.flows.World, actions.World = world{s}, world{s}
	s.http = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
}

// Start begins to serve and returns at once. It fails when the server was
// started or shut down before, or when the app's folder is to be watched and cannot be.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != created {
		return errors.New("pbxflow: a server is started only once")
	}
	var watch func()
	if s.settings.Watch {
		var err error
		if watch, err = s.watch(s.links); err != nil {
			return fmt.Errorf("pbxflow: cannot watch the app's folder: %w", err)
		}
	}
	s.state = started
	s.running.Go(func() { s.served(s.agi.Serve(&watched{s.agiListener, s.served})) })
	if s.httpListener != nil {
		s.running.Go(func() { s.served(s.http.Serve(s.httpListener)) })
	}
	for _, p := range s.pbxs {
		p.start(s.links, &s.running)
	}
	if watch != nil {
		s.running.Go(watch)
	}
	loaded, web := s.app.Load(), "none"
	if s.httpListener != nil {
		web = s.HTTPAddr().String()
	}
	s.logger.Info("serving", "agi", s.AGIAddr().String(), "http", web, "revision", loaded.Revision,
		"flows", len(loaded.Program.Flows), "rules", len(loaded.Rules), "asterisk", len(s.pbxs))
	return nil
}

// served notes that a listener ended; unless it was told to, that ends Run.
func (s *Server) served(err error) {
	if errors.Is(err, agi.ErrServerClosed) || errors.Is(err, http.ErrServerClosed) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serveErr == nil && s.state != stopped {
		s.serveErr = err
		close(s.failed)
	}
}

// Run starts the server and serves until ctx ends; then it lets calls go on for
// Options.DrainTime and shuts down. It returns nil after an orderly end, also one
// by Shutdown, and an error when a listener broke.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Start(); err != nil {
		return err
	}
	var failure error
	select {
	case <-ctx.Done():
	case <-s.ended: // somebody called Shutdown
		return nil
	case <-s.failed:
		s.mu.Lock()
		failure = fmt.Errorf("pbxflow: %w", s.serveErr)
		s.mu.Unlock()
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.drainTime())
	defer cancel()
	err := s.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		s.logger.Warn("calls and actions were ended because they went on too long", "after", s.options.drainTime())
		err = nil
	}
	return errors.Join(failure, err)
}

// errShutdown is the cause of contexts that Shutdown ended.
var errShutdown = errors.New("pbxflow: the server is shutting down")

// Shutdown stops the server. New calls are refused at once, so that Asterisk goes
// on in the dialplan; running calls and actions may end until ctx does, and are
// then told to. It returns the cause of ctx when that was necessary, and nil when
// all ended by themselves. A server that was never started is only closed. Who calls
// it again waits for the first.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	before := s.state
	s.state = stopped
	s.mu.Unlock()
	switch before {
	case stopped:
		select {
		case <-s.ended:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case created:
		defer close(s.ended)
		err := s.agiListener.Close()
		if s.httpListener != nil {
			err = errors.Join(err, s.httpListener.Close())
		}
		s.stop(errShutdown)
		return errors.Join(err, s.closeAudit())
	}
	defer close(s.ended)
	s.logger.Info("shutting down", "calls", s.agi.Sessions())
	s.phones.Close() // who is called from now on would reach nobody
	err := s.agi.Shutdown(ctx)
	for _, p := range s.pbxs {
		p.close()
	}
	if waited := s.rules.Wait(ctx); err == nil {
		err = waited
	}
	if waited := s.background.Wait(ctx); err == nil {
		err = waited
	}
	s.stop(errShutdown)
	if closed := s.http.Shutdown(ctx); closed != nil {
		err = cmp.Or(err, closed, s.http.Close())
	}
	s.running.Wait()
	// Actions whose context has just ended are over soon; wait for the last.
	err = errors.Join(err, s.rules.Wait(context.WithoutCancel(ctx)))
	s.background.Close()
	if s.options.HTTP == nil {
		s.flows.HTTP.CloseIdleConnections() // nobody else has these clients
		s.flows.Notices.CloseIdleConnections()
	}
	return errors.Join(err, s.closeAudit())
}

func (s *Server) logWarnings(problems Problems) {
	for _, p := range problems {
		s.logger.Warn(p.Message, "id", p.ID, "at", p.Pos.String(), "suggestion", p.Suggestion)
	}
}
