package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// The corpus is a folder of apps in testdata: bad ones with everything that the checker
// says of them, and good ones of which it says nothing, however odd they look.
//
// A file holds many: each begins with "### name", and holds app.yaml, or the files that
// begin with "==> name". Beside its own files an app has testdata/office.yaml. Behind a
// line "=====" stands what is expected.

// specimen is one app of the corpus.
type specimen struct{ name, text, want string }

const (
	specimenMark = "### "
	fileMark     = "==> "
	wantMark     = "=====\n"
)

// specimens reads a file of the corpus.
func specimens(t testing.TB, file string) []specimen {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []specimen
	for part := range strings.SplitSeq(strings.TrimPrefix(string(b), specimenMark), "\n"+specimenMark) {
		name, text, _ := strings.Cut(part, "\n")
		text, want, _ := strings.Cut(strings.TrimSuffix(text, "\n")+"\n", wantMark)
		list = append(list, specimen{name, text, want})
	}
	return list
}

// folder returns the files of the app.
func (s specimen) folder(t *testing.T) fstest.MapFS {
	t.Helper()
	office, err := os.ReadFile("testdata/office.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"office.yaml": {Data: office}}
	text := s.text
	if !strings.HasPrefix(text, fileMark) {
		text = fileMark + "app.yaml\n" + text
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(text, fileMark), "\n"+fileMark) {
		name, content, _ := strings.Cut(part, "\n")
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

// corpus runs a test for each app in a folder of testdata.
func corpus(t *testing.T, folder string, test func(t *testing.T, s *specimen)) {
	t.Helper()
	for _, file := range corpusFiles(t, folder) {
		list := specimens(t, file)
		for i := range list {
			t.Run(filepath.Base(file)+"/"+list[i].name, func(t *testing.T) { test(t, &list[i]) })
		}
		if *update {
			writeSpecimens(t, file, list)
		}
	}
}

func corpusFiles(t testing.TB, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files in testdata/%s: %v", len(files), folder, err)
	}
	return files
}

func writeSpecimens(t *testing.T, file string, list []specimen) {
	t.Helper()
	var b strings.Builder
	for _, s := range list {
		b.WriteString(specimenMark + s.name + "\n" + s.text)
		if s.want != "" {
			b.WriteString(wantMark + s.want)
		}
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// expect compares what a specimen came to with what stands in its file.
func (s *specimen) expect(t *testing.T, got string) {
	t.Helper()
	if *update {
		s.want = got
	} else if diff := cmp.Diff(s.want, got); diff != "" {
		t.Errorf("-update accepts this (-want +got):\n%s", diff)
	}
}

// TestBad compares everything that the checker says of broken apps with what is
// expected.
func TestBad(t *testing.T) {
	corpus(t, "bad", func(t *testing.T, s *specimen) {
		_, problems := load(t, s.folder(t))
		if len(problems) == 0 {
			t.Fatal("nothing is wrong")
		}
		s.expect(t, problems.Error()+"\n")
	})
}

// TestGood loads apps that look odd and are right.
func TestGood(t *testing.T) {
	corpus(t, "good", func(t *testing.T, s *specimen) {
		if _, problems := load(t, s.folder(t)); len(problems) > 0 {
			t.Errorf("it is right, but:\n%v", problems)
		}
	})
}

// TestFixes corrects what --fix may, and compares the text with what was meant. What is
// corrected has no mistakes left.
func TestFixes(t *testing.T) {
	corpus(t, "fix", func(t *testing.T, s *specimen) {
		files := s.folder(t)
		const most = 5 // corrections can bring to light what could not be seen before
		for range most {
			_, problems := load(t, files)
			fixed := problems.Apply()
			if fixed["app.yaml"] == "" {
				break
			}
			files["app.yaml"] = &fstest.MapFile{Data: []byte(fixed["app.yaml"])}
		}
		if _, problems := load(t, files); len(problems) > 0 {
			t.Errorf("corrected, there is still:\n%v", problems)
		}
		s.expect(t, string(files["app.yaml"].Data))
	})
}

// TestFixesHold corrects all of the broken apps: what a correction is for is gone
// afterwards, and it makes no new mistake.
func TestFixesHold(t *testing.T) {
	if *update {
		return
	}
	corpus(t, "bad", func(t *testing.T, s *specimen) {
		files := s.folder(t)
		_, before := load(t, files)
		fixed := before.Apply()
		for name, text := range fixed {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		_, after := load(t, files)
		for _, p := range before {
			if p.Fix != nil && len(fixed) > 0 && slices.ContainsFunc(after, func(q *lang.Problem) bool {
				return q.ID == p.ID && q.Line == p.Line && q.Column == p.Column && q.Source.Name == p.Source.Name
			}) {
				t.Errorf("corrected, there is still\n%v\nof\n%v", p, after)
			}
		}
	})
}
