package main

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
)

func TestCheck(t *testing.T) {
	if err := run(t.Context(), []string{"check"}); err != nil {
		t.Error(err)
	}
	o, err := options()
	if err != nil {
		t.Fatal(err)
	}
	o.FS = fstest.MapFS{"flows.yaml": {Data: []byte("flows: { main: [{ greet: good, form: 7 }, { log: '${region(5)}' }] }")}}
	problems, err := o.Check()
	if err != nil {
		t.Fatal(err)
	}
	text := problems.Error()
	for _, want := range []string{`did you mean "from"? [unknown-key]`, "region() wants text, not a number"} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant it to say %q", text, want)
		}
	}
}

// TestCall plays Asterisk for one call.
func TestCall(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o, err := options()
	if err != nil {
		t.Fatal(err)
	}
	traces := make(chan *pbxflow.CallTrace, 1)
	o.AGIListener, o.Logger, o.Env = ln, hclog.NewNullLogger(), map[string]string{}
	o.OnCall = func(trace *pbxflow.CallTrace) { traces <- trace }
	server, err := pbxflow.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	}()
	commands := asterisk(t, ln.Addr().String())
	trace := <-traces
	if trace.Steps[1].Verb != "greet" || trace.Error != "" {
		t.Errorf("got %+v", trace)
	}
	if all := strings.Join(<-commands, "\n"); !strings.Contains(all, `STREAM FILE "good-`) && trace.Steps[1].Outcome != "night" {
		t.Errorf("Asterisk was told\n%s", all)
	}
}

// asterisk calls the flow main and answers every command with success. It returns the
// commands when the server closes.
func asterisk(t *testing.T, addr string) <-chan []string {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("agi_request: agi://127.0.0.1/main\nagi_network: yes\nagi_network_script: main\nagi_uniqueid: 1.1\nagi_callerid: +41440000000\n\n")); err != nil {
		t.Fatal(err)
	}
	commands := make(chan []string, 1)
	go func() {
		defer conn.Close()
		var all []string
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				commands <- all
				return
			}
			for line := range strings.Lines(string(buf[:n])) {
				all = append(all, strings.TrimSpace(line))
				conn.Write([]byte("200 result=0\n"))
			}
		}
	}()
	return commands
}
