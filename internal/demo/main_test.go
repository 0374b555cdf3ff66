package main

import (
	"net"
	"strings"
	"testing"
)

// TestSimulator plays the demo as it is where no Asterisk can be had.
func TestSimulator(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pbx, err := newSimulator(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := play(t.Context(), pbx, listener, &out); err != nil {
		t.Error(err)
	}
	if err := pbx.close(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		"DONE by dialplan", "HANGUP by caller", "PJSIP/101 took the call",
		"notice of rule missed-call (warning): 0441234567 called 0443334455 and nobody answered; it rang 4s.",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not say %q", want)
		}
	}
	t.Log(out.String())
}
