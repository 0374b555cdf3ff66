package main

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/ami/amitest"
)

// TestManagerOverTLS reaches a manager that signed its own certificate: by the flags, and
// by pbxflow.yaml.
func TestManagerOverTLS(t *testing.T) {
	m := amitest.Start(t)
	plain, err := m.Listen()
	if err != nil {
		t.Fatal(err)
	}
	addr, ca := overTLS(t, plain)
	t.Setenv("AMI_SECRET", m.Secret)
	user := " --username " + m.Username

	manager := func(keys string) string {
		return app(t, map[string]string{
			"pbxflow.yaml": "asterisk: { pbx1: { address: '" + addr + "', username: " + m.Username + ", secret: '${env.AMI_SECRET}', " + keys + " } }\n",
		})
	}
	beside := manager("tls: true, ca: ca.pem")
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(beside, "ca.pem"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{beside, 0, "Pong"},
		{"--address " + addr + user + " --tls --ca " + ca, 0, "Pong"},
		{"--address " + addr + user + " --tls", 1, "failed to verify certificate"},
		{"--address " + plain + user + " --tls", 1, "there is no TLS on this port"},
		{"--address " + addr + user + " --ca " + ca, 1, "--ca needs --tls"},
		{"--address " + addr + user + " --tls --ca " + ca + ".gone", 1, "no such file"},
		{"--ca " + ca, 1, "need --address: an app says that in pbxflow.yaml"},
		{manager("tls: true, ca: '" + ca + "'"), 0, "Pong"},
		{manager("tls: true, ca: '" + ca + "', server_name: example.com"), 0, "Pong"},
		{manager("tls: true, ca: '" + ca + "', server_name: example.org"), 1, "not example.org"},
		{manager("tls: true"), 1, "failed to verify certificate"},
		{manager("tls: true, ca: gone.pem"), 1, string(filepath.Separator) + "gone.pem: no such file"},
	} {
		if got := runLines(t, test.code, "ami "+test.args, "Ping\n"); !strings.Contains(got, test.want) {
			t.Errorf("ami %s: got %s, want %s", test.args, got, test.want)
		}
	}

	capture := filepath.Join(t.TempDir(), "tls.ami")
	said := runCommand(t, 0, "record --for 500ms --output "+capture+" --address "+addr+user+" --tls --ca "+ca)
	if text, err := os.ReadFile(capture); err != nil || !strings.Contains(string(text), "Capture: connected") {
		t.Errorf("record over TLS said %s, %v, and wrote %q", said, err, text)
	}
}

// overTLS puts TLS in front of a listener, with a certificate for 127.0.0.1 and
// example.com. It returns the address, and the file with that certificate.
func overTLS(t *testing.T, plain string) (addr, ca string) {
	t.Helper()
	https := httptest.NewTLSServer(nil) // for its certificate
	defer https.Close()
	ca = filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: https.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: https.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { join(near, plain) })
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return l.Addr().String(), ca
}

// join copies between a connection and a new one to addr until either ends.
func join(near net.Conn, addr string) {
	defer near.Close()
	far, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		near.Close()
	})
	_, _ = io.Copy(far, near)
	far.Close()
	back.Wait()
}

// runLines runs a command that reads these lines.
func runLines(t *testing.T, want int, args, lines string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stdin")
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer func(before *os.File) { os.Stdin = before }(os.Stdin)
	os.Stdin = in
	return runCommand(t, want, args)
}
