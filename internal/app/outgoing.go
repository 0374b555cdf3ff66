package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// resolve reads the certificates.
func (o outgoingConfig) resolve(env environment, errs *[]error) flows.Outgoing {
	var out flows.Outgoing
	for _, r := range o.Private {
		out.Private = append(out.Private, netip.Prefix(r))
	}
	ca, cert, key := get(o.CA, env, errs), get(o.Cert, env, errs), get(o.Key, env, errs)
	if ca == "" && cert == "" && key == "" {
		return out
	}
	out.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		roots, err := authorities(ca)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: %w", o.CA.Pos(), err))
		}
		out.TLS.RootCAs = roots
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			*errs = append(*errs, fmt.Errorf("%s: the certificate cannot be used: %w", o.Cert.Pos(), err))
		}
		out.TLS.Certificates = []tls.Certificate{pair}
	}
	return out
}

// authorities are those of the system and those in a file.
func authorities(name string) (*x509.CertPool, error) {
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

// addressRange is one IP address or a range of them.
type addressRange netip.Prefix

// UnmarshalText takes 10.0.0.0/8 or 10.0.0.1.
func (a *addressRange) UnmarshalText(b []byte) error {
	if ip, err := netip.ParseAddr(string(b)); err == nil {
		*a = addressRange(netip.PrefixFrom(ip, ip.BitLen()))
		return nil
	}
	p, err := netip.ParsePrefix(string(b))
	if err != nil {
		return lang.Mistake(fmt.Sprintf("%q is neither an IP address nor a range such as 10.0.0.0/8", b), "")
	}
	*a = addressRange(p.Masked())
	return nil
}

// LangType describes a range for messages and editors.
func (addressRange) LangType() (string, string) {
	return "an IP address or a range such as 10.0.0.0/8", `^[0-9a-fA-F.:]+(/[0-9]+)?$`
}

// allowance is a verb that is off unless it is allowed.
type allowance string

// UnmarshalText takes the names of those verbs.
func (a *allowance) UnmarshalText(b []byte) error {
	if s := string(b); s != "ami" && s != "exec" {
		return lang.Mistake(fmt.Sprintf("%q needs no allowance", b), "only ami and exec do")
	}
	*a = allowance(b)
	return nil
}

// LangType describes it for messages and editors.
func (allowance) LangType() (string, string) { return "ami or exec", "^(ami|exec)$" }

// allowed are the verbs that are on.
func (c Config) allowed() []string {
	var names []string
	for _, a := range c.Allow {
		names = append(names, string(a))
	}
	return names
}

// outbound is a device with {number} where the number goes.
type outbound string

// UnmarshalText takes a device as Dial does, which holds {number}.
func (o *outbound) UnmarshalText(b []byte) error {
	text := string(b)
	var device flows.DialString
	if strings.Count(text, "{number}") != 1 || device.UnmarshalText([]byte(strings.ReplaceAll(text, "{number}", "1"))) != nil {
		return lang.Mistake(fmt.Sprintf("%q is not a device with {number} in it", text), "write it such as PJSIP/{number}@carrier")
	}
	*o = outbound(text)
	return nil
}

// LangType describes it for messages and editors.
func (outbound) LangType() (string, string) {
	return "a device such as PJSIP/{number}@carrier", `\{number\}`
}

// resolve evaluates how mail is sent.
func (m mailConfig) resolve(env environment, errs *[]error) flows.Mail {
	server := string(get(m.Server, env, errs))
	if server == "" {
		return flows.Mail{}
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		*errs = append(*errs, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		*errs = append(*errs, err)
	}
	return flows.Mail{
		Host: host, Port: number, From: get(m.From, env, errs), TLS: m.TLS,
		Username: get(m.Username, env, errs), Password: get(m.Password, env, errs),
	}
}
