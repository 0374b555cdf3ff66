package app

import (
	"fmt"
	"net"
	"path"
	"strconv"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// address is where somebody listens: host:port, or :port for all addresses of the
// machine.
type address string

// UnmarshalText refuses what has no port.
func (a *address) UnmarshalText(b []byte) error {
	text := string(b)
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		hint := ""
		if _, err := strconv.ParseUint(text, 10, 16); err == nil {
			hint = fmt.Sprintf("write :%s to listen on all addresses, or 127.0.0.1:%[1]s", text)
		}
		return lang.Mistake(fmt.Sprintf("%q is not host:port", text), hint)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return lang.Mistake(fmt.Sprintf("%q is not host:port: the port is a number up to 65535", text), "")
	}
	*a = address(text)
	return nil
}

// LangType describes an address for messages and editors.
func (address) LangType() (string, string) { return "an address as host:port", `^.*:[0-9]+$` }

// optionalAddress is an address, or empty for none.
type optionalAddress string

// UnmarshalText takes an address or nothing.
func (a *optionalAddress) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	return (*address)(a).UnmarshalText(b)
}

// LangType describes an address for messages and editors.
func (optionalAddress) LangType() (string, string) {
	return "an address as host:port", `^(.*:[0-9]+)?$`
}

// count is a number that cannot be negative.
type count int

// UnmarshalText reads a whole number.
func (c *count) UnmarshalText(b []byte) error {
	n, err := strconv.ParseUint(string(b), 10, 31)
	if err != nil {
		return lang.Mistake(fmt.Sprintf("%q is no number of things", b), "write a whole number such as 500, or 0")
	}
	*c = count(n)
	return nil
}

// LangType describes a count for messages and editors.
func (count) LangType() (string, string) { return "a whole number", `^[0-9]+$` }

// trunk is a pattern of the names of channels that lead outside.
type trunk string

// UnmarshalText refuses what cannot match anything.
func (t *trunk) UnmarshalText(b []byte) error {
	if _, err := path.Match(string(b), ""); err != nil || len(b) == 0 {
		return lang.Mistake(fmt.Sprintf("%q is no pattern of channels", b), "write one such as PJSIP/carrier*")
	}
	*t = trunk(b)
	return nil
}

// LangType describes a pattern for messages and editors.
func (trunk) LangType() (string, string) { return "text", "" }
