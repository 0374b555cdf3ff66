package live_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/live"
)

// starting makes Asterisk know no commands of its console, as it does until it is ready, and names its process when that time is over.
func starting(s *amitest.Server, d time.Duration, process string) {
	ready := time.Now().Add(d)
	s.Respond("Command", func(a ami.Message) [][]string {
		switch {
		case time.Now().Before(ready):
			return [][]string{{"Response", "Error", "Message", "Command output follows", "Output", "No such command '" + a.Get("Command") + "'"}}
		case a.Get("Command") == "core show threads":
			return [][]string{{"Response", "Success", "Message", "Command output follows", "Output", process + " 1 listener started"}}
		}
		return [][]string{{"Response", "Success", "Message", "Command output follows"}}
	})
}

// A restart within the second in which Asterisk had started is seen, also by who comes
// back before Asterisk tells which process it is.
func TestRestartSeenWhileStarting(t *testing.T) {
	for name, d := range map[string]time.Duration{"at once": 0, "a moment": 20 * time.Millisecond, "a second": time.Second, "slowly": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) { starting(s, 0, "0x1") })
				p.gap(t, "", func(s *amitest.Server) { starting(s, d, "0x2") })
				time.Sleep(max(0, d-5*time.Second-20*time.Millisecond)) // 5 s have passed
				p.Emit("FullyBooted", "Uptime", "0", "LastReload", "0", "Status", "Fully Booted")
				time.Sleep(30 * time.Second)
				restarts := 0
				for range len(p.sub.C()) {
					if e := <-p.sub.C(); e.Name == live.ServerRestarted {
						restarts++
					}
				}
				if restarts != 1 {
					t.Errorf("told of %d restarts, want 1", restarts)
				}
			})
		})
	}
}

// The same process that does not tell at first is no restart, and neither is a right that
// was taken away.
func TestNoRestart(t *testing.T) {
	for name, d := range map[string]time.Duration{"late": time.Second, "never again": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := follow(t, func(s *amitest.Server) { starting(s, 0, "0x1") })
				for range 3 {
					p.gap(t, "", func(s *amitest.Server) { starting(s, d, "0x1") })
					time.Sleep(30 * time.Second)
				}
				synced := 0
				for range len(p.sub.C()) {
					switch e := <-p.sub.C(); e.Name {
					case live.ServerRestarted:
						t.Error("told of a restart")
					case live.ServerSynced:
						synced++
					}
				}
				if synced < 4 {
					t.Errorf("synced %d times, want at least 4", synced)
				}
			})
		})
	}
}
