package ami_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// authority is a certificate authority for a test.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, pool: x509.NewCertPool()}
	a.cert, a.key = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate; the first is the authority's own.
func (a *authority) sign(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// issue makes the certificate of a host, or of a client.
func (a *authority) issue(host string) tls.Certificate {
	cert, key := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// pemOf returns a certificate with its key as Asterisk wants them in tlscertfile.
func (a *authority) pemOf(c tls.Certificate) string {
	key, err := x509.MarshalECPrivateKey(c.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		a.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key}))
}

// A manager behind TLS that wants a client certificate.
func TestTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{ca.issue("pbx.example")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.pool,
	}
	mine := []tls.Certificate{ca.issue("app")}
	for _, test := range []struct {
		name, host string
		config     *tls.Config
		want       string // in the error; "" means that it works
	}{
		{"all is well", "pbx.example:5039", &tls.Config{RootCAs: ca.pool, Certificates: mine}, ""},
		{"host without a port", "pbx.example", &tls.Config{RootCAs: ca.pool, Certificates: mine}, ""},
		{"server name", "10.0.0.5:5039", &tls.Config{RootCAs: ca.pool, Certificates: mine, ServerName: "pbx.example"}, ""},
		{"not verified", "10.0.0.5:5039", &tls.Config{InsecureSkipVerify: true, Certificates: mine}, ""},
		{"wrong name", "pbx.invalid:5039", &tls.Config{RootCAs: ca.pool, Certificates: mine}, "pbx.invalid"},
		{"unknown authority", "pbx.example:5039", &tls.Config{RootCAs: other.pool, Certificates: mine}, "unknown authority"},
		{"no client certificate", "pbx.example:5039", &tls.Config{RootCAs: ca.pool}, "certificate required"},
		{"a client of another authority", "pbx.example:5039", &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{other.issue("app")}}, "unknown certificate authority"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := amitest.Start(t)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			c := ami.New(ami.Options{
				Addr: test.host, Dial: behindTLS(t, s, server), Username: s.Username, Secret: s.Secret, TLS: test.config,
				OnState: func(state ami.State, _ error) {
					if state == ami.Connected {
						stop()
					}
				},
				Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} },
			})
			err := c.Run(ctx)
			if test.want == "" && !errors.Is(err, context.Canceled) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Run returned %v, want %q", err, test.want)
			}
			if test.want != "" && len(s.Received()) > 0 {
				t.Errorf("the server received %v", s.Received())
			}
		})
	}
}

// behindTLS dials a server through a TLS endpoint of that configuration.
func behindTLS(t *testing.T, s *amitest.Server, cfg *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		plain, err := s.Dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		client, server := net.Pipe()
		secure := tls.Server(server, cfg)
		copied := make(chan struct{}, 2)
		go func() { io.Copy(secure, plain); secure.Close(); copied <- struct{}{} }()
		go func() { io.Copy(plain, secure); plain.Close(); server.Close(); copied <- struct{}{} }()
		t.Cleanup(func() { <-copied; <-copied })
		return client, nil
	}
}
