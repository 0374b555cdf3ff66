package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/capture"
)

// atOurs is the command's part that says where amitest is.
func atOurs(s *amitest.Server) managerFlags {
	return managerFlags{Address: s.Addr(), Username: s.Username, Secret: s.Secret}
}

func TestRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		t.Chdir(t.TempDir())
		s := amitest.Start(t)
		ctx, stop := context.WithCancel(t.Context())
		var out strings.Builder
		done := make(chan error)
		c := recordCommand{managerFlags: atOurs(s), Numbers: true}
		go func() { done <- c.run(ctx, output{&out}, s.Dial) }()
		if err := s.AwaitClients(ctx, 1); err != nil {
			t.Fatal(err)
		}
		s.Emit("Newchannel", "CallerIDNum", "5550100")
		s.Emit("VarSet", "Variable", "PIN", "Value", "1234")
		synctest.Wait()
		s.Drop()
		time.Sleep(time.Minute)
		s.Emit("Hangup", "CallerIDNum", "5550100")
		synctest.Wait()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		const path = "amitest-5038-20000101T000000Z.ami.gz"
		records, err := capture.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var events []string
		var numbers []string
		for _, r := range records {
			if e, ok := r.Event(); ok {
				events = append(events, e.Name()+" "+e.Get("Value"))
				numbers = append(numbers, e.Get("CallerIDNum"))
			} else if r.Mark != "" {
				events = append(events, string(r.Mark))
			}
		}
		want := "connected, Newchannel , VarSet ***, disconnected, connected, Hangup , disconnected"
		if got := strings.Join(events, ", "); got != want {
			t.Errorf("recorded %s, want %s", got, want)
		}
		if numbers[0] != numbers[2] || numbers[0] == "5550100" {
			t.Errorf("numbers %q", numbers)
		}
		said := out.String()
		for _, part := range []string{
			"recording amitest:5038; an interrupt (Ctrl-C) ends it\n", "no session with amitest:5038, trying again: read: EOF\n",
			path + ": 3 events in 1m0s, ", " bytes on disk, 1 gap\n",
		} {
			if !strings.Contains(said, part) {
				t.Errorf("said %q, without %q", said, part)
			}
		}
	})
}

func TestRecordFails(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*recordCommand, *amitest.Server)
		want   string
	}{
		"the file exists": {
			func(c *recordCommand, _ *amitest.Server) { c.Output = "there" },
			"there exists: name another file with --output",
		},
		"a wrong secret": {func(c *recordCommand, _ *amitest.Server) { c.Secret = "x" }, "nothing was recorded: ami: login refused: ami: Login: Authentication failed"},
		"nobody there": {
			func(c *recordCommand, s *amitest.Server) { s.Down(true); c.For = time.Minute },
			"nothing was recorded: ami: dial: amitest: connection refused",
		},
		"no class": {
			func(c *recordCommand, _ *amitest.Server) { c.Events = "call,agnet" },
			"--events: no event has the class agnet: there are agent, agi, aoc, call,",
		},
		"an action's":  {func(c *recordCommand, _ *amitest.Server) { c.Events = "originate" }, "no event has the class originate"},
		"no time":      {func(c *recordCommand, _ *amitest.Server) { c.For = -time.Second }, "--for -1s: is no time"},
		"no user":      {func(c *recordCommand, _ *amitest.Server) { c.Username = "" }, "--address needs --username, and the secret in AMI_SECRET"},
		"both":         {func(c *recordCommand, _ *amitest.Server) { c.Dir = "app" }, "name an app or an --address, not both"},
		"no app":       {func(c *recordCommand, _ *amitest.Server) { c.managerFlags = managerFlags{} }, ".: there is no pbxflow.yaml here"},
		"user, no pbx": {func(c *recordCommand, _ *amitest.Server) { c.Address = "" }, "--username, --tls and --ca need --address"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				t.Chdir(t.TempDir())
				if err := os.WriteFile("there", nil, 0o600); err != nil {
					t.Fatal(err)
				}
				s := amitest.Start(t)
				c := recordCommand{managerFlags: atOurs(s), Output: "new.ami"}
				test.change(&c, s)
				var out strings.Builder
				if err := c.run(t.Context(), output{&out}, s.Dial); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				if again := strings.Contains(out.String(), "trying again"); again != (name == "nobody there") {
					t.Errorf("it says %q", &out)
				}
				if files, err := filepath.Glob("*"); err != nil || !slices.Equal(files, []string{"there"}) {
					t.Errorf("the folder holds %v, %v, want only what was there", files, err)
				}
			})
		})
	}
}

// TestRecordApp finds the server in an app whose flows have mistakes.
func TestRecordApp(t *testing.T) {
	app(t, map[string]string{
		"pbxflow.yaml": "asterisk: { pbx1: { address: '127.0.0.1:5038', username: u, secret: '${env.PBXFLOW_TEST_SECRET}' } }",
		"flows.yaml":   "flows: [",
	})
	t.Setenv("PBXFLOW_TEST_SECRET", "s")
	options, err := managerFlags{}.options()
	if err != nil || options.Name != "pbx1" || options.Addr != "127.0.0.1:5038" || options.Username != "u" || options.Secret != "s" {
		t.Errorf("%+v, %v", options, err)
	}
	if got := fileName("10.0.0.1:5038/x"); got != "10.0.0.1-5038-x" {
		t.Errorf("file name %s", got)
	}
}
