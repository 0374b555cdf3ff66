package pbxflow_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestShutdownHangsUpOutgoing asks a web server in a flow, and sends it a notice. The
// connections are kept for the next call, but not beyond the end of the server.
func TestShutdownHangsUpOutgoing(t *testing.T) {
	for name, step := range map[string]string{"http": "http: %q", "notify": "notify: ops, text: hello, wait: true"} {
		t.Run(name, func(t *testing.T) {
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
				"flows.yaml":   fmt.Sprintf("notify: { ops: { webhook: %q } }\nflows: { main: { "+strings.ReplaceAll(step, "%q", "%[1]q")+" } }\n", web.URL),
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
		})
	}
}

// TestNoticeOverTLS sends a notice to a server in a private network whose authority only
// outgoing names, and shows it the certificate of outgoing.
func TestNoticeOverTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	shown := make(chan string, 1)
	web.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		shown <- r.TLS.PeerCertificates[0].Subject.Organization[0]
	})
	web.StartTLS()
	t.Cleanup(web.Close)
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, err := x509.MarshalPKCS8PrivateKey(web.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	h := serve(t, map[string]string{
		"pbxflow.yaml": loopback + fmt.Sprintf("outgoing: { ca: %q, cert: %[1]q, key: %q }\n",
			write("ca.pem", "CERTIFICATE", web.Certificate().Raw), write("key.pem", "PRIVATE KEY", key)),
		"flows.yaml": fmt.Sprintf("notify: { ops: { webhook: %q } }\nflows: { main: { notify: ops, text: hello, wait: true } }\n", web.URL),
	})
	h.call("main", status("DONE", ""))()
	select {
	case got := <-shown:
		if got != "Acme Co" {
			t.Errorf("the server was shown a certificate of %s", got)
		}
	default:
		t.Error("the server got no notice")
	}
}
