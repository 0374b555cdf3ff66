package ami_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

func TestIdentity(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		for _, action := range []string{"CoreSettings", "CoreStatus", "Command"} {
			h.Answer(action, "Response", "Error", "Message", "Permission denied")
		}
		if id, err := h.client.Identity(t.Context()); err == nil || !strings.Contains(err.Error(), "write = reporting") || id != (ami.Identity{}) {
			t.Errorf("without any right: %v, %v", id, err)
		}
		h.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "11:43:48")
		id, err := h.client.Identity(t.Context())
		if want := (ami.Identity{Started: "2026-11-21 11:43:48"}); id != want || err != nil {
			t.Errorf("got %v, %v, want %v", id, err, want)
		}
		h.Answer("CoreSettings", "Response", "Success", "SystemName", "pbx", "AsteriskVersion", "22.10.1")
		h.Respond("Command", func(a ami.Message) [][]string {
			if a.Get("Command") == "core show settings" {
				return [][]string{{"Response", "Success", "Output", "PBX Core settings", "Output", "  PBX UUID:                    73f5773d-f905", "Output", ""}}
			}
			return [][]string{{
				"Response", "Success", "Output", "0x7f9e9bd526c0 12162 netconsole           started at [ 1588] asterisk.c listener()",
				"Output", "0x7f9eddac66c0 12112 listener             started at [ 1654] asterisk.c ast_makesocket()", "Output", "54 threads listed.",
			}}
		})
		id, err = h.client.Identity(t.Context())
		if want := (ami.Identity{"pbx", "22.10.1", "2026-11-21 11:43:48", "73f5773d-f905", "0x7f9eddac66c0 12112"}); id != want || err != nil {
			t.Errorf("got %v, %v, want %v", id, err, want)
		}
		zone := time.FixedZone("here", 3600)
		if at, err := id.StartTime(zone); err != nil || !at.Equal(time.Date(2026, 11, 21, 10, 43, 48, 0, time.UTC)) {
			t.Errorf("StartTime: %v, %v", at, err)
		}
		h.Drop()
		if _, err := h.client.Identity(t.Context()); !errors.Is(err, ami.ErrOutcomeUnknown) && !errors.Is(err, ami.ErrNotConnected) {
			t.Errorf("without a session: %v", err)
		}
	})
}

func TestRestarted(t *testing.T) {
	old := ami.Identity{Started: "2026-11-21 11:43:48", Process: "a"}
	for _, test := range []struct {
		name             string
		later            ami.Identity
		restarted, known bool
	}{
		{"the same", old, false, true},
		{"within the same second", ami.Identity{Started: old.Started, Process: "b"}, true, true},
		{"by process only", ami.Identity{Process: "a"}, false, true},
		{"another second", ami.Identity{Started: "2026-11-21 11:43:49", Process: "a"}, true, true},
		{"by time only", ami.Identity{Started: "2026-11-21 11:43:49"}, true, true},
		{"the same time, and a process that is not told yet", ami.Identity{Started: old.Started}, false, false},
		{"nothing to tell by", ami.Identity{Version: "22"}, false, false},
	} {
		if restarted, known := old.Restarted(test.later); restarted != test.restarted || known != test.known {
			t.Errorf("%s: %v, %v, want %v, %v", test.name, restarted, known, test.restarted, test.known)
		}
	}
}

// Without the right command there is no Process at all.
func TestRestartedByTime(t *testing.T) {
	old := ami.Identity{Started: "2026-11-21 11:43:48"}
	if restarted, known := old.Restarted(old); restarted || !known {
		t.Errorf("the same: %v, %v, want false, true", restarted, known)
	}
}

// Until Asterisk is ready, and only then, its console is asked again.
func TestIdentityWhileStarting(t *testing.T) {
	for name, test := range map[string]struct {
		ready, takes time.Duration
		process      string
	}{
		"ready":     {0, 0, "0x1 7"},
		"soon":      {20 * time.Millisecond, 50 * time.Millisecond, "0x1 7"},
		"in a time": {2 * time.Second, 2 * time.Second, "0x1 7"},
		"too late":  {time.Minute, 3 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, nil)
				h.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-11-21", "CoreStartupTime", "11:43:48")
				start := time.Now()
				h.Respond("Command", func(a ami.Message) [][]string {
					switch {
					case time.Since(start) < test.ready:
						return [][]string{{"Response", "Error", "Message", "Command output follows", "Output", "No such command '" + a.Get("Command") + "'"}}
					case a.Get("Command") == "core show settings":
						return [][]string{{"Response", "Error", "Message", "Command output follows", "Output", "something else is wrong"}}
					}
					return [][]string{{"Response", "Success", "Output", "0x1 7 listener"}}
				})
				id, err := h.client.Identity(t.Context())
				if took := time.Since(start).Round(10 * time.Millisecond); err != nil || id.Process != test.process || took != test.takes {
					t.Errorf("got %+v, %v after %v, want process %q after %v", id, err, took, test.process, test.takes)
				}
			})
		})
	}
}

func TestMissingRight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		for action, want := range map[string]string{
			"originate":        "ami: originate: Permission denied: the manager user lacks the write class originate: add write = originate to its section of manager.conf",
			"CoreShowChannels": "ami: CoreShowChannels: Permission denied: the manager user has none of the write classes reporting, system: add for example write = reporting to its section of manager.conf",
			"Unheard":          "ami: Unheard: Permission denied",
		} {
			h.Answer(action, "Response", "Error", "Message", "Permission denied")
			if _, err := h.client.Do(t.Context(), ami.Action{Name: action}); err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		h.Answer("Originate", "Response", "Error", "Message", "Originate Access Forbidden: app or data blacklisted")
		_, err := h.client.Do(t.Context(), ami.Action{Name: "Originate"})
		if refusal, ok := errors.AsType[*ami.Error](err); !ok || !slices.Equal(refusal.Classes, []string{"system"}) {
			t.Errorf("a dangerous application: %v", err)
		}
	})
}

// The rights that errors name are those of the catalogue.
func TestRightsAgreeWithCatalog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, nil)
		named := 0
		for _, a := range catalog.Actions() {
			if a.Name == "Login" || a.Name == "Logoff" || a.Name == "Challenge" {
				continue
			}
			h.Answer(a.Name, "Response", "Error", "Message", "Permission denied")
			_, err := h.client.Do(t.Context(), ami.Action{Name: a.Name})
			refusal, ok := errors.AsType[*ami.Error](err)
			if !ok {
				t.Fatalf("%s: %v", a.Name, err)
			}
			if refusal.Classes == nil {
				continue
			}
			named++
			if got, want := slices.Sorted(slices.Values(refusal.Classes)), slices.Sorted(slices.Values(a.Rights)); !slices.Equal(got, want) {
				t.Errorf("%s needs one of %v, the catalogue says %v", a.Name, got, want)
			}
		}
		if named < 60 {
			t.Errorf("only %d actions of the catalogue have rights here", named)
		}
	})
}
