package capture_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/ami/capture"
)

// wire writes text as it comes on the wire.
func wire(text string) []byte { return []byte(strings.ReplaceAll(text, "|", "\r\n")) }

// TestRecord records a session with a gap, and reads the capture.
func TestRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x.ami.gz")
		w, err := capture.Create(path, capture.Options{Server: "pbx1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := capture.Create(path, capture.Options{}); !errors.Is(err, os.ErrExist) {
			t.Errorf("a second Create: %v", err)
		}
		s := amitest.New()
		defer s.Close()
		c := ami.New(ami.Options{Addr: s.Addr(), Username: s.Username, Secret: s.Secret, Dial: w.Dial(s.Dial), PingInterval: time.Hour})
		done := make(chan error)
		ctx, stop := context.WithCancel(t.Context())
		go func() { done <- c.Run(ctx) }()
		if err := s.AwaitClients(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		s.Emit("A", "X", "1")
		time.Sleep(time.Minute)
		s.Write("Event: B\nChannelStateDesc: Up\nCallerIDName: O\\'Brien\n\nEvent: ha")
		synctest.Wait()
		s.Drop()
		time.Sleep(time.Minute)
		s.Emit("C")
		time.Sleep(2 * time.Second)

		// What is there now is what a killed process leaves.
		killed := read(t, path)
		want := []string{
			"connected", "Response", "Response", "00:00:00 A 1", "00:01:00 B O'Brien", "disconnected",
			"connected", "Response", "Response", "00:02:00 C ",
		}
		if diff := cmp.Diff(want, summary(killed)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		if raw := string(killed[4].Raw); raw != "Event: B\r\nChannelStateDesc: Up\r\nCallerIDName: O\\'Brien\r\n\r\n" {
			t.Errorf("raw: %q", raw)
		}
		stats := w.Stats()
		if stats.Sessions != 2 || stats.Events != 3 || stats.Messages != 7 || stats.Bytes == 0 {
			t.Errorf("stats: %+v", stats)
		}
		stop()
		<-done
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("a second Close: %v", err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		events, err := ami.ReadAll(capture.Text(f))
		if err != nil || len(events) != 3 || events[1].Get("CallerIDName") != "O'Brien" {
			t.Errorf("ami.ReadAll: %v, %v", events, err)
		}
	})
}

func read(t *testing.T, path string) []capture.Record {
	t.Helper()
	records, err := capture.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// summary names each record, events with the time since midnight in 2000, when
// bubbles begin.
func summary(records []capture.Record) []string {
	var out []string
	for _, r := range records {
		e, ok := r.Event()
		switch {
		case r.Mark != "":
			out = append(out, string(r.Mark))
		case ok:
			out = append(out, r.Time.Format("15:04:05 ")+e.Name()+" "+e.Get("X")+e.Get("CallerIDName"))
		default:
			out = append(out, "Response")
		}
	}
	return out
}

// TestForeign reads streams that this package has not written.
func TestForeign(t *testing.T) {
	for name, test := range map[string]struct {
		in        string
		want      []string
		truncated bool
	}{
		"nothing":            {"", nil, false},
		"only a banner":      {"Asterisk Call Manager/11.0.0|", nil, false},
		"half a banner":      {"Asterisk Call", nil, true},
		"a banner":           {"Asterisk Call Manager/11.0.0|Event: A|X: 1||", []string{"00:00:00 A 1"}, false},
		"Asterisk's times":   {"Event: A|Timestamp: 946684860.500000||", []string{"00:01:00 A "}, false},
		"no number":          {"Event: A|Timestamp: NaN||Event: B|Timestamp: 1e300||", []string{"00:00:00 A ", "00:00:00 B "}, false},
		"the end is missing": {"Event: A||Event: B|", []string{"00:00:00 A "}, true},
		"old output":         {"Response: Follows|Privilege: Command|a||b|--END COMMAND--||Event: A||", []string{"Response", "00:00:00 A "}, false},
		"a forged time":      {"CaptureTime: 2000-01-01T01:00:00.000000Z||Event: A|CaptureTime: soon||", []string{"Response", "00:00:00 A "}, false},
		"stray blank lines":  {"||Event: A||||", []string{"00:00:00 A "}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, src := range []io.Reader{bytes.NewReader(wire(test.in)), iotest.OneByteReader(bytes.NewReader(wire(test.in)))} {
				r := capture.NewReader(src)
				var records []capture.Record
				for {
					rec, err := r.Next()
					if err != nil {
						if err != io.EOF {
							t.Error(err)
						}
						break
					}
					records = append(records, rec)
				}
				if diff := cmp.Diff(test.want, summary(records)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if r.Truncated() != test.truncated {
					t.Errorf("truncated %v, want %v", r.Truncated(), test.truncated)
				}
			}
		})
	}
}

// TestCut cuts a compressed capture at every byte: it can be read up to there.
func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		w := capture.NewWriter(&file, capture.Options{Gzip: true})
		for _, name := range []string{"A", "B", "C"} {
			if err := w.Write(capture.Record{Raw: wire("Event: " + name + "||")}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		whole := file.Bytes()
		last := 0
		for n := range len(whole) + 1 {
			records, err := capture.ReadAll(bytes.NewReader(whole[:n]))
			if err != nil {
				t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
			}
			if len(records) < last {
				t.Fatalf("%d bytes hold %d records, fewer bytes %d", n, len(records), last)
			}
			last = len(records)
		}
		if last != 3 {
			t.Errorf("%d records, want 3", last)
		}
	})
}

// TestBroken has errors that must not pass for the end.
func TestBroken(t *testing.T) {
	broken := errors.New("broken")
	if _, err := capture.ReadAll(io.MultiReader(strings.NewReader("Event: A\n\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a broken disk: %v", err)
	}
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	z.Write(wire("Event: A||"))
	z.Close()
	file.Bytes()[file.Len()-5] ^= 1 // of the checksum
	if _, err := capture.ReadAll(&file); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("a wrong checksum: %v", err)
	}
	if _, err := capture.ReadFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestFullDisk(t *testing.T) {
	w := capture.NewWriter(fullDisk{}, capture.Options{})
	big := wire("Event: A|X: " + strings.Repeat("x", 300<<10) + "||")
	if err := w.Write(capture.Record{Raw: big}); err == nil || w.Err() == nil {
		t.Errorf("errors %v, %v", err, w.Err())
	}
	if err := w.Close(); err == nil {
		t.Error("Close: no error")
	}
}
