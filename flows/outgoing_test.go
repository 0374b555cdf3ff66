package flows_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/flows"
)

// ask runs steps against a server at the addresses SERVER, with a client.
func ask(t *testing.T, client *http.Client, address, steps string) string {
	t.Helper()
	a := load(t, "flows:\n  main:\n    "+strings.ReplaceAll(strings.ReplaceAll(lines(steps), "SERVER", address), "\n", "\n    "))
	// How it ended is in the trace.
	trace, _ := (&flows.Engine{HTTP: client}).RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{})
	why := ""
	for _, s := range trace.Steps {
		for _, arg := range s.Args {
			if arg.Key == "why" {
				why += fmt.Sprintf("\nwhy: %v", arg.Value)
			}
		}
	}
	return summary(trace) + why
}

// TestOutgoing refuses private networks at the moment of the connection, whatever the name
// and after every redirect.
func TestOutgoing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		fmt.Fprint(w, "secret")
	}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	const refused = "the address is in a private network: name its range in pbxflow.yaml, outgoing: { private: […] }, if it may be asked"
	for _, test := range []struct {
		name, host, allow string
		want              string // part of why
	}{
		{name: "loopback", host: "127.0.0.1", want: refused},
		{name: "by name", host: "localhost", want: refused},
		{name: "as a number", host: "2130706433", want: "why: "}, // the system's resolver decides; it must not be reached
		{name: "mapped", host: "[::ffff:127.0.0.1]", want: refused},
		{name: "any", host: "0.0.0.0", want: refused},
		{name: "private", host: "10.1.2.3", want: refused},
		{name: "metadata", host: "169.254.169.254", want: refused},
		{name: "carrier", host: "100.64.0.1", want: refused},
		{name: "local", host: "[fe80::1]", want: refused},
		{name: "unique local", host: "[fd00::1]", want: refused},
		{name: "NAT64", host: "[64:ff9b::7f00:1]", want: refused},
		{name: "another range", host: "127.0.0.1", allow: "10.0.0.0/8", want: refused},
		{name: "allowed", host: "127.0.0.1", allow: "127.0.0.1/32"},
		{name: "allowed when mapped", host: "[::ffff:127.0.0.1]", allow: "127.0.0.1/32"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var o flows.Outgoing
			if test.allow != "" {
				o.Private = []netip.Prefix{netip.MustParsePrefix(test.allow)}
			}
			got := ask(t, o.Client(), "http://"+test.host+":"+port, `
				- http: SERVER/
				  as: r
				  on_error: continue
				- log: ${r?.body ?? "none"}`)
			if test.want == "" && got != "http → ok\nlog secret\nDONE by flow" || !strings.Contains(got, test.want) || test.want != "" && strings.Contains(got, "secret") {
				t.Errorf("got\n%s\nwant %q", got, test.want)
			}
		})
	}
	t.Run("redirect", func(t *testing.T) {
		o := flows.Outgoing{Private: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
		got := ask(t, o.Client(), server.URL, "- http: SERVER/?to=http://127.0.0.2:"+port+"/\n  on_error: continue")
		if !strings.Contains(got, refused) {
			t.Errorf("got\n%s", got)
		}
	})
}

// TestHTTPBodies sends a form and a text, and limits what comes back.
func TestHTTPBodies(t *testing.T) {
	var got []string
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", r.Method, r.Header.Get("Content-Type"), body))
		w.Header().Set("X-Ticket", "17")
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/long":
			fmt.Fprint(w, strings.Repeat("x", 100))
		}
	})
	trace := ask(t, clientOf(server), "https://crm.example", `
		- http: SERVER/
		  form: { name: "a & b", n: 3 }
		  as: r
		- log: ${r.headers["x-ticket"]}
		- http: SERVER/
		  body: hello
		- http: SERVER/
		  method: PUT
		  body: <x/>
		  headers: { Content-Type: text/xml }
		- http: SERVER/loop
		  redirects: 0
		  as: loop
		- log: ${loop.status} ${loop.headers["location"]}
		- http: SERVER/loop
		  redirects: 2
		  on: { failed: [] }
		- http: SERVER/long
		  max_size: 100
		- http: SERVER/long
		  max_size: 99
		  on: { failed: [] }`)
	want := "http → ok\nlog 17\nhttp → ok\nhttp → ok\nhttp → ok\nlog 302 /loop\nhttp → failed (on)\nhttp → ok\nhttp → failed (on)\nDONE by flow\n" +
		"why: Get \"/loop\": more than 2 redirects\nwhy: the answer is longer than 99 bytes"
	if diff := cmp.Diff(want, trace); diff != "" {
		t.Errorf("trace differs (-want +got):\n%s", diff)
	}
	requests := []string{
		"POST application/x-www-form-urlencoded n=3&name=a+%26+b", "POST text/plain; charset=utf-8 hello", "PUT text/xml <x/>",
		"GET  ", "GET  ", "GET  ", "GET  ", "GET  ", "GET  ",
	}
	if diff := cmp.Diff(requests, got); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
}

// TestOutgoingTLS trusts an authority of one's own, and shows a certificate.
func TestOutgoingTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, len(r.TLS.PeerCertificates))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	const steps = "- http: SERVER/\n  as: r\n  on_error: continue\n- log: ${r?.body ?? \"none\"}"
	trusted := flows.Outgoing{Private: loopback, TLS: &tls.Config{RootCAs: roots, Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12}}
	if got := ask(t, trusted.Client(), server.URL, steps); got != "http → ok\nlog 1\nDONE by flow" {
		t.Errorf("got\n%s", got)
	}
	if got := ask(t, flows.Outgoing{Private: loopback}.Client(), server.URL, steps); !strings.Contains(got, "certificate signed by unknown authority") {
		t.Errorf("got\n%s", got)
	}
}
