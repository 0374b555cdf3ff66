package app

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// certificates reads the files that a connection needs: authorities that are trusted
// beside those of the system, and the certificate by which this server is known to
// others. Each may be missing.
func certificates(ca, cert, key lang.Value[string], env environment, errs *[]error) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if name := getFile(ca, env, errs); name != "" {
		roots, err := Authorities(name)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: %w", ca.Pos(), err))
		}
		config.RootCAs = roots
	}
	certFile, keyFile := getFile(cert, env, errs), getFile(key, env, errs)
	if certFile != "" || keyFile != "" {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: the certificate cannot be used: %w", cert.Pos(), err))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// checkPair finds a certificate without its key, and a key without its certificate.
func checkPair(d *lang.Decoder, n lang.Node) {
	cert, key := n.Lookup("cert"), n.Lookup("key")
	switch {
	case cert.IsZero() && !key.IsZero():
		d.Errorf(key, "missing-key", `"cert" is missing: the certificate of this key`)
	case key.IsZero() && !cert.IsZero():
		d.Errorf(cert, "missing-key", `"key" is missing: the file with the key of this certificate`)
	}
}

// sameTLS reports whether two say the same, with the same certificates.
func sameTLS(a, b *tls.Config) bool {
	if a == nil || b == nil {
		return a == b
	}
	same := func(a, b tls.Certificate) bool { return slices.EqualFunc(a.Certificate, b.Certificate, bytes.Equal) }
	return a.ServerName == b.ServerName && a.RootCAs.Equal(b.RootCAs) && slices.EqualFunc(a.Certificates, b.Certificates, same)
}

// Authorities are those of the system and those in a file, in PEM.
func Authorities(name string) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system that has none
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return roots, err
	}
	if !roots.AppendCertsFromPEM(data) {
		return roots, fmt.Errorf("%s holds no certificate in PEM", name)
	}
	return roots, nil
}
