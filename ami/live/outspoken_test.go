package live_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
)

// outspoken is a test that tells in the end once more why it has failed. Between its first
// words and the end of the output stands the log of Asterisk, and of an output so long some
// keep only the end.
type outspoken struct {
	testing.TB
	failures *failures
}

// failures are those of a test and its subtests.
type failures struct {
	mu    sync.Mutex
	lines []string
	log   []string // its last lines
}

// tellLast makes t tell the failures after all that is cleaned up later than this is called.
func tellLast(t testing.TB) *failures {
	f := new(failures)
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.lines) > 0 {
			t.Logf("once more, below the log of Asterisk: the last lines of ours, and what failed:\n%s%s", strings.Join(f.log, ""), strings.Join(f.lines, "\n"))
		}
	})
	return f
}

func (f *failures) add(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lines = append(f.lines, line)
}

// Write notes a line of the log.
func (f *failures) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.log) == 10 {
		f.log = f.log[1:]
	}
	f.log = append(f.log, string(line))
	return len(line), nil
}

func (o outspoken) Output() io.Writer { return io.MultiWriter(o.TB.Output(), o.failures) }

func (o outspoken) Error(args ...any) {
	o.Helper()
	o.Errorf("%s", strings.TrimSpace(fmt.Sprintln(args...)))
}

func (o outspoken) Errorf(format string, args ...any) {
	o.Helper()
	o.failures.add(fmt.Sprintf(format, args...))
	o.TB.Errorf(format, args...)
}

func (o outspoken) Fatal(args ...any) {
	o.Helper()
	o.Fatalf("%s", strings.TrimSpace(fmt.Sprintln(args...)))
}

func (o outspoken) Fatalf(format string, args ...any) {
	o.Helper()
	o.failures.add(fmt.Sprintf(format, args...))
	o.TB.Fatalf(format, args...)
}
