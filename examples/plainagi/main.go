// Command plainagi is a plain AGI program: Asterisk starts it for a call, and it talks
// on standard input and output. Build it static, put it where Asterisk finds it, and
// call it from the dialplan:
//
//	CGO_ENABLED=0 go build -o /usr/share/asterisk/agi-bin/plainagi ./examples/plainagi
//
//	exten => 100,1,AGI(plainagi,hello-world)
//	 same => n,NoOp(${HEARD})
//
// It plays the prompt that it is called with and sets HEARD to the key that the caller
// pressed. By EAGI instead of AGI it then listens for half a second and sets AUDIO to
// the number of bytes that it heard.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"

	"github.com/pbxflow/pbxflow/agi"
)

func main() {
	if err := agi.ServeStdio(context.Background(), agi.HandlerFunc(serve), nil); err != nil {
		os.Exit(1) // the dialplan has AGISTATUS=FAILURE
	}
}

func serve(ctx context.Context, s *agi.Session) error {
	args := s.Env().Args()
	if len(args) != 1 {
		return errors.New("the dialplan must name one prompt")
	}
	key, _, err := s.StreamFile(ctx, args[0], "0123456789", 0)
	if err != nil {
		// The caller may be gone; what needs no channel works all the same.
		return s.SetVariable(context.WithoutCancel(ctx), "HEARD", "nothing")
	}
	if err := s.SetVariable(ctx, "HEARD", key); err != nil {
		return err
	}
	if s.Env().Get("agi_enhanced") == "1.0" {
		return listen(ctx, s)
	}
	return nil
}

// listen reads half a second: 8000 samples a second of 2 bytes.
func listen(ctx context.Context, s *agi.Session) error {
	audio, err := agi.EAGIAudio()
	if err != nil {
		return err
	}
	n, err := io.CopyN(io.Discard, audio, 8000)
	err = errors.Join(err, audio.Close())
	if err != nil {
		return err
	}
	return s.SetVariable(ctx, "AUDIO", strconv.FormatInt(n, 10))
}
