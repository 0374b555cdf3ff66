package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	settings "github.com/pbxflow/pbxflow/internal/app"
)

// managerFlags say which manager a command speaks to.
type managerFlags struct {
	Dir      string `arg:"" optional:"" help:"The folder of an app, whose pbxflow.yaml says how to reach Asterisk. The current one if left out."`
	Server   string `help:"Which server of pbxflow.yaml, if it names several." placeholder:"NAME"`
	Address  string `help:"The manager itself, as host:port, in place of an app." placeholder:"HOST:PORT"`
	Username string `help:"With --address: the user in manager.conf." placeholder:"NAME"`
	Secret   string `help:"With --address: the user's secret. Others can see arguments, so put it into the environment." env:"AMI_SECRET" placeholder:"SECRET"`
	TLS      bool   `help:"With --address: speak TLS (tlsenable in manager.conf)."`
}

// options returns how to reach the manager. The TLS is left to dialer.
func (f managerFlags) options() (ami.Options, error) {
	if f.Address != "" {
		if f.Dir != "" || f.Server != "" {
			return ami.Options{}, errors.New("name an app or an --address, not both")
		}
		if f.Username == "" || f.Secret == "" {
			return ami.Options{}, errors.New("--address needs --username, and the secret in AMI_SECRET")
		}
		return ami.Options{Name: f.Address, Addr: f.Address, Username: f.Username, Secret: f.Secret}, nil
	}
	if f.Username != "" || f.TLS {
		return ami.Options{}, errors.New("--username and --tls need --address")
	}
	dir := f.Dir
	if dir == "" {
		dir = "."
	}
	s, err := settings.FindServer(os.DirFS(dir), f.Server, environment())
	if err != nil {
		return ami.Options{}, fmt.Errorf("%s: %w", dir, err)
	}
	return ami.Options{Name: s.Name, Addr: s.Address, Username: s.Username, Secret: s.Secret}, nil
}

// dialer opens the connection; nil means the usual one.
func (f managerFlags) dialer() dialer {
	if !f.TLS {
		return new(net.Dialer).DialContext
	}
	return (&tls.Dialer{}).DialContext
}

func environment() map[string]string {
	env := map[string]string{}
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}
