package amitest_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// recording has five events with a gap of a minute, in which the link was lost.
const recording = `Asterisk Call Manager/11.0.0
Response: Success
Message: Authentication accepted
CaptureTime: 2026-11-21T10:00:00.000000Z

Event: A
CaptureTime: 2026-11-21T10:00:01.000000Z

Event: B
ChannelStateDesc: Up
CallerIDName: O\'Brien
CaptureTime: 2026-11-21T10:00:02.500000Z

Event: C
CaptureTime: 2026-11-21T10:00:10.000000Z

Capture: disconnected
CaptureTime: 2026-11-21T10:00:20.000000Z

Capture: connected
CaptureTime: 2026-11-21T10:01:20.000000Z

Event: D
CaptureTime: 2026-11-21T10:01:21.000000Z

Event: cut
`

func TestReplay(t *testing.T) {
	for name, test := range map[string]struct {
		options amitest.ReplayOptions
		want    string
	}{
		"at once":     {amitest.ReplayOptions{}, "0s A, 0s B O'Brien, 0s C, 0s D"},
		"as it was":   {amitest.ReplayOptions{Speed: 1}, "1s A, 2.5s B O'Brien, 10s C, 1m21s D"},
		"faster":      {amitest.ReplayOptions{Speed: 10}, "100ms A, 250ms B O'Brien, 1s C, 8.1s D"},
		"from":        {amitest.ReplayOptions{Speed: 1, From: 2 * time.Second}, "0s B O'Brien, 7.5s C, 1m18.5s D"},
		"from beyond": {amitest.ReplayOptions{From: time.Hour}, ""},
		"twice":       {amitest.ReplayOptions{Speed: 1, From: 10 * time.Second, Times: 2}, "0s C, 1m11s D, 1m11s C, 2m22s D"},
		"with gaps": {
			amitest.ReplayOptions{Speed: 1, From: 10 * time.Second, Gaps: true},
			"0s C, 10s disconnected, 1m18s connected, 1m18s D",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := amitest.New()
				var seen []string
				var start time.Time
				note := func(what string) { seen = append(seen, strings.TrimSpace(time.Since(start).String()+" "+what)) }
				o := ami.Options{
					Handler: func(e ami.Event) { note(e.Name() + " " + e.Get("CallerIDName")) },
					OnState: func(s ami.State, _ error) {
						if !start.IsZero() {
							note(s.String())
						}
					},
				}
				run(t, s, o, func(ctx context.Context, _ *ami.Client) {
					start = time.Now()
					n, err := s.Replay(ctx, strings.NewReader(recording), test.options)
					if err != nil || n != strings.Count(test.want, " A")+strings.Count(test.want, " B")+strings.Count(test.want, " C")+strings.Count(test.want, " D") {
						t.Errorf("%d events, %v", n, err)
					}
					synctest.Wait()
				})
				seen = clean(seen)
				if test.options.Gaps { // how long the client waits between attempts is its own affair
					for i, e := range seen {
						if _, what, _ := strings.Cut(e, " "); i >= 2 && i < 4 {
							seen[i] = "1m18s " + what
						}
					}
				}
				if got := strings.Join(seen, ", "); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

// TestReplayEndsInGap has a recording that was killed while it had no session: what is
// played to comes back.
func TestReplayEndsInGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := amitest.New()
		run(t, s, ami.Options{}, func(ctx context.Context, _ *ami.Client) {
			ended := "Event: A\n\nCapture: disconnected\n\n"
			if n, err := s.Replay(ctx, strings.NewReader(ended), amitest.ReplayOptions{Gaps: true}); n != 1 || err != nil {
				t.Errorf("%d events, %v", n, err)
			}
			if err := s.AwaitClients(ctx, 0); err != nil {
				t.Fatal(err)
			}
			back, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			if err := s.AwaitClients(back, 1); err != nil {
				t.Errorf("nobody came back: %v", err)
			}
		})
	})
}

// clean leaves out the end of the client.
func clean(seen []string) []string {
	if n := len(seen); n > 0 && strings.HasSuffix(seen[n-1], "disconnected") {
		return seen[:n-1]
	}
	return seen
}

// FuzzReplay plays anything to a client: it gets the events that ami.ReadAll finds, or
// loses the link over what cannot be read.
func FuzzReplay(f *testing.F) {
	f.Add([]byte(recording), uint64(1))
	f.Add([]byte("Event: A\n\nResponse: Follows\na\n\n--END COMMAND--\n\nEvent: B\nX: \xff\x00\n\n"), uint64(2))
	f.Add([]byte("no colon\nEvent: A\n\n: x\n\nEvent:B\n\n"), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		if bytes.HasPrefix(data, []byte("\x1f\x8b")) || bytes.Contains(data, []byte("CaptureTime")) || bytes.HasPrefix(data, []byte("Asterisk")) ||
			bytes.Contains(data, []byte("Capture")) || bytes.Contains(bytes.ToLower(data), []byte("actionid")) || bytes.Contains(data, []byte("rivilege")) {
			return // what capture takes off, or the server and the client act upon
		}
		want, _ := ami.ReadAll(bytes.NewReader(data)) // half a message at the end is no event
		synctest.Test(t, func(t *testing.T) {
			s := amitest.New()
			s.Split(seed)
			var got []ami.Event
			run(t, s, ami.Options{PingInterval: time.Hour, Handler: func(e ami.Event) { got = append(got, e) }}, func(ctx context.Context, _ *ami.Client) {
				if _, err := s.Replay(ctx, bytes.NewReader(data), amitest.ReplayOptions{}); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			})
			if len(got) != len(want) {
				t.Fatalf("%d events, want %d", len(got), len(want))
			}
			for i := range got {
				if got[i].String() != want[i].String() {
					t.Errorf("event %d: %q, want %q", i, got[i], want[i])
				}
			}
		})
	})
}

// TestReplayCall plays a call that was recorded on Asterisk 22, with its own timing.
func TestReplayCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, err := os.Open("testdata/call-22.ami.gz")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		s := amitest.New()
		channels, calls := map[string]bool{}, 0
		handler := func(e ami.Event) {
			switch e.Name() {
			case "Newchannel":
				channels[e.Get("Uniqueid")] = true
				calls++
			case "Hangup":
				delete(channels, e.Get("Uniqueid"))
			}
		}
		start := time.Now()
		run(t, s, ami.Options{Handler: handler}, func(ctx context.Context, _ *ami.Client) {
			n, err := s.Replay(ctx, file, amitest.ReplayOptions{Speed: 1})
			synctest.Wait()
			if n != 32 || err != nil || calls != 2 || len(channels) != 0 {
				t.Errorf("%d events, %v, %d channels of which %d are left", n, err, calls, len(channels))
			}
			if took := time.Since(start); took < time.Second || took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	})
}
