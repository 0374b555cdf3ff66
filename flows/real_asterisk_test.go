package flows_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realScene is something to try on a real Asterisk: flows in YAML, dialplan, and what to
// look at. In both ADDR stands for the address of the FastAGI server, and WEB for that of
// a web server.
type realScene struct {
	name     string
	flows    string
	dialplan string
	only     string // the one version that can do it; empty for all
	run      func(t *testing.T, p *realPBX)
}

// realGroup are scenes that are played side by side, and what they need of Asterisk
// beside the sounds of the test.
type realGroup struct {
	name   string
	config asterisktest.Config
	app    string // a file of the app, for what is beside flows
	scenes []realScene
}

// realPBX is a real Asterisk with an engine that speaks to it by FastAGI and by its
// manager.
type realPBX struct {
	*asterisktest.Instance
	engine *flows.Engine
	model  *live.Model
	ran    outcomes
	agi    string
	audit  string // its file
	debug  lockedText
	// events are those of emit, and notices those of notify.
	events, notices lockedText

	traces map[string]chan *flows.Trace // of calls, by the flow that they began in

	mu   sync.Mutex
	told map[string][]string // what far legs said by tell, by call
}

const allRights = "system,call,agent,user,reporting,dialplan,dtmf,originate,command"

// startReal starts an Asterisk for all the groups.
func startReal(t *testing.T, start func(asterisktest.Config) *asterisktest.Instance, groups []realGroup) *realPBX {
	p := &realPBX{traces: map[string]chan *flows.Trace{}, told: map[string][]string{}, audit: filepath.Join(t.TempDir(), "audit.jsonl")}
	config := asterisktest.Config{ManagerRead: allRights, ManagerWrite: allRights, Sounds: realSounds(), Files: map[string]string{}}
	app, text := map[string]string{}, "flows:\n"
	for _, g := range groups {
		app[g.name+".yaml"] = g.app
		config.Dialplan += g.config.Dialplan
		config.Queues += g.config.Queues
		maps.Copy(config.Sounds, g.config.Sounds)
		for name, file := range g.config.Files {
			config.Files[name] += file
		}
		for _, s := range g.scenes {
			text += "  " + strings.ReplaceAll(lines(s.flows), "\n", "\n  ") + "\n"
			config.Dialplan += s.dialplan
		}
	}
	wantOnce(t, config.Dialplan)
	p.agi = serve(t, p.server())
	addresses := strings.NewReplacer("ADDR", p.agi, "WEB", p.serveWeb(t))
	config.Dialplan = addresses.Replace(config.Dialplan)
	app["app.yaml"] = text
	for name := range app {
		app[name] = addresses.Replace(app[name])
	}
	p.prepare(t, app, config.Queues)
	p.Instance = start(config)
	p.manage(t)
	return p
}

// wantOnce wants no extension twice: of two Asterisk takes one.
func wantOnce(t *testing.T, dialplan string) {
	context, seen := "", map[string]bool{}
	for line := range strings.SplitSeq(dialplan, "\n") {
		if strings.HasPrefix(line, "[") {
			context = line
		}
		exten, _, first := strings.Cut(line, ",1,")
		if first && strings.HasPrefix(exten, "exten") && exten != "exten => h" && seen[context+exten] {
			t.Errorf("%s has two %s", context, exten)
		}
		seen[context+exten] = true
	}
}

// prepare loads the app and makes the engine.
func (p *realPBX) prepare(t *testing.T, app map[string]string, queues string) {
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^\[(.+)\]`).FindAllStringSubmatch(queues+"[forgotten]", -1) {
		names = append(names, m[1]+": {}")
	}
	app["queues.yaml"] = "queues: { " + strings.Join(names, ", ") + " }"
	app["people.yaml"] = namedPeople
	app["pbxflow.yaml"] = "allow: [ami, exec]"
	a := loadFiles(t, app)
	if _, err := a.Resolve("", namedEnv); err != nil {
		t.Fatal(err)
	}
	a.Program.Sorry = "beep"
	for name := range a.Program.Flows {
		p.traces[name] = make(chan *flows.Trace, 100)
	}
	audit := flows.NewAudit(p.audit)
	t.Cleanup(func() {
		if err := audit.Close(); err != nil {
			t.Error(err)
		}
	})
	p.engine = &flows.Engine{
		Program: func() *flows.Program { return a.Program },
		Logger:  hclog.New(&hclog.LoggerOptions{Output: t.Output()}),
		Audit:   audit, HTTP: http.DefaultClient, Phones: flows.NewPhones(),
		Emit: func(name string, fields map[string]string, _ flows.Meta) { fmt.Fprintln(&p.events, name, fields) },
		OnTrace: func(trace *flows.Trace) {
			p.ran.note(trace)
			if trace.Call != "" {
				p.traces[trace.Flow] <- trace
			}
		},
	}
}

// server returns a server for the engine's calls.
func (p *realPBX) server() *agi.Server {
	return &agi.Server{
		Handler:   agi.HandlerFunc(p.serveAGI),
		Interrupt: func(ctx context.Context, s *agi.Session, line string) error { return p.engine.Interrupt(ctx, s, line) },
		Debug:     &p.debug,
	}
}

// serveAGI runs flows, and takes what the dialplan says by tell.
func (p *realPBX) serveAGI(ctx context.Context, s *agi.Session) error {
	if s.Env().Path() != "/tell" {
		return p.engine.ServeAGI(ctx, s)
	}
	args := s.Env().Args()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told[args[0]] = append(p.told[args[0]], strings.TrimSpace(strings.Join(args[1:], " ")))
	return nil
}

// tells returns what was told of a call so far, sorted.
func (p *realPBX) tells(call string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(slices.Values(p.told[call]))
}

// manage opens the manager session and waits until the picture is whole.
func (p *realPBX) manage(t *testing.T) {
	log := hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	p.model = live.New(live.Options{Server: "pbx1", Logger: log})
	client := ami.New(ami.Options{
		Name: "pbx1", Addr: p.AMI, Username: p.AMIUser, Secret: p.AMISecret, Logger: log,
		Handler: p.model.Handle, OnState: p.model.HandleState,
	})
	synced := p.model.Subscribe(10, live.ServerSynced)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { client.Run(ctx) })
	running.Go(func() { p.model.Follow(ctx, client) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		synced.Close()
	})
	select {
	case <-synced.C():
	case <-time.After(patience):
		t.Fatal("no session came about")
	}
	p.engine.Background = background(t)
	p.engine.Servers = []flows.Server{{
		Name: "pbx1", Outbound: "Local/{number}@phones", Manager: client, Live: p.model,
		AGI: func(context.Context) (string, error) { return p.agi, nil },
	}}
}

// serveWeb serves what http and notify ask for, and returns its address.
func (p *realPBX) serveWeb(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.PathValue("code"))
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(code)
	})
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("POST /notices", func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(&p.notices, r.Body); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// serve serves AGI until the test ends and returns its address.
func serve(t *testing.T, server *agi.Server) string {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		server.Close()
		<-served
	})
	return ln.Addr().String()
}

// lockedText is a text that several goroutines write.
type lockedText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
