package agi_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// errBusy is what the manager says in these tests.
var errBusy = errors.New("the manager is busy")

func TestInterrupt(t *testing.T) {
	tests := []struct {
		name   string
		hook   func(ctx context.Context) error
		answer string        // of EXEC, whose context ends after 5 seconds
		err    error         // besides the context's
		took   time.Duration // EXEC
		next   time.Duration // and the command after it
	}{
		{
			"ends at once",
			func(context.Context) error { return nil },
			". 5s\n. 20ms\n< 200 result=-1", nil, 5020 * time.Millisecond, 5020 * time.Millisecond,
		},
		{
			"ended before",
			func(context.Context) error { time.Sleep(time.Second); return nil },
			". 5500ms\n< 200 result=0", nil, 6 * time.Second, 6 * time.Second,
		},
		{
			"ends late",
			func(context.Context) error { return nil },
			". 10s\n< 200 result=0", nil, 6 * time.Second, 10 * time.Second,
		},
		{
			"ends by hangup",
			func(context.Context) error { return nil },
			". 5s\n. 20ms\n< 200 result=-1\n! hangup", nil, 5020 * time.Millisecond, 5020 * time.Millisecond,
		},
		{
			"fails",
			func(context.Context) error { return errBusy },
			". 30s\n< 200 result=0", errBusy, 5 * time.Second, 30 * time.Second,
		},
		{
			"takes too long",
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			". 30s\n< 200 result=0", context.DeadlineExceeded, 10 * time.Second, 30 * time.Second,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			srv := &agi.Server{
				Interrupt: func(ctx context.Context, s *agi.Session, line string) error {
					got = append(got, s.Env().Channel()+" "+line)
					return tt.hook(ctx)
				},
				Handler: handle(func(ctx context.Context, s *agi.Session) error {
					ctx = context.WithoutCancel(ctx)
					start := time.Now()
					took, err := after(ctx, 5*time.Second, func(ctx context.Context) error {
						_, err := s.Exec(ctx, "Wait", "60")
						return err
					})
					wantErr(t, "Exec", err, context.DeadlineExceeded)
					if tt.err != nil {
						wantErr(t, "Exec", err, tt.err)
					}
					if took != tt.took {
						t.Errorf("Exec took %v, want %v", took, tt.took)
					}
					value(t, ctx, s, "STEP", "yes")
					if took := time.Since(start); took != tt.next {
						t.Errorf("the next command ended after %v, want %v", took, tt.next)
					}
					return nil
				}),
			}
			serve(t, srv, func(t *testing.T, m *memory) {
				if err := <-m.call(t, "env agi_channel: PJSIP/alice\n> EXEC \"Wait\" \"60\"\n"+tt.answer+inStep); err != nil {
					t.Error(err)
				}
			})
			if len(got) != 1 || got[0] != `PJSIP/alice EXEC "Wait" "60"` {
				t.Errorf("got calls for %q, want one for EXEC", got)
			}
		})
	}
}

// Where there is a way of AGI, or nothing to end, the program is not asked.
func TestNoInterrupt(t *testing.T) {
	srv := &agi.Server{
		Interrupt: func(ctx context.Context, s *agi.Session, line string) error {
			t.Errorf("called for %s", line)
			return nil
		},
		Handler: handle(func(ctx context.Context, s *agi.Session) error {
			_, err := after(ctx, time.Second, func(ctx context.Context) error {
				_, _, err := s.StreamFile(ctx, "long", "", 0)
				return err
			})
			wantErr(t, "StreamFile", err, context.DeadlineExceeded)
			ended, cancel := context.WithCancel(ctx)
			cancel()
			_, err = s.Exec(ended, "Wait", "1")
			wantErr(t, "Exec with a context that ended", err, context.Canceled)
			_, err = s.Exec(ctx, "Wait", "60")
			wantErr(t, "Exec of a call that is over", err, agi.ErrHangup)
			return err
		}),
	}
	serve(t, srv, func(t *testing.T, m *memory) {
		err := <-m.call(t, `
			> STREAM FILE "long" ""
			. 1h
			> GET FULL VARIABLE "agi-sync-1"
			< 200 result=1 (agi-sync-1)
			> EXEC "Wait" "60"
			! hangup
		`)
		if err != nil {
			t.Error(err)
		}
	})
}
