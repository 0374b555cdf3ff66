package main

import (
	"crypto/tls"
	"errors"
	"fmt"
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
	CA       string `help:"With --tls: a file with certificates that are trusted beside those of the system." placeholder:"FILE"`
}

// options returns how to reach the manager.
func (f managerFlags) options() (ami.Options, error) {
	if f.Address != "" {
		if f.Dir != "" || f.Server != "" {
			return ami.Options{}, errors.New("name an app or an --address, not both")
		}
		if f.Username == "" || f.Secret == "" {
			return ami.Options{}, errors.New("--address needs --username, and the secret in AMI_SECRET")
		}
		s, err := f.server()
		return options(s), err
	}
	if f.Username != "" || f.TLS || f.CA != "" {
		return ami.Options{}, errors.New("--username, --tls and --ca need --address: an app says that in pbxflow.yaml")
	}
	dir := f.Dir
	if dir == "" {
		dir = "."
	}
	s, err := settings.FindServer(dir, f.Server, environment())
	if err != nil {
		return ami.Options{}, fmt.Errorf("%s: %w", dir, err)
	}
	return options(s), nil
}

// server is the one that the flags describe.
func (f managerFlags) server() (settings.Asterisk, error) {
	s := settings.Asterisk{Name: f.Address, Address: f.Address, Username: f.Username, Secret: f.Secret}
	if f.CA != "" && !f.TLS {
		return s, errors.New("--ca needs --tls")
	}
	if !f.TLS {
		return s, nil
	}
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if f.CA == "" {
		return s, nil
	}
	roots, err := settings.Authorities(f.CA)
	if err != nil {
		return s, fmt.Errorf("--ca: %w", err)
	}
	s.TLS.RootCAs = roots
	return s, nil
}

// options are those for the manager of a server.
func options(s settings.Asterisk) ami.Options {
	return ami.Options{Name: s.Name, Addr: s.Address, Username: s.Username, Secret: s.Secret, TLS: s.TLS}
}

// explained adds to an error of the link what is likely wrong.
func explained(err error) error {
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case noTLS:
		return fmt.Errorf("%w: there is no TLS on this port", err)
	case errors.Is(err, os.ErrDeadlineExceeded) && strings.Contains(err.Error(), "banner"):
		return fmt.Errorf("%w: nobody greets on this port, as where TLS is spoken", err)
	}
	return err
}

func environment() map[string]string {
	env := map[string]string{}
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}
