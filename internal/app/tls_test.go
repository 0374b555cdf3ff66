package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/internal/app"
)

// TestAsteriskTLS reads the certificates for a manager twice, which must be the same,
// and other settings, which must not.
func TestAsteriskTLS(t *testing.T) {
	https := httptest.NewTLSServer(nil) // for its certificate
	defer https.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: https.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	resolve := func(keys string) (app.Asterisk, error) {
		a := mustLoad(t, folder(map[string]string{
			"pbxflow.yaml": "asterisk: { a: { address: 'pbx:5039', username: u, secret: '${env.S}', " + keys + " } }\n", "a.yaml": "",
		}))
		settings, err := a.Resolve("", map[string]string{"S": "s"})
		return settings.Asterisk[0], err
	}
	with := "tls: true, ca: '" + ca + "'"
	first, err := resolve(with)
	if err != nil || first.TLS == nil || first.TLS.RootCAs == nil {
		t.Fatalf("got %+v, %v", first, err)
	}
	if again, err := resolve(with); err != nil || !first.Equal(again) {
		t.Errorf("the same settings differ: %+v, %v", again, err)
	}
	for _, other := range []string{"", "tls: true", with + ", server_name: pbx.example"} {
		if b, err := resolve(other); err != nil || first.Equal(b) {
			t.Errorf("%q is the same: %+v, %v", other, b, err)
		}
	}
	if _, err := resolve("tls: true, ca: '" + ca + ".gone'"); err == nil || !strings.Contains(err.Error(), "pbxflow.yaml:1:") {
		t.Errorf("a missing file: %v", err)
	}
}

// TestFilesOfTheApp has files beside pbxflow.yaml, which are found from whichever folder
// the server is started in. One that is missing is named with its whole path.
func TestFilesOfTheApp(t *testing.T) {
	https := httptest.NewTLSServer(nil) // for its certificate
	defer https.Close()
	pair := https.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	for name, text := range map[string][]byte{"ca.pem": cert, "cert.pem": cert, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(t.TempDir())
	a := mustLoad(t, folder(map[string]string{
		"pbxflow.yaml": `
asterisk: { a: { address: 'pbx:5039', username: u, secret: '${env.S}', tls: true, ca: ca.pem, cert: cert.pem, key: key.pem } }
outgoing: { ca: ./ca.pem, cert: cert.pem, key: key.pem }
audit: { file: log/audit.jsonl }
`, "a.yaml": "",
	}))
	settings, err := a.Resolve(dir, map[string]string{"S": "s"})
	if err != nil {
		t.Fatal(err)
	}
	for whose, config := range map[string]*tls.Config{"the manager": settings.Asterisk[0].TLS, "outgoing": settings.Outgoing.TLS} {
		if config.RootCAs == nil || len(config.Certificates) != 1 || len(config.Certificates[0].Certificate) != 1 {
			t.Errorf("%s has not all certificates: %+v", whose, config)
		}
	}
	if want := filepath.Join(dir, "log", "audit.jsonl"); settings.AuditFile != want {
		t.Errorf("the audit goes to %s, want %s", settings.AuditFile, want)
	}
	_, err = a.Resolve("", map[string]string{"S": "s"})
	here, wdErr := os.Getwd()
	if wdErr != nil {
		t.Fatal(wdErr)
	}
	for _, name := range []string{"ca.pem", "cert.pem"} {
		if err == nil || strings.Count(err.Error(), "open "+filepath.Join(here, name)+": ") != 2 {
			t.Errorf("got %v, which does not name %s twice", err, name)
		}
	}
}
