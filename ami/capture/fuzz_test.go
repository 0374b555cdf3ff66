package capture_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
)

// FuzzReader reads anything: the records hold the messages that ami.Reader finds in
// the same bytes, and written again they come back the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"Asterisk Call Manager/11.0.0|Response: Success|Message: hello||Event: A|X: 1||",
		"Capture: connected|CaptureTime: 2026-11-21T02:59:38.373316Z||Event: A|CaptureTime: 2026-11-21T02:59:38.373316Z||",
		"Response: Follows|Privilege: Command|a||b|--END COMMAND--||Event: A|||Event: B||",
		"Event: VarSet|Variable: PIN|Value: it\\'s||Event: X|ChannelStateDesc: Up|CallerIDName: \\\"||",
		"no colon||A:b|:|: |Event: x: y||\x1f\x8b",
	} {
		f.Add(wire(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			data = data[1:] // what is compressed says nothing of the text
		}
		records, err := capture.ReadAll(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		var plain bytes.Buffer
		for _, r := range records {
			plain.Write(r.Raw)
		}
		if diff := cmp.Diff(texts(t, plain.Bytes()), messages(records)); diff != "" {
			t.Fatalf("the records do not hold what they say (-raw +message):\n%s", diff)
		}
		if !bytes.Contains(data, []byte("CaptureTime")) && !bytes.HasPrefix(data, []byte("Asterisk Call Manager")) {
			if diff := cmp.Diff(texts(t, data), messages(records)); diff != "" {
				t.Fatalf("ami.Reader finds other messages (-want +got):\n%s", diff)
			}
		}
		var again bytes.Buffer
		w := capture.NewWriter(&again, capture.Options{Gzip: true})
		for _, r := range records {
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		reread, err := capture.ReadAll(&again)
		if err != nil || len(reread) != len(records) {
			t.Fatalf("%d records became %d, %v", len(records), len(reread), err)
		}
		for i, r := range reread {
			if !records[i].Time.IsZero() && !r.Time.Equal(records[i].Time) {
				t.Errorf("time %v became %v", records[i].Time, r.Time)
			}
		}
	})
}

func texts(t *testing.T, stream []byte) []string {
	var out []string
	r := ami.NewReader(bytes.NewReader(stream))
	for {
		m, err := r.ReadMessage()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m.String())
	}
}

func messages(records []capture.Record) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Message.String())
	}
	return out
}
