package asterisktest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// ErrUnavailable says that this machine cannot run the Asterisk asked for. Errors that
// wrap it give the reason in one line.
var ErrUnavailable = errors.New("asterisk is not available")

// unavailableError is a reason; it wraps ErrUnavailable without repeating its words.
type unavailableError struct{ text string }

func (e *unavailableError) Error() string { return e.text }
func (e *unavailableError) Unwrap() error { return ErrUnavailable }

func (b *builder) unavailable(err error) error {
	return &unavailableError{text: oneLine(fmt.Sprintf("%v could not be installed: %v", b.version, err))}
}

// possible says what keeps this machine from installing any Asterisk.
func possible() error {
	switch {
	case runtime.GOOS != "linux":
		return &unavailableError{text: "a real Asterisk needs Debian, this is " + runtime.GOOS}
	case os.Geteuid() != 0:
		return &unavailableError{text: "a real Asterisk needs root (chroot), this is an ordinary user"}
	}
	if _, err := os.Stat("/etc/debian_version"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("debootstrap"); err == nil {
		return nil
	}
	return &unavailableError{text: "a real Asterisk needs Debian or debootstrap, this machine has neither"}
}

// complaint picks from a package manager's output the lines that say what went wrong,
// at most four, in one line: errors first, warnings where there are none, else the last line.
func complaint(output []byte) string {
	var errs, warnings []string
	last := "no output"
	for line := range bytes.Lines(output) {
		text := strings.TrimSpace(string(line))
		switch {
		case text == "":
			continue
		case hasAnyPrefix(text, "E: ", "dpkg: error", "Err:", "debootstrap: "):
			errs = append(errs, text)
		case hasAnyPrefix(text, "W: ", "dpkg: "):
			warnings = append(warnings, text)
		}
		last = text
	}
	found := errs
	if len(found) == 0 {
		found = warnings
	}
	if len(found) == 0 {
		return last
	}
	found = slices.Compact(found)
	return strings.Join(found[:min(4, len(found))], "; ")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
