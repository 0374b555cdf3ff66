package app

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

type asteriskConfig struct {
	Address    lang.Value[address] `yaml:"address,required" doc:"Its manager interface, as host:port."`
	Username   lang.Value[string]  `yaml:"username,required" doc:"The user in manager.conf."`
	Secret     lang.Value[string]  `yaml:"secret,required" doc:"The user's secret, best from the environment: ${env.AMI_SECRET}."`
	TLS        bool                `yaml:"tls" doc:"Speaks TLS with the manager: tlsenable in manager.conf, whose tlsbindaddr is the address then."`
	CA         lang.Value[string]  `yaml:"ca" doc:"With tls: a file with certificates that are trusted beside those of the system, such as that of a manager that signed its own."`
	Cert       lang.Value[string]  `yaml:"cert" doc:"With tls: a file with the certificate by which this server is known to a proxy in front of the manager; needs key."`
	Key        lang.Value[string]  `yaml:"key" doc:"With tls: the file with the key of cert."`
	ServerName lang.Value[string]  `yaml:"server_name" doc:"With tls: the name that stands in the manager's certificate; the host of address if left out."`
	ActionLink bool                `yaml:"action_link" doc:"Logs in a second time and sends actions there, so that a slow one does not hold back what Asterisk tells. The user needs allowmultiplelogin, which is on unless manager.conf says no."`
	Outbound   outbound            `yaml:"outbound" doc:"How a number outside is called for callback, with {number} in its place: PJSIP/{number}@carrier."`
}

// CheckYAML finds what says nothing without TLS, and half a certificate.
func (c asteriskConfig) CheckYAML(d *lang.Decoder, n lang.Node) {
	for _, key := range []string{"ca", "cert", "key", "server_name"} {
		if value := n.Lookup(key); !c.TLS && !value.IsZero() {
			d.Errorf(value, "missing-key", "%q says nothing without TLS", key).Hint("write tls: true beside it")
		}
	}
	checkPair(d, n)
}

// Asterisk is how to reach one Asterisk server.
type Asterisk struct {
	Name, Address, Username, Secret, Outbound string

	TLS        *tls.Config // nil: no TLS
	ActionLink bool        // a second connection, for actions
}

// Equal reports whether two are the same in all, also in their certificates.
func (a Asterisk) Equal(b Asterisk) bool {
	return a.Name == b.Name && a.Address == b.Address && a.Username == b.Username && a.Secret == b.Secret &&
		a.Outbound == b.Outbound && a.ActionLink == b.ActionLink && sameTLS(a.TLS, b.TLS)
}

func (c asteriskConfig) resolve(name string, env environment, errs *[]error) Asterisk {
	a := Asterisk{
		Name: name, Address: string(get(c.Address, env, errs)),
		Username: get(c.Username, env, errs), Secret: get(c.Secret, env, errs), Outbound: string(c.Outbound),
		ActionLink: c.ActionLink,
	}
	if c.TLS {
		a.TLS = certificates(c.CA, c.Cert, c.Key, env, errs)
		a.TLS.ServerName = get(c.ServerName, env, errs)
	}
	return a
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
