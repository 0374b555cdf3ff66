package house

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackageComments wants one comment per package. In a library package it explains
// something: a line that only says the name again is too short.
func TestPackageComments(t *testing.T) {
	const libraryLines = 3
	for _, p := range packages(t) {
		wantLines := libraryLines
		if p.Name == "main" {
			wantLines = 1
		}
		var files []string
		lines := 0
		for _, file := range p.GoFiles {
			text := packageComment(t, filepath.Join(p.Dir, file))
			if text == "" {
				continue
			}
			files = append(files, file)
			lines = strings.Count(text, "\n")
		}
		switch {
		case len(files) == 0:
			t.Errorf("package %s has no comment: explain it in doc.go, or above the package clause of a command's main.go", short(p.ImportPath))
		case len(files) > 1:
			t.Errorf("package %s has comments in %s: keep one", short(p.ImportPath), strings.Join(files, " and "))
		case lines < wantLines:
			t.Errorf("the comment of package %s has %d lines, want at least %d: what is it for, and where does a reader begin?",
				short(p.ImportPath), lines, wantLines)
		}
	}
}

// packageComment returns the text above the package clause, directives left out.
func packageComment(t *testing.T, name string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file.Doc.Text()
}
