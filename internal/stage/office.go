package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Office is the web server that the example app talks to: GET /callers/<number>
// says who calls, POST /notices takes notices.
type Office struct {
	// Notices are those that came, in order. It holds 100; more are refused.
	Notices chan Notice

	listener net.Listener
	server   *http.Server
	served   sync.WaitGroup
	failure  error // why the server ended; read after served
}

// Notice is what the app sends.
type Notice struct {
	Text     string    `json:"text"`
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	Call     string    `json:"call"`
	Time     time.Time `json:"time"`
}

// OpenOffice starts an office on a free port of the loopback. The owner must
// Close it.
func OpenOffice() (*Office, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &Office{Notices: make(chan Notice, 100), listener: listener}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callers/{number}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		// The flow reads a failed answer as a failed look-up, which it handles.
		_, _ = fmt.Fprintf(w, `{"number": %q, "vip": %t}`, r.PathValue("number"), r.PathValue("number") == VIP)
	})
	mux.HandleFunc("POST /notices", o.take)
	o.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	o.served.Go(func() { o.failure = o.server.Serve(listener) })
	return o, nil
}

// VIP is the number of a caller whom the office knows as important.
const VIP = "0791112233"

// Addr returns host:port.
func (o *Office) Addr() string { return o.listener.Addr().String() }

func (o *Office) take(w http.ResponseWriter, r *http.Request) {
	var n Notice
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case o.Notices <- n:
	default:
		http.Error(w, "too many notices", http.StatusInsufficientStorage)
	}
}

// Close ends the office and waits for it.
func (o *Office) Close() error {
	err := o.server.Shutdown(context.Background())
	o.served.Wait()
	if !errors.Is(o.failure, http.ErrServerClosed) {
		err = errors.Join(err, o.failure)
	}
	return err
}
