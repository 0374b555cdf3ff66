package flowtest

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Run runs each test of the app in a folder as a subtest of t, below one for its file.
// verbs are those of the host program, beside the built-in ones. An app or a test file
// with mistakes fails t.
func Run(t *testing.T, dir string, verbs ...flows.Verb) {
	t.Helper()
	table, err := flows.NewVerbs(verbs...)
	if err != nil {
		t.Fatal(err)
	}
	s, problems := load(os.DirFS(dir), table)
	if problems.Err() != nil {
		t.Fatalf("%s has mistakes:\n%v", dir, problems)
	}
	for _, file := range sorted(s.files) {
		t.Run(file, func(t *testing.T) {
			for _, test := range s.tests {
				if test.pos.Source.Name == file {
					t.Run(test.name, func(t *testing.T) { s.runIn(t, test) })
				}
			}
		})
	}
}

// runIn runs one test.
func (s *suite) runIn(t *testing.T, test *test) {
	t.Parallel()
	switch r := s.run(test); r.Status {
	case NotRun:
		t.Skip(r.Message)
	case Failed:
		t.Error("\n" + r.Message)
	}
}

// Options say which tests run, and how.
type Options struct {
	// Run selects tests by their names; nil means all.
	Run *regexp.Regexp
	// Verbs are those of the host program.
	Verbs []flows.Verb
	// Chaos plays each test many times more, and lets something else go wrong each time.
	Chaos bool
}

// How a test ended.
const (
	Passed = "passed"
	Failed = "failed"
	NotRun = "not run"
)

// Result is how one test ended.
type Result struct {
	Name   string        `json:"name"`
	Pos    string        `json:"pos"` // file:line:col
	Status string        `json:"status"`
	Took   time.Duration `json:"took"` // by the clock on the wall
	// Message says what is different, in several lines, or why the test did not run.
	Message string `json:"message,omitempty"`

	test *test
	run  *run
}

// Report is how the tests of an app ended.
type Report struct {
	Results  []*Result
	Coverage *Coverage

	files map[string]*lang.Source
}

// Test runs the tests of the app in fsys. The error are the mistakes of the app and its
// tests, or says what is wrong with the verbs; failed tests are in the report.
func Test(fsys fs.FS, o Options) (*Report, error) {
	table, err := flows.NewVerbs(o.Verbs...)
	if err != nil {
		return nil, err
	}
	s, problems := load(fsys, table)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	report := &Report{files: s.files, Coverage: newCoverage(s.app.Program)}
	for _, t := range s.tests {
		if o.Run != nil && !o.Run.MatchString(t.name) {
			continue
		}
		r := s.run(t)
		if o.Chaos && r.Status != NotRun {
			s.disturb(r)
		}
		if r.run != nil {
			report.Coverage.add(r.run.trace)
		}
		report.Results = append(report.Results, r)
	}
	return report, nil
}

// Broken is the report of an app that cannot be tested, because it or its tests have
// mistakes: it has failed, and err says what is wrong.
func Broken(err error) *Report {
	return &Report{Coverage: &Coverage{}, Results: []*Result{{Name: "the app and its tests can be read", Status: Failed, Message: err.Error()}}}
}

// Count returns how many tests ended in a way.
func (r *Report) Count(status string) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// errRules is why a test of rules does not run.
var errRules = errors.New("tests of rules (rules, timeline, replay) cannot be run yet: only flows are tested")

// run runs one test.
func (s *suite) run(t *test) *Result {
	r := &Result{Name: t.name, Pos: t.pos.String(), test: t}
	if t.isForRules() {
		r.Status, r.Message = NotRun, errRules.Error()
		return r
	}
	begin := time.Now()
	r.run = s.play(t, chaos{})
	r.Status = Passed
	r.fail(r.run.judge())
	r.Took = time.Since(begin)
	return r
}

// fail adds what is wrong.
func (r *Result) fail(problems []string) {
	for _, p := range problems {
		r.Status = Failed
		if r.Message != "" {
			r.Message += "\n"
		}
		r.Message += p
	}
}
