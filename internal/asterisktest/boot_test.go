package asterisktest

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if os.Getenv(orphanEnv) != "" {
		beOrphaned()
	}
	Main(m)
}

func TestRealBoot(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		began := time.Now()
		pbx := start(Config{ManagerRead: "call", ManagerWrite: "command"})
		t.Logf("%v up in %v", v, time.Since(began))

		if out, err := pbx.Console(t.Context(), "core show version"); err != nil || !strings.Contains(out, "Asterisk "+v.Name+".") {
			t.Errorf("core show version: %q, %v", out, err)
		}
		out, err := pbx.Console(t.Context(), "manager show user test")
		if err != nil || !strings.Contains(out, "read perm: call\n") || !strings.Contains(out, "write perm: command\n") {
			t.Errorf("rights: %s, %v", out, err)
		}
		for _, addr := range []string{pbx.AMI, pbx.HTTP} {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				continue
			}
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
		for line := range strings.Lines(pbx.Log()) {
			if strings.Contains(line, "ERROR[") {
				t.Errorf("logged: %s", line)
			}
		}

		config := pbx.configPath()
		if got := pidsUsing(config); len(got) != 1 || got[0] != pbx.proc.pid {
			t.Errorf("processes: got %v, want only %d", got, pbx.proc.pid)
		}
		began = time.Now()
		if err := pbx.Stop(); err != nil {
			t.Error(err)
		}
		t.Logf("stopped in %v", time.Since(began))
		if _, err := os.Stat(pbx.dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the folder is still there: %v", err)
		}
		if got := pidsUsing(config); len(got) != 0 {
			t.Errorf("processes after Stop: %v", got)
		}
	})
}

func TestRealManagerRights(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		none := start(Config{})
		some := start(Config{ManagerWrite: "system,reporting"}) // a second one at the same time
		for _, tt := range []struct {
			name    string
			pbx     *Instance
			wantErr bool
		}{{"no rights", none, true}, {"some", some, false}} {
			m, err := dialManager(t.Context(), tt.pbx.AMI, tt.pbx.AMIUser, tt.pbx.AMISecret)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.do(t.Context(), "CoreStatus"); (err != nil) != tt.wantErr {
				t.Errorf("%s: CoreStatus: got %v, want an error: %v", tt.name, err, tt.wantErr)
			}
			if err := m.close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := dialManager(t.Context(), some.AMI, some.AMIUser, "wrong"); !errors.Is(err, errLoginRefused) {
			t.Errorf("a wrong secret: %v", err)
		}
	})
}

func TestRealRestart(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		pbx := start(Config{})
		if out, err := pbx.Console(t.Context(), "database put test key kept"); err != nil {
			t.Fatal(out, err)
		}
		addr, pid := pbx.AMI, pbx.proc.pid
		if err := pbx.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if pbx.AMI != addr || pbx.proc.pid == pid {
			t.Errorf("after Restart: manager %s, pid %d; before: %s, %d", pbx.AMI, pbx.proc.pid, addr, pid)
		}
		if out, err := pbx.Console(t.Context(), "database get test key"); err != nil || !strings.Contains(out, "kept") {
			t.Errorf("database after Restart: %q, %v", out, err)
		}

		conn, err := net.Dial("tcp", pbx.AMI)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		if _, err := r.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		pbx.Kill()
		if _, err := r.ReadString('\n'); err == nil {
			t.Error("the manager speaks after Kill")
		}
		if err := pbx.Restart(t.Context()); err != nil {
			t.Errorf("restart after Kill: %v", err)
		}
	})
}

// A taken port is seen, and Boot tries others: here the first choice of all instances.
func TestRealPortConflict(t *testing.T) {
	pbx := Start(t, Config{})
	other := Start(t, Config{})
	other.proc.stop(stopTimeout)
	other.AMI, other.settings.Ports.AMI = pbx.AMI, pbx.settings.Ports.AMI
	if err := writeConfig(other.tree, other.dir, other.cfg, other.settings); err != nil {
		t.Fatal(err)
	}
	if err := other.start(t.Context()); !errors.Is(err, errPortTaken) {
		t.Errorf("got %v, want %v", err, errPortTaken)
	}
	if got := pidsUsing(other.configPath()); len(got) != 0 {
		t.Errorf("processes: %v", got)
	}
}

func TestRealLocalCall(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		pbx := start(Config{
			Dialplan: `
[main]
exten => menu,1,Answer()
 same => n,Playback(menu/tone)
 same => n,Read(KEYS,,2,,1,5)
 same => n,UserEvent(Keys,Keys: ${KEYS},Caller: ${CALLERID(num)},Color: ${COLOR})
 same => n,Set(DB(test/keys)=${KEYS} ${CALLERID(num)} ${COLOR})
 same => n,Wait(10)
exten => h,1,Set(DB(test/over)=yes)
` + Phone("caller1", Answer(), Record("heard"), HangupAfter(5*time.Second), Wait(1500*time.Millisecond), Press("4#"), Wait(500*time.Millisecond), Hangup()),
			Sounds:      map[string][]byte{"menu/tone.ulaw": tone(8000)},
			ManagerRead: "user",
		})
		m, err := dialManager(t.Context(), pbx.AMI, pbx.AMIUser, pbx.AMISecret)
		if err != nil {
			t.Fatal(err)
		}
		defer m.close()
		id, err := pbx.Originate(t.Context(), Call{
			Channel: "Local/caller1@phones", Context: "main", Exten: "menu",
			CallerID: `"Ann" <5550100>`, Variables: map[string]string{"COLOR": "green"},
		})
		if err != nil || id == "" {
			t.Fatal(id, err)
		}
		if err := m.waitEvent(t.Context(), "UserEvent"); err != nil {
			t.Fatal(err)
		}
		if out, err := pbx.Console(t.Context(), "database get test keys"); err != nil || strings.TrimSpace(out) != "Value: 4 5550100 green" {
			t.Errorf("keys: got %q, %v", out, err)
		}
		if err := pbx.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
		heard, err := os.ReadFile(filepath.Join(pbx.SpoolDir, "monitor/heard.wav"))
		if err != nil || !isLoud(heard) {
			t.Errorf("the far leg did not hear the sound: %d bytes, %v", len(heard), err)
		}

		_, err = pbx.Originate(t.Context(), Call{Channel: "Local/busy@phones", Context: "main", Exten: "menu"})
		if err == nil {
			t.Error("a busy phone answered")
		}
	})
}

// tone is n samples of a loud buzz, 8 kHz µ-law.
func tone(n int) []byte {
	audio := make([]byte, n)
	for i := range audio {
		audio[i] = byte(i / 10 * 128)
	}
	return audio
}
