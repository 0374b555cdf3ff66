package pbxflow_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestShutdownHangsUpOutgoing asks a web server in a flow. The connection is kept for the
// next call, but not beyond the end of the server.
func TestShutdownHangsUpOutgoing(t *testing.T) {
	closed := make(chan struct{}, 10)
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	web.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	web.Start()
	t.Cleanup(web.Close)
	h := serve(t, map[string]string{
		"pbxflow.yaml": loopback + "outgoing: { private: [127.0.0.0/8] }\n",
		"flows.yaml":   fmt.Sprintf("flows: { main: { http: %q } }\n", web.URL),
	})
	h.call("main", status("DONE", ""))()
	select {
	case <-closed:
		t.Fatal("the connection was not kept for the next call")
	default:
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(30 * time.Second):
		t.Error("the connection is open after Shutdown")
	}
}
