//go:build linux

package pbxflow_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"testing/fstest"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow"
	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// The servers that the benchmarks compare. All send the same commands; each runs in
// a process of its own, so that its CPU time and memory can be told from the
// client's.
var benchServers = map[string]func(net.Listener) error{
	"raw":  serveRaw,
	"agi":  serveAGI,
	"flow": serveFlow,
}

const benchFlow = `
flows:
  bench:
    - answer
    - { variable: CHANNEL, as: one }
    - { variable: CHANNEL, as: two }
    - { variable: CHANNEL, as: three }
    - { variable: CHANNEL, as: four }
    - { variable: CHANNEL, as: five }
    - hangup
  deep:
    - if: call.caller.num != ""
      then: { if: call.dialed != "", then: answer }
`

// benchEnv is the environment of a call, for the name of the flow.
const benchEnv = "agi_network: yes\nagi_network_script: %[1]s\nagi_request: agi://127.0.0.1/%[1]s\n" +
	"agi_channel: PJSIP/trunk-00000001\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1795228436.1\n" +
	"agi_version: 22.10.1\nagi_callerid: 15551230000\nagi_calleridname: Load Test\nagi_callingpres: 0\n" +
	"agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 18005550100\nagi_rdnis: unknown\n" +
	"agi_context: from-trunk\nagi_extension: 18005550100\nagi_priority: 2\nagi_enhanced: 0.0\n" +
	"agi_accountcode: \nagi_threadid: 140670004053696\n\n"

// benchLines are what Asterisk is sent in a session: the commands of the flow, and
// how it ended.
var benchLines = slices.Concat([]string{"ANSWER\n"}, slices.Repeat([]string{"GET VARIABLE \"CHANNEL\"\n"}, 5),
	[]string{"HANGUP\n", "SET VARIABLE \"FLOWSTATUS\" \"HANGUP\"\n", "SET VARIABLE \"FLOWERROR\" \"\"\n"})

// serveRaw is the limit: a goroutine for every connection that writes the lines and
// does not read what the replies say.
func serveRaw(ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			var b [2048]byte
			until := func(end string) bool {
				for n := 0; n == 0 || !bytes.HasSuffix(b[:n], []byte(end)); {
					k, err := conn.Read(b[n:])
					if err != nil {
						return false
					}
					n += k
				}
				return true
			}
			more := until("\n\n")
			for i := 0; more && i < len(benchLines); i++ {
				_, err := io.WriteString(conn, benchLines[i])
				more = err == nil && until("\n")
			}
		}()
	}
}

func serveAGI(ln net.Listener) error {
	return (&agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		if err := s.Answer(ctx); err != nil {
			return err
		}
		for range 5 {
			if _, _, err := s.GetVariable(ctx, "CHANNEL"); err != nil {
				return err
			}
		}
		if err := s.Hangup(ctx, ""); err != nil {
			return err
		}
		if err := s.SetVariable(ctx, "FLOWSTATUS", flows.StatusHangup); err != nil {
			return err
		}
		return s.SetVariable(ctx, "FLOWERROR", "")
	})}).Serve(ln)
}

// serveFlow is the whole server, with its traces and its log.
func serveFlow(ln net.Listener) error {
	s, err := pbxflow.New(pbxflow.Options{
		FS: fstest.MapFS{"app.yaml": {Data: []byte(benchFlow)}}, Env: map[string]string{}, AGIListener: ln,
		Verbs:  []flows.Verb{variableVerb},
		Logger: hclog.New(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Info}),
	})
	if err != nil {
		return err
	}
	return s.Run(context.Background())
}

// variableVerb is a verb of the program's own: one command and its reply.
var variableVerb = flows.Verb{
	Name: "variable", Summary: "Reads a channel variable.", NeedsCall: true,
	Result: (*variableResult)(nil), New: func() flows.Step { return &variableStep{} },
}

type variableStep struct {
	Variable lang.Value[string] `yaml:"variable,required" doc:"Its name."`
}

type variableResult struct {
	Value string `expr:"value" doc:"its value"`
}

func (v *variableStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	name, err := v.Variable.Get(c)
	if err != nil {
		return flows.Outcome{}, err
	}
	value, _, err := c.Session.GetVariable(ctx, name)
	c.SetResult(&variableResult{value})
	return flows.Done, err
}
