package pbxflow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// house is a server of an app in memory, and a world around it.
type house struct {
	*pbxflow.Server

	t     *testing.T
	files fstest.MapFS
	log   logBuffer
	calls chan *pbxflow.CallTrace
	rules chan *pbxflow.RuleTrace
	// In the flows, the verb hold says on holding that it began, and goes on when
	// somebody sends on release or its context ends.
	holding chan string
	release chan struct{}
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	grown chan struct{} // holds one when something was logged
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.grown <- struct{}{}:
	default:
	}
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// loopback is a pbxflow.yaml with an AGI listener on a free port.
const loopback = "agi: { listen: 127.0.0.1:0 }\n"

// build makes a server of files by name; those that are not named are left out. It
// serves nothing yet, and is shut down at the test's end.
func build(t *testing.T, files map[string]string, change ...func(*pbxflow.Options)) *house {
	t.Helper()
	h := &house{
		t: t, files: fstest.MapFS{}, calls: make(chan *pbxflow.CallTrace, 100), rules: make(chan *pbxflow.RuleTrace, 100),
		holding: make(chan string, 100), release: make(chan struct{}),
		log: logBuffer{grown: make(chan struct{}, 1)},
	}
	h.write("pbxflow.yaml", loopback)
	for name, text := range files {
		h.write(name, text)
	}
	options := pbxflow.Options{
		FS: h.files, Env: map[string]string{}, Verbs: []flows.Verb{h.hold()},
		Logger: hclog.New(&hclog.LoggerOptions{Output: &h.log, JSONFormat: true}),
		OnCall: func(c *pbxflow.CallTrace) { h.calls <- c },
		OnRule: func(r *pbxflow.RuleTrace) { h.rules <- r },
	}
	for _, f := range change {
		f(&options)
	}
	var err error
	if h.Server, err = pbxflow.New(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Calls that the test left are cut off.
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = h.Shutdown(ended)
		t.Log(h.log.String())
	})
	return h
}

// serve is build and Start.
func serve(t *testing.T, files map[string]string, change ...func(*pbxflow.Options)) *house {
	t.Helper()
	h := build(t, files, change...)
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) write(name, text string) { h.files[name] = &fstest.MapFile{Data: []byte(text)} }

// hold is a verb of the host's own.
func (h *house) hold() flows.Verb {
	return flows.Verb{
		Name: "hold", Summary: "Waits for the test.",
		New: func() flows.Step { return &holdStep{house: h} },
	}
}

type holdStep struct {
	Text lang.Value[string] `yaml:"hold,required" doc:"What to say."`

	house *house
}

func (s *holdStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	text, err := s.Text.Get(c)
	if err != nil {
		return flows.Outcome{}, err
	}
	s.house.holding <- text
	select {
	case <-s.house.release:
		return flows.Done, nil
	case <-ctx.Done():
		return flows.Outcome{}, context.Cause(ctx)
	}
}

// call makes a call to a flow; the function that it returns waits for the end and
// checks the conversation.
func (h *house) call(flow, transcript string) (wait func()) {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.AGIAddr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- agitest.Play(h.t.Context(), conn, "env agi_request: agi://pbxflow/"+flow+"\n"+transcript)
	}()
	return func() {
		h.t.Helper()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	}
}

// status is the end of a conversation: what the dialplan is told.
func status(status, id string) string {
	return fmt.Sprintf("> SET VARIABLE \"FLOWSTATUS\" %q\n< 200 result=1\n> SET VARIABLE \"FLOWERROR\" %q\n< 200 result=1\n", status, id)
}

// play is the conversation about a sound.
func play(sound string) string {
	return fmt.Sprintf("> STREAM FILE %q \"\"\n< 200 result=0 endpos=8000\n", sound)
}

// manager is an Asterisk's manager interface, and the pbxflow.yaml that leads to it.
func manager(t *testing.T) (m *amitest.Server, config string) {
	t.Helper()
	m = amitest.Start(t)
	m.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "08:00:00")
	m.AnswerList("CoreShowChannels")
	m.AnswerList("QueueStatus")
	addr, err := m.Listen()
	if err != nil {
		t.Fatal(err)
	}
	return m, loopback + fmt.Sprintf("asterisk: { pbx1: { address: %q, username: %q, secret: %q } }\n", addr, m.Username, m.Secret)
}

// syncedRule says when the picture of the Asterisk is whole.
const syncedRule = "rules: { synced: { on: server.synced, do: [] } }\n"

// decided waits for a decision of a rule.
func (h *house) decided(rule string) *pbxflow.RuleTrace {
	h.t.Helper()
	for {
		select {
		case r := <-h.rules:
			if r.Rule == rule {
				return r
			}
		case <-h.t.Context().Done():
			h.t.Fatal("the test's time is over")
		}
	}
}

// problems returns the problems of an error.
func problems(err error) []string {
	ps, _ := errors.AsType[pbxflow.Problems](err)
	var list []string
	for _, p := range ps {
		list = append(list, p.String())
	}
	return list
}

// withFS serves another app.
func withFS(fsys fs.FS) func(*pbxflow.Options) {
	return func(o *pbxflow.Options) { o.FS = fsys }
}

// awaitLog waits until text stands in the log.
func (h *house) awaitLog(text string) {
	h.t.Helper()
	h.awaitLogs(text, 1)
}

// awaitLogs waits until text stands in the log n times.
func (h *house) awaitLogs(text string, n int) {
	h.t.Helper()
	for strings.Count(h.log.String(), text) < n {
		select {
		case <-h.log.grown:
		case <-h.t.Context().Done():
			h.t.Fatalf("the log lacks %q", text)
		}
	}
}

// has fails the test unless text stands in the log.
func (h *house) has(text string) {
	h.t.Helper()
	if !strings.Contains(h.log.String(), text) {
		h.t.Errorf("the log lacks %q:\n%s", text, h.log.String())
	}
}
