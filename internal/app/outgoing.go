package app

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// CheckYAML finds half a certificate.
func (outgoingConfig) CheckYAML(d *lang.Decoder, n lang.Node) { checkPair(d, n) }

// resolve reads the certificates.
func (o outgoingConfig) resolve(env environment, errs *[]error) flows.Outgoing {
	var out flows.Outgoing
	for _, r := range o.Private {
		out.Private = append(out.Private, netip.Prefix(r))
	}
	if o.CA.IsSet() || o.Cert.IsSet() || o.Key.IsSet() {
		out.TLS = certificates(o.CA, o.Cert, o.Key, env, errs)
	}
	return out
}

// SameOutgoing reports whether two settings allow the same, with the same certificates.
func SameOutgoing(a, b flows.Outgoing) bool {
	return slices.Equal(a.Private, b.Private) && sameTLS(a.TLS, b.TLS)
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
