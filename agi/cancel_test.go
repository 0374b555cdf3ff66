package agi_test

import (
	"context"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
)

// after runs a command with a context that ends after a time, and returns how long
// the command took.
func after(ctx context.Context, d time.Duration, command func(context.Context) error) (time.Duration, error) {
	short, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	start := time.Now()
	err := command(short)
	return time.Since(start), err
}

func TestCancelInterruptible(t *testing.T) {
	commands := []struct {
		line string
		run  func(ctx context.Context, s *agi.Session) error
	}{
		{`STREAM FILE "long" ""`, func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.StreamFile(ctx, "long", "", 0)
			return err
		}},
		{`GET DATA "long" "-1"`, func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.GetData(ctx, "long", -1, 0)
			return err
		}},
		{`GET OPTION "long" "1"`, func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.GetOption(ctx, "long", "1", 0)
			return err
		}},
		{`WAIT FOR DIGIT "-1"`, func(ctx context.Context, s *agi.Session) error {
			_, err := s.WaitForDigit(ctx, -1)
			return err
		}},
		{`stream file long ""`, func(ctx context.Context, s *agi.Session) error {
			_, err := s.Do(ctx, `stream file long ""`)
			return err
		}},
	}
	outcomes := []struct {
		name, answers string
		took          time.Duration
	}{
		{"no reply", `
			> GET FULL VARIABLE "agi-sync-1"
			< 200 result=1 (agi-sync-1)`, 5 * time.Second},
		{"reply first", `
			> GET FULL VARIABLE "agi-sync-1"
			< 200 result=1
			< 200 result=1 (agi-sync-1)`, 5 * time.Second},
		{"reply first, in a segment of its own", `
			> GET FULL VARIABLE "agi-sync-1"
			< 200 result=1 endpos=7
			. 10ms
			< 200 result=1 (agi-sync-1)`, 5*time.Second + 10*time.Millisecond},
		{"nonce stuck until the next line", `
			> GET FULL VARIABLE "agi-sync-1"
			. 1s
			> GET FULL VARIABLE "agi-sync-2"
			< 200 result=1 (agi-sync-1)
			< 200 result=1 (agi-sync-2)`, 5*time.Second + 250*time.Millisecond + 5*time.Millisecond},
		{"nonce after Do gave up waiting", `
			> GET FULL VARIABLE "agi-sync-1"
			. 1s
			> GET FULL VARIABLE "agi-sync-2"
			. 2s
			< 200 result=-1
			< 200 result=1 (agi-sync-1)
			. 1s
			< 200 result=1 (agi-sync-2)`, 5*time.Second + 505*time.Millisecond},
	}
	for _, c := range commands {
		for _, o := range outcomes {
			t.Run(c.line+" "+o.name, func(t *testing.T) {
				play(t, "> "+c.line+"\n. 1h\n"+o.answers+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
					took, err := after(ctx, 5*time.Second, func(ctx context.Context) error { return c.run(ctx, s) })
					wantErr(t, "cancelled", err, context.DeadlineExceeded)
					if took != o.took {
						t.Errorf("it took %v, want %v", took, o.took)
					}
					value(t, ctx, s, "STEP", "yes")
					return nil
				})
			})
		}
	}
}

// The nonce keeps a distance from a command that was only just sent.
func TestCancelAtOnce(t *testing.T) {
	play(t, `
		> STREAM FILE "long" ""
		. 1h
		> GET FULL VARIABLE "agi-sync-1"
		< 200 result=1 (agi-sync-1)
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		took, err := after(ctx, time.Microsecond, func(ctx context.Context) error {
			_, _, err := s.StreamFile(ctx, "long", "", 0)
			return err
		})
		wantErr(t, "cancelled", err, context.DeadlineExceeded)
		if took < 5*time.Millisecond {
			t.Errorf("the nonce came %v after the command", took)
		}
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}

// A prompt that is cancelled again and again stays in step.
func TestCancelTwice(t *testing.T) {
	play(t, `
		> STREAM FILE "a" ""
		. 1h
		> GET FULL VARIABLE "agi-sync-1"
		< 200 result=1 (agi-sync-1)
		> STREAM FILE "b" ""
		. 1h
		> GET FULL VARIABLE "agi-sync-2"
		< 200 result=0 endpos=4
		< 200 result=1 (agi-sync-2)
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		for _, file := range []string{"a", "b"} {
			_, err := after(ctx, time.Second, func(ctx context.Context) error {
				_, _, err := s.StreamFile(ctx, file, "", 0)
				return err
			})
			wantErr(t, file, err, context.DeadlineExceeded)
		}
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}

// A command that cannot be stopped owes its reply, and the next one waits for it.
func TestOwedReply(t *testing.T) {
	play(t, `
		> EXEC "Wait" "30"
		. 30s
		< 200 result=0
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		start := time.Now()
		took, err := after(ctx, 5*time.Second, func(ctx context.Context) error {
			_, err := s.Exec(ctx, "Wait", "30")
			return err
		})
		wantErr(t, "Exec", err, context.DeadlineExceeded)
		if took != 5*time.Second {
			t.Errorf("Exec took %v, want 5s", took)
		}
		took, err = after(ctx, 5*time.Second, func(ctx context.Context) error { return s.Noop(ctx) })
		wantErr(t, "Noop while the reply is owed", err, context.DeadlineExceeded)
		if took != 5*time.Second {
			t.Errorf("Noop took %v, want 5s", took)
		}
		value(t, ctx, s, "STEP", "yes")
		if got := time.Since(start); got != 30*time.Second {
			t.Errorf("the value came after %v, want 30s", got)
		}
		return nil
	})
}

// A second goroutine's command waits for the first, no longer than its context.
func TestConcurrentCommands(t *testing.T) {
	play(t, `
		> EXEC "Wait" "10"
		. 10s
		< 200 result=0
	`+inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		done := make(chan error)
		go func() {
			_, err := s.Exec(ctx, "Wait", "10")
			done <- err
		}()
		time.Sleep(time.Second)
		_, err := after(ctx, time.Second, func(ctx context.Context) error { return s.Noop(ctx) })
		wantErr(t, "Noop", err, context.DeadlineExceeded)
		value(t, ctx, s, "STEP", "yes")
		return <-done
	})
}

func TestEndedContext(t *testing.T) {
	play(t, inStep, func(t *testing.T, ctx context.Context, s *agi.Session) error {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		wantErr(t, "Noop", s.Noop(ended), context.Canceled)
		value(t, ctx, s, "STEP", "yes")
		return nil
	})
}
