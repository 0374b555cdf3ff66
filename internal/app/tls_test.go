package app_test

import (
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
		settings, err := a.Resolve(map[string]string{"S": "s"})
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
