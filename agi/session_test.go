package agi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// play runs a handler against a transcript in fake time.
func play(t *testing.T, transcript string, h func(t *testing.T, ctx context.Context, s *agi.Session) error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		agitest.Run(t, agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
			return h(t, ctx, s)
		}), transcript)
	})
}

func TestHangupMidCommand(t *testing.T) {
	play(t, `
		> STREAM FILE "welcome" "12"
		. 3s
		< 200 result=-1 endpos=24000
		! hangup
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		_, pos, err := s.StreamFile(ctx, "welcome", "12", 0)
		if err != agi.ErrHangup || pos != 24000 {
			t.Errorf("got position %d and error %v, want 24000 and ErrHangup", pos, err)
		}
		if got := context.Cause(ctx); got != agi.ErrHangup {
			t.Errorf("got cause %v, want ErrHangup", got)
		}
		return err
	})
}

func TestCancelPrompt(t *testing.T) {
	play(t, `
		> STREAM FILE "long" ""
		. 1h
		> GET FULL VARIABLE "agi-sync-1"
		< 200 result=1 (agi-sync-1)
		> GET VARIABLE "A"
		< 200 result=1 (a)
	`, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		short, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if _, _, err := s.StreamFile(short, "long", "", 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		value, ok, err := s.GetVariable(ctx, "A")
		if value != "a" || !ok {
			t.Errorf("got %q, %v", value, ok)
		}
		return err
	})
}
