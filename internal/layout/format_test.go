package layout

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

func TestFormat(t *testing.T) {
	golden, err := os.ReadFile("testdata/layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(golden), "### ")[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		in, want, ok := strings.Cut(rest, "=>\n")
		if !ok {
			want = in // it stays as it is
		}
		t.Run(title, func(t *testing.T) {
			got, err := Format(lang.NewSource("app.yaml", []byte(in)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("it differs (-want +got):\n%s", diff)
			}
			unchanged(t, in, got)
		})
	}
}

// corpus are the YAML files of the repository, and the texts of its tests.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		ext := filepath.Ext(path)
		if ext != ".yaml" && ext != ".yml" && (ext != ".txt" || !strings.Contains(path, "testdata")) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if ext != ".txt" {
			texts[path] = string(text)
			return nil
		}
		for _, part := range strings.Split(string(text), "### ")[1:] {
			title, rest, _ := strings.Cut(part, "\n")
			source, _, _ := strings.Cut(rest, "\n---\n")
			texts[path+": "+title] = source + "\n"
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range flows.Builtin() {
		texts["verb "+v.Name] = "flows:\n  main:\n" + indented(v.Example)
	}
	return texts
}

func indented(steps string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(steps), "\n", "\n    ") + "\n"
}

// TestCorpus lays out whatever YAML there is: it must mean the same, and a second time
// nothing may change.
func TestCorpus(t *testing.T) {
	laid, refused := 0, 0
	for name, in := range corpus(t) {
		got, err := Format(lang.NewSource(name, []byte(in)))
		if _, broken := errors.AsType[lang.Problems](err); broken {
			continue
		}
		if errors.Is(err, errChanged) {
			t.Logf("%s: %v", name, err)
			refused++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		laid++
		t.Run(name, func(t *testing.T) { unchanged(t, in, got) })
	}
	t.Logf("%d texts were laid out, %d refused", laid, refused)
	if laid < 100 || refused > laid/100 {
		t.Errorf("%d texts were laid out, %d refused", laid, refused)
	}
}

// unchanged compares what two texts mean, by other means than the package's own.
func unchanged(t *testing.T, before, after string) {
	t.Helper()
	again, err := Format(lang.NewSource("app.yaml", []byte(after)))
	if err != nil || again != after {
		t.Errorf("a second time it changes (%v):\n%s", err, cmp.Diff(after, again))
	}
	if diff := cmp.Diff(decoded(before), decoded(after)); diff != "" {
		t.Errorf("it means something else (-before +after):\n%s\n%s", diff, after)
	}
	if diff := cmp.Diff(ids(t, before), ids(t, after)); diff != "" {
		t.Errorf("the checker says something else (-before +after):\n%s\n%s", diff, after)
	}
}

// decoded is what any other program reads; an error is one too.
func decoded(text string) any {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return "an error"
	}
	return v
}

// ids are the kinds of problems that the checker finds.
func ids(t *testing.T, text string) []string {
	t.Helper()
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	_, problems := app.Load(fstest.MapFS{"app.yaml": {Data: []byte(text)}}, verbs)
	var list []string
	for _, p := range problems {
		list = append(list, p.ID)
	}
	slices.Sort(list)
	return list
}

// FuzzFormat lays out anything: what is laid out means the same and stays as it is.
func FuzzFormat(f *testing.F) {
	for _, text := range corpus(f) {
		if len(text) < 2000 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, before string) {
		after, err := Format(lang.NewSource("app.yaml", []byte(before)))
		if err != nil {
			return
		}
		again, err := Format(lang.NewSource("app.yaml", []byte(after)))
		if err != nil || again != after {
			t.Errorf("a second time it changes (%v):\n%q\n%q\n%q", err, before, after, again)
		}
		if diff := cmp.Diff(decoded(strings.ReplaceAll(before, "\r\n", "\n")), decoded(after)); diff != "" {
			t.Errorf("it means something else (-before +after):\n%s\n%q\n%q", diff, before, after)
		}
	})
}
