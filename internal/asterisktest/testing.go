package asterisktest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// Start boots one instance of the newest version that this machine can run. It stops at
// the end of the test; when the test failed, the end of Asterisk's log is shown. Where
// there is no Asterisk the test skips, or fails under PBXFLOW_REQUIRE_ASTERISK=1.
func Start(t testing.TB, cfg Config) *Instance {
	t.Helper()
	return start(t, available(t)[0], cfg)
}

// Each runs f as a subtest per version, "asterisk-22" and "asterisk-16". The function
// start that f gets boots an instance like Start. A version that cannot be installed
// skips; when none can, Each does what Start does.
func Each(t *testing.T, f func(t *testing.T, v Version, start func(Config) *Instance)) {
	t.Helper()
	trees := make(map[Version]*Tree)
	for _, tree := range available(t) {
		trees[tree.Version] = tree
	}
	for _, v := range Versions() {
		t.Run("asterisk-"+v.Name, func(t *testing.T) {
			tree := trees[v]
			if tree == nil {
				t.Skip(missing.reason(v))
			}
			f(t, v, func(cfg Config) *Instance {
				t.Helper()
				return start(t, tree, cfg)
			})
		})
	}
}

// Main is for TestMain of a package that uses Start or Each: it runs the tests, names
// the versions that could not be installed with the package manager's own words, and
// exits. (go test shows the output of a package that passes only with -v: the program
// in prepare -report says it for the whole run.)
func Main(m *testing.M) {
	code := m.Run()
	for _, v := range Versions() {
		if reason := missing.reason(v); reason != "" {
			fmt.Fprintf(os.Stderr, "asterisktest: not tested with %v: %s\n", v, reason)
		}
	}
	os.Exit(code)
}

// available installs all versions and returns the trees of those that this machine can
// run, newest first. It ends the test when there are none.
func available(t testing.TB) []*Tree {
	t.Helper()
	if testing.Short() && !required() {
		t.Skip("no real Asterisk with -short")
	}
	if err := possible(); err != nil && !required() {
		t.Skip(err) // one line for all versions
	}
	var trees []*Tree
	var reason string
	for _, v := range Versions() {
		tree, err := Install(t.Context(), v, t.Logf)
		if err != nil {
			t.Logf("%v", err)
			missing.note(v, err)
			reason = err.Error()
			continue
		}
		trees = append(trees, tree)
	}
	switch {
	case len(trees) > 0:
		return trees
	case required():
		t.Fatalf("PBXFLOW_REQUIRE_ASTERISK=1, but %s", reason)
	default:
		t.Skip(reason)
	}
	return nil // Fatalf and Skip do not return
}

// required says that a missing Asterisk is a failure.
func required() bool { return os.Getenv("PBXFLOW_REQUIRE_ASTERISK") == "1" }

func start(t testing.TB, tree *Tree, cfg Config) *Instance {
	t.Helper()
	inst, err := Boot(t.Context(), tree, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", tree.Full, tail(afterBoot(inst.Log()), 40))
		}
		if err := inst.Stop(); err != nil {
			t.Errorf("stop %v: %v", tree.Version, err)
		}
	})
	return inst
}

// missing remembers, for Main, what this process could not install.
var missing missingVersions

type missingVersions struct {
	mu      sync.Mutex
	reasons map[Version]string
}

func (m *missingVersions) note(v Version, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.reasons == nil {
		m.reasons = make(map[Version]string)
	}
	m.reasons[v] = err.Error()
}

func (m *missingVersions) reason(v Version) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reasons[v]
}

// afterBoot cuts the many lines that Asterisk logs until it has booted.
func afterBoot(log string) string {
	if i := strings.LastIndex(log, "Asterisk Ready."); i >= 0 {
		return log[i:]
	}
	return log
}
