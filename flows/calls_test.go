package flows_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
)

// TestThousandCalls has a thousand calls at once on one server, all of them in their
// first command before the first goes on, and sees that none gets what is another's.
func TestThousandCalls(t *testing.T) {
	const calls = 1000
	a := load(t, `
flows:
  main:
    params: { n: int }
    steps:
      - answer
      - set: { twice: "${n * 2}" }
      - { getvar: CHANNEL, as: own }
      - if: n % 2 == 0
        then: { goto: even, with: { n: "${n}", channel: "${own.value}" } }
      - log: odd ${n} ${twice} ${own.value} ${call.id}
  even:
    params: { n: int, channel: string }
    steps: { log: "even ${n} ${channel} ${call.id}" }
`)
	var mu sync.Mutex
	logged := map[string]bool{}
	engine := &flows.Engine{
		Program: func() *flows.Program { return a.Program },
		OnTrace: func(trace *flows.Trace) {
			mu.Lock()
			defer mu.Unlock()
			last := trace.Steps[len(trace.Steps)-1]
			logged[fmt.Sprintf("%s %v", trace.Status, last.Args[0].Value)] = true
		},
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &agi.Server{Handler: engine}
	var serving, begun, ended sync.WaitGroup
	serving.Go(func() { server.Serve(ln) })

	goOn := make(chan struct{})
	begun.Add(calls)
	for n := range calls {
		ended.Go(func() {
			if err := playNumbered(ln.Addr().String(), n, begun.Done, goOn); err != nil {
				t.Error(err)
			}
		})
	}
	begun.Wait()
	if got := engine.Running(); got != calls {
		t.Errorf("%d calls run at once, want %d", got, calls)
	}
	close(goOn)
	ended.Wait()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	serving.Wait()
	for n := range calls {
		want := fmt.Sprintf("DONE odd %d %d PJSIP/%[1]d %[1]d", n, 2*n)
		if n%2 == 0 {
			want = fmt.Sprintf("DONE even %d PJSIP/%[1]d %[1]d", n)
		}
		if !logged[want] {
			t.Errorf("no call logged %q", want)
		}
	}
	if len(logged) != calls {
		t.Errorf("got %d different lines, want %d", len(logged), calls)
	}
}

// playNumbered is Asterisk's side of call number n. It calls begun at the first
// command, which it answers when goOn is closed, and returns when the server has
// closed.
func playNumbered(addr string, n int, begun func(), goOn <-chan struct{}) error {
	begun = sync.OnceFunc(begun)
	defer begun()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "agi_network_script: main?n=%d\nagi_uniqueid: %[1]d\n\n", n); err != nil {
		return err
	}
	commands := bufio.NewScanner(conn)
	for commands.Scan() {
		begun()
		<-goOn
		result := wellAnswered(commands.Text())
		if strings.HasPrefix(commands.Text(), "GET VARIABLE") {
			result = fmt.Sprintf("1 (PJSIP/%d)", n)
		}
		if _, err := io.WriteString(conn, "200 result="+result+"\n"); err != nil {
			return err
		}
	}
	return commands.Err()
}
