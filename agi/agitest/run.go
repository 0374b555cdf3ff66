package agitest

import (
	"net"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi"
)

// Run plays a transcript to a handler that a server runs over a connection in
// memory, and waits until the handler has returned. The test fails if the handler
// does something else than the transcript says. What the server logs goes to the
// test's output.
//
// Run inside a synctest bubble to let silence and timeouts take no time.
func Run(t testing.TB, h agi.Handler, transcript string) {
	t.Helper()
	asterisk, conn := net.Pipe()
	srv := &agi.Server{
		Handler: h,
		Logger:  hclog.New(&hclog.LoggerOptions{Name: "agi", Output: t.Output(), Level: hclog.Debug}),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.ServeConn(t.Context(), conn)
	}()
	err := Play(t.Context(), asterisk, transcript)
	<-served
	if err != nil {
		t.Error(err)
	}
}
