package pbxflow_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/examples/callcenter"
	"github.com/pbxflow/pbxflow/flows"
)

const helloFlow = "flows: { main: { play: hello }, held: [{ hold: '${call.caller.num}' }, { play: hello }] }\n"

func TestNewErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flows.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	app := func(config string) fs.FS {
		return fstest.MapFS{"pbxflow.yaml": {Data: []byte(config)}}
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for name, test := range map[string]struct {
		options pbxflow.Options
		want    string
	}{
		"no folder":      {pbxflow.Options{}, "pbxflow: Options needs Dir or FS: the folder of the app"},
		"missing folder": {pbxflow.Options{Dir: missing}, "pbxflow: there is no folder " + missing + ": file does not exist"},
		"a file":         {pbxflow.Options{Dir: file}, "pbxflow: " + file + " is a file: name the folder of the app"},
		"empty folder":   {pbxflow.Options{FS: fstest.MapFS{}}, ".: there is no *.yaml file here — is this the folder of an app? [empty-app]"},
		"unset": {
			pbxflow.Options{FS: app("agi: { listen: '${env.A}' }\nhttp: { listen: '${env.B}' }"), Env: map[string]string{}},
			"pbxflow: pbxflow.yaml:1:19: the environment variable A is not set\npbxflow.yaml:2:20: the environment variable B is not set",
		},
		"a verb twice": {
			pbxflow.Options{FS: app(""), Verbs: []flows.Verb{{Name: "play", Summary: "Plays.", New: func() flows.Step { return nil }}}},
			`flows: there are two verbs named "play"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := pbxflow.New(test.options)
			if err == nil || err.Error() != test.want || server != nil {
				t.Errorf("got %v, %v\nwant %s", server, err, test.want)
			}
		})
	}
}

func TestNewProblems(t *testing.T) {
	_, err := pbxflow.New(pbxflow.Options{FS: fstest.MapFS{"a.yaml": {Data: []byte("flows: { main: { plya: a } }\nrules: { r: { on: call.ende, do: [] } }")}}})
	want := []string{
		`a.yaml:1:18: there is no verb "plya" — did you mean "play"? [unknown-verb]`,
		`a.yaml:2:19: there is no event "call.ende" — did you mean "call.ended"? [unknown-event]`,
	}
	if diff := cmp.Diff(want, problems(err)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

// TestNewAddressInUse leaves nothing behind when an address is taken.
func TestNewAddressInUse(t *testing.T) {
	taken := listen(t)
	app := func(agi, http string) fstest.MapFS {
		return fstest.MapFS{"pbxflow.yaml": {Data: []byte("agi: { listen: '" + agi + "' }\nhttp: { listen: '" + http + "' }")}}
	}
	_, err := pbxflow.New(pbxflow.Options{FS: app(taken.Addr().String(), "127.0.0.1:0"), Logger: hclog.NewNullLogger()})
	if err == nil || !strings.HasPrefix(err.Error(), "pbxflow: cannot listen for calls: listen tcp ") {
		t.Errorf("got %v", err)
	}
	// The listener for calls is let go when that for HTTP cannot be had.
	free := listen(t)
	addr := free.Addr().String()
	free.Close()
	_, err = pbxflow.New(pbxflow.Options{FS: app(addr, taken.Addr().String()), Logger: hclog.NewNullLogger()})
	if err == nil || !strings.HasPrefix(err.Error(), "pbxflow: cannot listen for HTTP: listen tcp ") {
		t.Errorf("got %v", err)
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the address is still taken: %v", err)
	}
	// One that was handed in stays the caller's.
	_, err = pbxflow.New(pbxflow.Options{FS: app(addr, taken.Addr().String()), AGIListener: again, Logger: hclog.NewNullLogger()})
	if err == nil {
		t.Error("no error for an address in use")
	}
	if err := again.Close(); err != nil {
		t.Errorf("New closed the listener that it could not use: %v", err)
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestCall(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	h.call("main", play("hello")+status("DONE", ""))()
	trace := <-h.calls
	if trace.Flow != "main" || trace.Status != "DONE" || len(trace.Steps) != 1 {
		t.Errorf("the trace is %+v", trace)
	}
	// A verb of the host's own.
	wait := h.call("held", ". 30s\n"+play("hello")+status("DONE", ""))
	if got := <-h.holding; got == "" {
		t.Error("the verb got no text")
	}
	h.release <- struct{}{}
	wait()
	if trace := <-h.calls; trace.Steps[0].Verb != "hold" {
		t.Errorf("the first step is %+v", trace.Steps[0])
	}
}

func TestStartTwice(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	if err := h.Start(); err == nil || err.Error() != "pbxflow: a server is started only once" {
		t.Errorf("the second Start returned %v", err)
	}
	if err := h.Run(t.Context()); err == nil {
		t.Error("Run started a server that runs")
	}
	h.call("main", play("hello")+status("DONE", ""))()
}

func TestShutdownBeforeStart(t *testing.T) {
	h := build(t, map[string]string{"pbxflow.yaml": loopback + "http: { listen: 127.0.0.1:0 }"})
	agi, web := h.AGIAddr().String(), h.HTTPAddr().String()
	for range 2 {
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := h.Start(); err == nil {
		t.Error("a server that was shut down can be started")
	}
	for _, addr := range []string{agi, web} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Errorf("the address is still taken: %v", err)
			continue
		}
		l.Close()
	}
}

// TestShutdown refuses new calls and lets the one that runs end; who calls Shutdown
// again waits too.
func TestShutdown(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	wait := h.call("held", ". 30s\n"+play("hello")+status("DONE", ""))
	<-h.holding
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- h.Shutdown(t.Context()) }()
	}
	refused(t, h.AGIAddr().String())
	select {
	case err := <-done:
		t.Errorf("Shutdown returned %v while a call runs", err)
	default:
	}
	impatient, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("impatient"))
	if err := h.Shutdown(impatient); err == nil || err.Error() != "impatient" {
		t.Errorf("a Shutdown beside the first returned %v when its context ended", err)
	}
	h.release <- struct{}{}
	wait()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// refused waits until an address refuses connections.
func refused(t *testing.T, addr string) {
	t.Helper()
	for t.Context().Err() == nil {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
	}
}

// TestShutdownCutsOff ends calls that go on too long, and tells the dialplan.
func TestShutdownCutsOff(t *testing.T) {
	h := serve(t, map[string]string{"flows.yaml": helloFlow})
	h.call("held", ". 30s\n> *\n! close") // what the dialplan hears is the engine's matter
	<-h.holding
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Shutdown(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown returned %v", err)
	}
	if trace := <-h.calls; trace.Status == "DONE" {
		t.Errorf("the call ended %s", trace.Status)
	}
}

func TestRun(t *testing.T) {
	h := build(t, map[string]string{"flows.yaml": helloFlow})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	wait := h.call("held", ". 30s\n"+play("hello")+status("DONE", ""))
	<-h.holding
	cancel()
	refused(t, h.AGIAddr().String())
	h.release <- struct{}{} // within the DrainTime
	wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRunDrainTime(t *testing.T) {
	h := build(t, map[string]string{"flows.yaml": helloFlow}, func(o *pbxflow.Options) { o.DrainTime = time.Nanosecond })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	h.call("held", ". 30s\n> *\n! close")
	<-h.holding
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run returned %v; calls that are cut off after the time for them are no error", err)
	}
	h.has("calls and actions were ended because they went on too long")
}

// TestRunShutdown ends Run by Shutdown from elsewhere.
func TestRunShutdown(t *testing.T) {
	h := build(t, map[string]string{"flows.yaml": helloFlow})
	done := make(chan error, 1)
	go func() { done <- h.Run(t.Context()) }()
	h.call("main", play("hello")+status("DONE", ""))()
	if err := h.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// breaking is a listener that fails for good when it is told to.
type breaking struct {
	net.Listener
	failure chan error
}

func (b breaking) Accept() (net.Conn, error) {
	conn, err := b.Listener.Accept()
	if err != nil {
		return nil, <-b.failure
	}
	return conn, nil
}

// TestRunListenerBreaks ends Run although a call lasts, which is let go on for the
// DrainTime.
func TestRunListenerBreaks(t *testing.T) {
	l, failure := listen(t), make(chan error, 1)
	h := build(t, map[string]string{"flows.yaml": helloFlow}, func(o *pbxflow.Options) { o.AGIListener = breaking{l, failure} })
	done := make(chan error, 1)
	go func() { done <- h.Run(t.Context()) }()
	wait := h.call("held", ". 30s\n"+play("hello")+status("DONE", ""))
	<-h.holding
	broken := errors.New("the network is gone")
	failure <- broken
	l.Close()
	h.awaitLog("shutting down")
	h.release <- struct{}{}
	wait()
	if err := <-done; !errors.Is(err, broken) || err.Error() != "pbxflow: cannot accept calls: the network is gone" {
		t.Errorf("Run returned %v", err)
	}
}

func TestTwoServers(t *testing.T) {
	var houses []*house
	for _, sound := range []string{"one", "two"} {
		houses = append(houses, serve(t, map[string]string{"flows.yaml": "flows: { main: { play: " + sound + " } }"}))
	}
	var all sync.WaitGroup
	for i, sound := range []string{"one", "two"} {
		all.Go(houses[i].call("main", play(sound)+status("DONE", "")))
	}
	all.Wait()
	if err := houses[0].Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	houses[1].call("main", play("two")+status("DONE", ""))()
}

func TestEmbedded(t *testing.T) {
	h := build(t, nil, withFS(callcenter.Files), func(o *pbxflow.Options) {
		o.Env = map[string]string{"AMI_SECRET": "x"}
		o.AGIListener = listen(t)
	}, func(o *pbxflow.Options) {
		// The example's HTTP address may be taken on this machine.
		o.FS = without{callcenter.Files, "pbxflow.yaml"}
	})
	if got := get(t, h.Server, "/status"); !strings.Contains(got, `"flows": 6`) {
		t.Errorf("the status is %s", got)
	}
}

// without is a folder that lacks a file.
type without struct {
	fs.FS
	name string
}

func (w without) Open(name string) (fs.File, error) {
	if name == w.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return w.FS.Open(name)
}

func (w without) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(w.FS, name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == w.name }), err
}

func TestCheckDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("flows: { main: { plya: a } }"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := pbxflow.CheckDir(dir)
	if errs, _ := found.Count(); err != nil || errs != 1 {
		t.Errorf("got %v, %v", found, err)
	}
	if _, err := pbxflow.CheckDir(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder gives %v", err)
	}
	if _, err := pbxflow.CheckDir(filepath.Join(dir, "a.yaml")); err == nil {
		t.Error("a file is taken for a folder")
	}
	if _, err := pbxflow.Check(os.DirFS(dir), flows.Verb{}); err == nil {
		t.Error("a verb without a name is taken")
	}
	found, err = pbxflow.CheckDir(dir, flows.Verb{Name: "plya", Summary: "Plays.", New: func() flows.Step { return &holdStep{} }})
	if err != nil || len(found) == 0 || found[0].ID == "unknown-verb" {
		t.Errorf("with the host's verb got %v, %v", found, err)
	}
}
