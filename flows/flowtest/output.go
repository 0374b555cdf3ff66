package flowtest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
)

// WriteText writes the tests that failed and those that did not run, and then one line
// about all. dir is put before the names of files.
func (r *Report) WriteText(w io.Writer, dir string) error {
	var b strings.Builder
	for _, result := range r.Results {
		switch result.Status {
		case Failed:
			fmt.Fprintf(&b, "FAILED %s: %s\n%s\n\n", path.Join(dir, result.Pos), result.Name, indented(result.Message))
		case NotRun:
			fmt.Fprintf(&b, "NOT RUN %s: %s\n%s\n\n", path.Join(dir, result.Pos), result.Name, indented(result.Message))
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", dir, r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) summary() string {
	if len(r.Results) == 0 {
		return "no tests"
	}
	var parts []string
	for _, status := range []string{Passed, Failed, NotRun} {
		if n := r.Count(status); n > 0 || status == Passed {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	return strings.Join(parts, ", ")
}

func indented(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// WriteJSON writes each result as a JSON object on a line of its own. dir is put before
// the places.
func (r *Report) WriteJSON(w io.Writer, dir string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, result := range r.Results {
		out := *result
		out.Pos = path.Join(dir, result.Pos)
		if err := enc.Encode(out); err != nil {
			return err
		}
	}
	return nil
}

// WriteJUnit writes the reports of several apps, by their folders, as JUnit's XML, which
// build servers read.
func WriteJUnit(w io.Writer, dirs []string, reports []*Report) error {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testCase struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Failure *failure `xml:"failure,omitempty"`
		Skipped *failure `xml:"skipped,omitempty"`
	}
	type testSuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	var all struct {
		XMLName xml.Name    `xml:"testsuites"`
		Suites  []testSuite `xml:"testsuite"`
	}
	for i, r := range reports {
		s := testSuite{Name: dirs[i], Tests: len(r.Results), Failures: r.Count(Failed), Skipped: r.Count(NotRun)}
		for _, result := range r.Results {
			c := testCase{
				Name: result.Name, Class: path.Join(dirs[i], result.file()),
				Time: fmt.Sprintf("%.6f", result.Took.Seconds()),
			}
			first, _, _ := strings.Cut(result.Message, "\n")
			switch result.Status {
			case Failed:
				c.Failure = &failure{first, path.Join(dirs[i], result.Pos) + "\n" + result.Message}
			case NotRun:
				c.Skipped = &failure{Message: first}
			}
			s.Cases = append(s.Cases, c)
		}
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// file is the name of the file with the test; none when there is no test.
func (r *Result) file() string {
	name, _, _ := strings.Cut(r.Pos, ":")
	return name
}
