package soak

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

// scene is the example at work, and the record of what it does.
type scene struct {
	t        *testing.T
	form     form
	listener net.Listener
	pbx      *asterisktest.Instance
	office   *stage.Office
	author   *author
	meter    *meter
	traces   string        // the folder with the traces of calls
	dialling chan struct{} // holds one for each call that is being made
	server   *pbxflow.Server
	stop     func()

	mu      sync.Mutex
	ended   map[string]chan struct{} // by caller; closed with the first trace
	calls   map[string][]call        // by caller
	fired   map[string]int           // how often missed-call acted, by caller
	notices map[string]int           // how often the office was told, by caller
	log     complaints
}

// setScene brings up Asterisk and writes the app.
func setScene(t *testing.T, f form, start func(asterisktest.Config) *asterisktest.Instance) *scene {
	t.Helper()
	// Asterisk refuses manager sessions when 50 of them are not logged in yet.
	s := &scene{
		t: t, form: f, meter: &meter{}, traces: t.TempDir(), dialling: make(chan struct{}, 20), ended: map[string]chan struct{}{}, calls: map[string][]call{},
		fired: map[string]int{}, notices: map[string]int{},
	}
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	config, err := stage.Config(s.listener.Addr().String(), dialplan)
	if err != nil {
		t.Fatal(err)
	}
	config.Queues, config.Files = crowded(config.Queues), map[string]string{"logger.conf": logger}
	s.pbx = start(config)
	s.openOffice()
	dir := t.TempDir()
	if err := stage.WriteApp(dir, stage.Addresses{
		AGI: s.listener.Addr().String(), HTTP: "127.0.0.1:0", AMI: s.pbx.AMI, User: s.pbx.AMIUser, Office: s.office.Addr(),
	}, nil); err != nil {
		t.Fatal(err)
	}
	s.author = newAuthor(t, dir, f)
	s.author.reload = s.reload
	return s
}

// openOffice opens the office and notes whom its notices are about.
func (s *scene) openOffice() {
	var err error
	if s.office, err = stage.OpenOffice(); err != nil {
		s.t.Fatal(err)
	}
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case n := <-s.office.Notices:
				caller, _, _ := strings.Cut(n.Text, " ")
				s.mu.Lock()
				s.notices[n.Rule+" "+caller]++
				s.mu.Unlock()
			case <-over:
				return
			}
		}
	}()
	s.t.Cleanup(func() {
		if err := s.office.Close(); err != nil {
			s.t.Error(err)
		}
		close(over)
		<-done
	})
}

// serve starts the server and waits for its manager session; stop ends it.
func (s *scene) serve() {
	s.t.Helper()
	var err error
	s.server, err = pbxflow.New(pbxflow.Options{
		Dir: s.author.dir, AGIListener: s.listener, Env: map[string]string{"AMI_SECRET": s.pbx.AMISecret},
		Logger: hclog.New(&hclog.LoggerOptions{Output: &s.log, Level: hclog.Warn}),
		OnCall: s.noteCall, OnRule: s.noteRule,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.author.begin(s.status().Revision)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.server.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("the server ended with %v", err)
		}
	})
	s.t.Cleanup(s.stop)
	patience, enough := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer enough()
	s.await(patience, "a manager session", func() bool { return s.status().Asterisk[0].Connected })
}

// status is what the test reads of /status.
type status struct {
	Revision  string         `json:"revision"`
	Calls     int            `json:"calls"`
	Revisions map[string]int `json:"revisions"`
	Refused   uint64         `json:"refused"`
	Asterisk  []struct {
		Connected bool   `json:"connected"`
		Calls     int    `json:"calls"`
		Lost      uint64 `json:"lost"`
	} `json:"asterisk"`
}

func (s *scene) status() (st status) {
	s.get("/status", &st)
	return st
}

// get asks the server's HTTP interface.
func (s *scene) get(path string, to any) {
	answer := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
	if err := json.Unmarshal(answer.Body.Bytes(), to); err != nil {
		s.t.Errorf("%s: %v", path, err)
	}
}

// reload does what the author wants, and reads what people do then.
func (s *scene) reload() (revision string, err error) {
	err = s.server.Reload()
	for _, path := range []string{"/calls", "/traces/calls", "/traces/rules"} {
		var list []any
		s.get(path, &list)
	}
	return s.status().Revision, err
}

// await waits until something is so, by asking every now and then.
func (s *scene) await(ctx context.Context, what string, ok func() bool) {
	s.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			s.t.Fatalf("%s: did not come about: %+v", what, s.status())
		}
	}
}

// complaints keeps the first lines that the server logs as warnings or worse.
type complaints struct {
	mu    sync.Mutex
	lines []string
	more  int
}

// Write takes a line.
func (c *complaints) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case bytes.Contains(p, []byte("a part of the picture is unknown")): // the example's manager user may not ask for it
	case len(c.lines) < 100:
		c.lines = append(c.lines, strings.TrimSpace(string(p)))
	default:
		c.more++
	}
	return len(p), nil
}
