package agi_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/pbxflow/pbxflow/agi"
)

// exercised are the commands that an Asterisk ran, and not merely refused.
type exercised struct{ commands sync.Map }

// note watches the commands of a call.
func (e *exercised) note(h handler) handler {
	return func(t *testing.T, ctx context.Context, s *agi.Session) error {
		s.OnExchange(func(x agi.Exchange) {
			if x.Reply.Code == 200 {
				command, _, _ := strings.Cut(x.Command, ` "`)
				e.commands.Store(command, true)
			}
		})
		return h(t, ctx, s)
	}
}

// wantAll wants every command of the table among them.
func (e *exercised) wantAll(t *testing.T) {
	t.Helper()
	for _, c := range agi.Commands {
		if _, ok := e.commands.Load(c.Name); !ok {
			t.Errorf("no call has %s", c.Name)
		}
	}
}
