package agi_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
)

// speech talks to a speech engine where there is one: since 18.12 Asterisk can have
// one outside, which is the web socket below.
func speech(t *testing.T, ctx context.Context, s *agi.Session) error {
	wantRefused(t, "SpeechCreate of no engine", s.SpeechCreate(ctx, "no-such-engine"), 200)
	wantRefused(t, "SpeechSet without an object", s.SpeechSet(ctx, "a", "b"), 200)
	_, err := s.SpeechRecognize(ctx, "beep", time.Second, 10)
	wantRefused(t, "SpeechRecognize without an object", err, 200)
	wantRefused(t, "SpeechDestroy without an object", s.SpeechDestroy(ctx), 200)

	err = s.SpeechCreate(ctx, "heard")
	if strings.HasPrefix(s.Env().Version(), "16") {
		wantRefused(t, "SpeechCreate", err, 200)
	} else if err != nil {
		t.Error(err)
	} else {
		wantRefused(t, "SpeechCreate a second time", s.SpeechCreate(ctx, "heard"), 200)
		if err := s.SpeechSet(ctx, "language", `en "GB"`); err != nil {
			t.Error(err)
		}
		got, err := s.SpeechRecognize(ctx, "beep", 5*time.Second, 0)
		want := agi.Recognition{Results: []agi.SpeechResult{{Score: 87, Text: "yes (please) now"}}}
		got.EndPos = 0 // wherever the beep was
		if d := cmp.Diff(got, want); d != "" || err != nil {
			t.Errorf("%v, got - want +\n%s", err, d)
		}
		// The engine has said what it had to say.
		got, err = s.SpeechRecognize(ctx, "beep", time.Second, 0)
		if !got.Timeout || len(got.Results) > 0 || err != nil {
			t.Errorf("got %+v, %v, want a timeout", got, err)
		}
		if err := s.SpeechDestroy(ctx); err != nil {
			t.Error(err)
		}
	}
	// Grammars are what this engine does not have.
	wantRefused(t, "SpeechLoadGrammar", s.SpeechLoadGrammar(ctx, "g", "/g.xml"), 200)
	wantRefused(t, "SpeechActivateGrammar", s.SpeechActivateGrammar(ctx, "g"), 200)
	wantRefused(t, "SpeechDeactivateGrammar", s.SpeechDeactivateGrammar(ctx, "g"), 200)
	wantRefused(t, "SpeechUnloadGrammar", s.SpeechUnloadGrammar(ctx, "g"), 200)
	return s.SetVariable(ctx, "STEP", "yes")
}

// speechKey has a caller who says nothing and presses a key.
func speechKey(t *testing.T, ctx context.Context, s *agi.Session) error {
	if strings.HasPrefix(s.Env().Version(), "16") {
		return nil // there is no engine
	}
	if err := s.SpeechCreate(ctx, "heard"); err != nil {
		t.Error(err)
	}
	got, err := s.SpeechRecognize(ctx, long, 10*time.Second, 0)
	got.EndPos = 0 // wherever the prompt was
	if d := cmp.Diff(got, agi.Recognition{Digit: "5"}); d != "" || err != nil {
		t.Errorf("%v, got - want +\n%s", err, d)
	}
	return s.SpeechDestroy(ctx)
}

// speechConfig is aeap.conf for an engine called heard.
func speechConfig(addr string) string {
	return fmt.Sprintf("[heard]\ntype=client\ncodecs=!all,ulaw\nurl=ws://%s\nprotocol=speech_to_text\n", addr)
}

// serveSpeech is a speech engine: a web socket that agrees to everything and, once it
// hears something, says what it understood. It returns its address.
func serveSpeech(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: speech_to_text\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
		understand(conn, rw.Reader)
	})}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		wantErr(t, "Serve", <-served, http.ErrServerClosed)
	})
	return ln.Addr().String()
}

// understand answers until Asterisk closes.
func understand(w io.Writer, r *bufio.Reader) {
	const text, audio = 1, 2
	heard := false
	for {
		kind, message, err := readFrame(r)
		switch {
		case err != nil:
			return
		case kind == audio && !heard:
			heard = true
			writeFrame(w, `{"request":"set","id":"1","params":{"results":[{"text":"yes (please) now","score":87}]}}`)
		case kind == text:
			var m struct{ Request, ID string }
			if json.Unmarshal(message, &m) == nil && m.Request != "" {
				writeFrame(w, fmt.Sprintf(`{"response":%q,"id":%q,"codecs":[{"name":"ulaw"}]}`, m.Request, m.ID))
			}
		}
	}
}

// readFrame reads one masked frame, of which Asterisk makes no fragments here.
func readFrame(r *bufio.Reader) (kind byte, message []byte, err error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	n := int(head[1] & 0x7f)
	if n == 126 {
		long := make([]byte, 2)
		if _, err := io.ReadFull(r, long); err != nil {
			return 0, nil, err
		}
		n = int(binary.BigEndian.Uint16(long))
	}
	frame := make([]byte, 4+n)
	if head[1]&0x80 == 0 {
		frame = frame[:n]
	}
	if _, err := io.ReadFull(r, frame); err != nil || head[1]&0x80 == 0 {
		return head[0] & 0xf, frame, err
	}
	for i := range n {
		frame[4+i] ^= frame[i%4]
	}
	return head[0] & 0xf, frame[4:], nil
}

// writeFrame writes a text. An Asterisk that has gone is seen by reading.
func writeFrame(w io.Writer, text string) {
	b := binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(len(text)))
	if len(text) < 126 {
		b = []byte{0x81, byte(len(text))}
	}
	_, _ = w.Write(append(b, text...))
}
