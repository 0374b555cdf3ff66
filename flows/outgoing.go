package flows

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// Outgoing says whom the verb http may ask, and with which certificates it and notices
// do so.
type Outgoing struct {
	// Private are the ranges within private networks, this machine among them, that may be
	// asked. None means only what is public.
	Private []netip.Prefix
	// TLS holds further authorities and a certificate of our own; nil means those of the
	// system and none.
	TLS *tls.Config
}

// Client returns an HTTP client that asks nobody else. What counts is the address that a
// name turns out to have, at the moment of the connection and after each redirect: a name
// may have another one each time it is looked up. It keeps connections until
// CloseIdleConnections is called.
func (o Outgoing) Client() *http.Client {
	return o.client(&net.Dialer{Timeout: dialTimeout, ControlContext: o.control}, nil)
}

// NoticeClient returns an HTTP client for notices, with the same certificates. It reaches
// every address, over the proxy of the environment if there is one: those are named by the
// configuration, and not by callers.
func (o Outgoing) NoticeClient() *http.Client {
	return o.client(&net.Dialer{Timeout: dialTimeout}, http.ProxyFromEnvironment)
}

const dialTimeout = 10 * time.Second

func (o Outgoing) client(dialer *net.Dialer, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: proxy, DialContext: dialer.DialContext, TLSClientConfig: o.TLS, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 20,
		},
		CheckRedirect: fewRedirects(maxRedirects),
	}
}

// maxRedirects is how many redirects are followed unless a step says otherwise, so that a
// loop ends soon.
const maxRedirects = 5

func fewRedirects(most int) func(*http.Request, []*http.Request) error {
	return func(_ *http.Request, via []*http.Request) error {
		if most == 0 {
			return http.ErrUseLastResponse
		}
		if len(via) > most {
			return fmt.Errorf("more than %d %w", most, errRedirects)
		}
		return nil
	}
}

var errRedirects = errors.New("redirects")

// errPrivate is why an address is not asked.
var errPrivate = errors.New("the address is in a private network: name its range in pbxflow.yaml, outgoing: { private: […] }, if it may be asked")

// control is called with the address of each connection before it is made.
func (o Outgoing) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := host.Addr().Unmap().WithZone(""); !o.allows(ip) {
		return fmt.Errorf("%s: %w", ip, errPrivate)
	}
	return nil
}

func (o Outgoing) allows(ip netip.Addr) bool {
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(o.Private, within) {
		return true
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(notPublic, within)
}

// notPublic are ranges that Go does not count as private and that lead nowhere public
// all the same: those of carriers, of protocols, of benchmarks, and those that hold an
// IPv4 address of any kind.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("::/96"),
}

// publicHTTP is the client of an engine that has none.
var publicHTTP = Outgoing{}.Client()

// noticeHTTP is the client for notices of an engine that has none.
var noticeHTTP = Outgoing{}.NoticeClient()
