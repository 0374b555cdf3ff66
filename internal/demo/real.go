package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

// realAsterisk is a real Asterisk, called by SIP.
type realAsterisk struct{ pbx *asterisktest.Instance }

// bootAsterisk boots the newest version that can be installed.
func bootAsterisk(ctx context.Context, agi string, out io.Writer) (asterisk, error) {
	var reasons []error
	for _, version := range asterisktest.Versions() {
		tree, err := asterisktest.Install(ctx, version, func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) })
		if err != nil {
			reasons = append(reasons, err)
			continue
		}
		config, err := stage.Config(agi, "")
		if err != nil {
			return nil, err
		}
		pbx, err := asterisktest.Boot(ctx, tree, config)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "A real %v is up: SIP at %s, manager at %s.\n", version, pbx.SIP, pbx.AMI)
		return realAsterisk{pbx}, nil
	}
	return nil, reasons[0]
}

func (r realAsterisk) ami() (addr, user, secret string) {
	return r.pbx.AMI, r.pbx.AMIUser, r.pbx.AMISecret
}

func (r realAsterisk) calls() []call {
	sip := func(story, notice, from, keys string, hold time.Duration) call {
		return call{story, notice, func(ctx context.Context) error {
			_, err := stage.Place(ctx, r.pbx, stage.Call(from, keys, hold))
			return err
		}}
	}
	return []call{
		sip("A caller whom the office knows presses 2 and is connected with an agent of support, who hangs up after two seconds.",
			"", stage.VIP, "2", time.Minute),
		sip("A caller presses 1, waits in sales where nobody answers, and gives up after four seconds: the rule missed-call sends a notice.",
			"missed-call", "0441234567", "1", 4*time.Second),
		sip("A caller hangs up while the menu plays.", "", "0449876543", "", 2*time.Second),
		sip("A caller presses 3, types the number 0123 and is connected with an agent.", "", "0445556677", "30123", time.Minute),
	}
}

func (r realAsterisk) keep() string {
	return fmt.Sprintf("Dial in with any SIP phone on this machine: sip:%s@%s (no registration, no password).", stage.Number, r.pbx.SIP)
}

func (r realAsterisk) close() error { return r.pbx.Stop() }
