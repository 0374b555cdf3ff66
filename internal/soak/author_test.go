package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow"
)

// author changes the app under the calls. Each edition differs from the one before in
// what its flows log, in the menu, in hours of service, and in the rules.
type author struct {
	dir    string
	every  time.Duration
	base   map[string]string // the files, without what an edition adds
	reload func() (revision string, err error)

	editions     []edition
	good, broken int // reloads
}

// edition is one state of the app that was in force.
type edition struct {
	number   int
	revision string
	asked    time.Time // when the reload that brought it began
	settled  time.Time // and when it was over
}

func newAuthor(t *testing.T, dir string, f form) *author {
	t.Helper()
	a := &author{dir: dir, every: f.reload, base: map[string]string{}}
	for _, name := range []string{"flows.yaml", "office.yaml", "rules.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		a.base[name] = string(text)
	}
	a.replace(t, "flows.yaml", "dial: PJSIP/reception", "dial: Local/199@agents/n")
	// Asterisk makes these calls itself: who is called by a trunk's name goes out.
	a.replace(t, "office.yaml", "PJSIP/carrier*", "Local/caller@*")
	a.replace(t, "rules.yaml", `call.direction == "in"`, `call.direction == "out"`)
	if err := a.write(a.edit(0)); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *author) replace(t *testing.T, name, old, text string) {
	t.Helper()
	if strings.Count(a.base[name], old) != 1 {
		t.Fatalf("%s of the example no longer has %q once", name, old)
	}
	a.base[name] = strings.Replace(a.base[name], old, text, 1)
}

// begin notes the edition that the server started with.
func (a *author) begin(revision string) {
	a.editions = []edition{{revision: revision, settled: time.Now()}}
}

// change edits the app until ctx ends. Every third edit is broken.
func (a *author) change(ctx context.Context, t *testing.T) {
	ticker := time.NewTicker(a.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		last := a.editions[len(a.editions)-1]
		files, broken := a.edit(last.number+1), (a.good+a.broken)%3 == 2
		if broken {
			spoil(files, a.broken)
		}
		if err := a.write(files); err != nil {
			t.Error(err)
			return
		}
		asked := time.Now()
		revision, err := a.reload()
		_, mistakes := errors.AsType[pbxflow.Problems](err)
		switch {
		case broken:
			a.broken++
			if !mistakes || revision != last.revision {
				t.Errorf("a broken app was taken as revision %s, %s was in force: %v", revision, last.revision, err)
			}
		case err != nil || revision == last.revision:
			t.Errorf("edition %d was not taken: %v", last.number+1, err)
		default:
			a.good++
			a.editions = append(a.editions, edition{last.number + 1, revision, asked, time.Now()})
		}
	}
}

// edit returns the files of an edition.
func (a *author) edit(n int) map[string]string {
	files := map[string]string{
		"flows.yaml":  marked(a.base["flows.yaml"], n),
		"office.yaml": strings.Replace(a.base["office.yaml"], "service_level: 20s", fmt.Sprintf("service_level: %ds", 20+n%5), 1),
		// The first of these changes actions only, the second a trigger, and the third what
		// is asked of the manager session.
		"rules.yaml": strings.NewReplacer(
			"and nobody answered;", fmt.Sprintf("and nobody answered in edition %d;", n),
			"cooldown: 1m", fmt.Sprintf("cooldown: %ds", 60+n%2),
			"on: Hangup", fmt.Sprintf("enabled: %t\n    on: Hangup", n%2 == 0),
		).Replace(a.base["rules.yaml"]),
	}
	files["flows.yaml"] = strings.Replace(files["flows.yaml"], "timeout: 5s", fmt.Sprintf("timeout: %ds", 2+n%3), 1)
	return files
}

// spoil makes a mistake in the files, another one each time.
func spoil(files map[string]string, n int) {
	switch n % 4 {
	case 0:
		files["flows.yaml"] = strings.Replace(files["flows.yaml"], "- play: hello", "- plya: hello", 1)
	case 1:
		files["flows.yaml"] += "\n  - this: [is no YAML"
	case 2:
		files["rules.yaml"] = strings.Replace(files["rules.yaml"], "call.rang", "call.rnag", 1)
	case 3:
		files["office.yaml"] = strings.Replace(files["office.yaml"], "sales: {}", "salse: {}", 1)
	}
}

func (a *author) write(files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(a.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

var (
	flowLine = regexp.MustCompile(`(?m)^  ([a-z-]+):\n`)
	keyLine  = regexp.MustCompile(`(?m)^    (steps|on_hangup|finally):\n`)
)

// marked makes each flow log the edition: when it begins, when the caller hung up in it,
// and in its finally.
func marked(text string, n int) string {
	var out strings.Builder
	flows := flowLine.FindAllStringSubmatchIndex(text, -1)
	out.WriteString(text[:flows[0][0]])
	for i, at := range flows {
		end := len(text)
		if i+1 < len(flows) {
			end = flows[i+1][0]
		}
		name, body := text[at[2]:at[3]], text[at[1]:end]
		if !keyLine.MatchString(body) {
			body = "    steps:\n" + body
		}
		for _, key := range []string{"steps", "on_hangup", "finally"} {
			line := "    " + key + ":\n"
			mark := fmt.Sprintf("%s      - log: soak %s %s %d\n", line, key, name, n)
			if !strings.Contains(body, line) {
				body += mark
				continue
			}
			if key == "steps" && strings.Contains(body, line+"    - ") {
				mark = fmt.Sprintf("%s    - log: soak %s %s %d\n", line, key, name, n)
			}
			body = strings.Replace(body, line, mark, 1)
		}
		out.WriteString(text[at[0]:at[1]] + body)
	}
	return out.String()
}
