package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// TestRealConsole records a call, which the console starts and looks at.
func TestRealConsole(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		pbx := start(asterisktest.Config{
			Dialplan:    asterisktest.Phone("p", asterisktest.Answer(), "Set(PIN=4711)", asterisktest.Wait(time.Minute)),
			ManagerRead: "all", ManagerWrite: "all",
		})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		manager := managerFlags{Address: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret}
		path := filepath.Join(t.TempDir(), "call.ami.gz")
		var recorded, printed strings.Builder
		done := make(chan error, 1)
		recording, end := context.WithCancel(ctx)
		record := recordCommand{managerFlags: manager, Output: path, Numbers: true}
		greeted := signalling{&recorded, make(chan struct{}, 1)}
		go func() { done <- record.run(recording, output{greeted}, nil) }()
		<-greeted.wrote

		options, err := manager.options()
		if err != nil {
			t.Fatal(err)
		}
		err = amiCommand{}.run(ctx, options, newLineReader(strings.NewReader(`
			events DialEnd
			Originate Channel=Local/p@phones Application=Wait Data=30 CallerID="Ann <5550100>" Async=true
			wait 2s
			Command Command="core show version"
			CoreShowChannels
			Command Command="channel request hangup all"
			Nope
		`)), &printed, false)
		if err != errFailed { // Nope
			t.Errorf("the console ended with %v", err)
		}
		for _, part := range []string{
			"Success: Originate successfully queued\n", "OriginateResponse\n", "  Reason        4\n", "Asterisk " + v.Name + ".",
			"CoreShowChannel\n", "2 items\n", "Error: there is no action Nope\n",
		} {
			if !strings.Contains(printed.String(), part) {
				t.Errorf("the console did not print %q:\n%s", part, &printed)
			}
		}
		if err := pbx.WaitIdle(ctx); err != nil {
			t.Fatal(err)
		}
		hungUp := awaitEvents(ctx, t, path, "Hangup", 2)
		end()
		if err := <-done; err != nil {
			t.Errorf("record: %v", err)
		}
		if !strings.Contains(recorded.String(), "no gaps\n") {
			t.Errorf("record said %s", &recorded)
		}
		for _, e := range hungUp {
			if strings.Contains(e.String(), "5550100") || strings.Contains(e.String(), "4711") || strings.Contains(e.String(), "Ann") {
				t.Errorf("the capture holds what it must not:\n%s", e)
			}
		}
	})
}

// signalling tells when it was written to first.
type signalling struct {
	*strings.Builder
	wrote chan struct{}
}

func (s signalling) Write(p []byte) (int, error) {
	select {
	case s.wrote <- struct{}{}:
	default:
	}
	return s.Builder.Write(p)
}

// awaitEvents reads the capture while it is written, until it holds n events of that
// name. It returns all events.
func awaitEvents(ctx context.Context, t *testing.T, path, name string, n int) []ami.Event {
	t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		records, err := capture.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var events []ami.Event
		found := 0
		for _, r := range records {
			if e, ok := r.Event(); ok {
				events = append(events, e)
				if e.Name() == name {
					found++
				}
			}
		}
		if found >= n {
			return events
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the capture holds %d %s of %d events, want %d", found, name, len(events), n)
		}
	}
}
