package agi_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealPlain lets Asterisk start examples/plainagi by AGI and EAGI. What it did the
// dialplan tells in variables that outlive the call.
func TestRealPlain(t *testing.T) {
	program := filepath.Join(t.TempDir(), "plainagi")
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		if _, err := os.Stat(program); err != nil {
			build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../examples/plainagi")
			build.Env = append(os.Environ(), "CGO_ENABLED=0") // Asterisk may see no libraries of ours
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		const tell = "exten => h,1,Set(GLOBAL(SAID_${NAME})=${HEARD}/${AUDIO}/${AGISTATUS})\n"
		pbx := start(asterisktest.Config{
			Dialplan: "[calls]\n" +
				"exten => key,1,Set(NAME=key)\n same => n,AGI(plainagi," + long + ")\n" +
				"exten => audio,1,Set(NAME=audio)\n same => n,Answer()\n same => n,EAGI(plainagi," + long + ")\n" +
				"exten => gone,1,Set(NAME=gone)\n same => n,AGI(plainagi," + long + ")\n" +
				"exten => fail,1,Set(NAME=fail)\n same => n,AGI(plainagi)\n" + tell +
				asterisktest.Phone("key", asterisktest.Answer(), asterisktest.Wait(time.Second), asterisktest.Press("7"), asterisktest.Wait(5*time.Second)) +
				asterisktest.Phone("audio", asterisktest.Answer(), asterisktest.Wait(time.Second), asterisktest.Press("8"), asterisktest.Play(long)) +
				asterisktest.Phone("gone", asterisktest.Answer(), asterisktest.Wait(time.Second)) +
				asterisktest.Phone("fail", asterisktest.Answer(), asterisktest.Wait(5*time.Second)),
		})
		data, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		// agi-bin of an instance lies beside its sounds; the package's may be linked there.
		bin := filepath.Join(filepath.Dir(pbx.SoundsDir), "agi-bin")
		if err := os.RemoveAll(bin); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, "plainagi"), data, 0o755); err != nil {
			t.Fatal(err)
		}

		for _, name := range []string{"key", "audio", "gone", "fail"} {
			if _, err := pbx.Originate(t.Context(), asterisktest.Call{Channel: "Local/" + name + "@phones", Context: "calls", Exten: name}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := pbx.WaitIdle(ctx); err != nil {
			t.Fatal(err)
		}
		globals, err := pbx.Console(ctx, "dialplan show globals")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"SAID_key=7//SUCCESS", "SAID_audio=8/8000/SUCCESS", "SAID_gone=nothing//HANGUP", "SAID_fail=//FAILURE"} {
			if !strings.Contains(globals, want) {
				t.Errorf("got %s\nwant %s", globals, want)
			}
		}
	})
}
