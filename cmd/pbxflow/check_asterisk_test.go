package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami/amitest"
)

func TestCheckAsterisk(t *testing.T) {
	m := amitest.Start(t)
	m.Answer("ListCommands", "Response", "Success", "CoreStatus", "x", "CoreShowChannels", "x", "QueueStatus", "x")
	m.AnswerCommand("core show applications", "   Dial: Attempt to connect\n")
	m.AnswerList("ShowDialPlan")
	m.AnswerList("QueueStatus", []string{"Event", "QueueParams", "Queue", "sales"})
	addr, err := m.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_CHECK_SECRET", m.Secret)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"pbxflow.yaml": "asterisk: { pbx1: { address: '" + addr + "', username: " + m.Username + ", secret: '${env.TEST_CHECK_SECRET}' } }\n",
		"app.yaml":     "queues: { sale: {} }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := runCommand(t, 0, "check "+dir); !strings.Contains(got, "no problems") {
		t.Errorf("without --asterisk it says %s", got)
	}
	for args, want := range map[string]string{
		"check --asterisk ":                `app.yaml:1:11: there is no queue "sale" on pbx1 — did you mean "sales"? If not, write into queues.conf: [sale] [pbx-queue]`,
		"check --asterisk --server pbx1 ":  "1 error",
		"check --asterisk --server other ": `pbxflow.yaml names no server "other"`,
		"check --server pbx1 ":             "--server needs --asterisk",
	} {
		if got := runCommand(t, 1, args+dir); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
	m.Refuse("Authentication failed")
	if got := runCommand(t, 1, "check --asterisk "+dir); !strings.Contains(got, "asking pbx1: ") || !strings.Contains(got, "Authentication failed") {
		t.Errorf("when the login is refused it says %s", got)
	}
	app(t, map[string]string{
		"pbxflow.yaml": "asterisk: { pbx1: { address: '" + addr + "', username: u, secret: '${env.TEST_CHECK_SECRET}', tls: true } }\n",
		"app.yaml":     "queues: { sale: {} }\n",
	})
	if got := runCommand(t, 1, "check --asterisk"); !strings.Contains(got, "there is no TLS on this port") {
		t.Errorf("where no TLS is spoken it says %s", got)
	}
}
