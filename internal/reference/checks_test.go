package reference

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// TestCheckExamples shows every example to the checker, which must find that mistake.
func TestCheckExamples(t *testing.T) {
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Checks() {
		if c.Means == "" || c.Do == "" {
			t.Errorf("%s lacks what it means or what to do", c.ID)
		}
		if c.Example == "" {
			continue
		}
		_, problems := app.Load(fstest.MapFS{"app.yaml": {Data: []byte(c.Example + "\n")}}, verbs)
		found := slices.ContainsFunc(problems, func(p *lang.Problem) bool {
			return p.ID == c.ID && (p.Severity == lang.Warning) == c.Warning
		})
		if !found {
			t.Errorf("the example of %s (warning: %t) gives:\n%v", c.ID, c.Warning, problems)
		}
	}
}

// reporting are the packages that report problems, as folders seen from here.
var reporting = []string{"../lang", "../app", "../pbxcheck", "../../flows", "../../rules"}

// computed are the ids that the code puts together, by the place that does.
var computed = map[string][]string{
	`"unknown-" + what`: {"unknown-flow", "unknown-queue", "unknown-notifier", "unknown-hours"},
}

// TestChecksComplete wants a row for every id that the code uses, and for no other.
func TestChecksComplete(t *testing.T) {
	used := map[string]token.Position{}
	for _, dir := range reporting {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, e := range idsIn(n) {
					for _, id := range valuesOf(e) {
						used[id] = set.Position(e.Pos())
					}
				}
				return true
			})
		}
	}
	var known []string
	for _, c := range Checks() {
		known = append(known, c.ID)
		if _, ok := used[c.ID]; !ok {
			t.Errorf("no code reports %s any more: remove its row", c.ID)
		}
	}
	for id, at := range used {
		if !slices.Contains(known, id) {
			t.Errorf("%v reports %s: give it a row in checks_*.go", at, id)
		}
	}
	if len(slices.Compact(slices.Clone(known))) < len(known) {
		t.Errorf("an id stands twice in %v", known)
	}
}

// idsIn returns the expressions that stand for the id of a problem directly in n.
func idsIn(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr: // d.Errorf(node, id, …)
			reports := slices.Contains([]string{"Errorf", "ErrorAt", "Warnf", "WarnAt", "errorf", "warnf"}, f.Sel.Name)
			if f.Sel.Name == "tell" && len(n.Args) > 1 { // m.tell(id, …) of an expression
				return n.Args[:1]
			}
			if on, ok := f.X.(*ast.Ident); reports && len(n.Args) > 2 && !(ok && on.Name == "fmt") {
				return n.Args[1:2]
			}
		case *ast.Ident: // fail(id, …) in measure
			if f.Name == "fail" && len(n.Args) == 2 {
				return n.Args[:1]
			}
		}
	case *ast.CompositeLit: // Problem{ID: id}
		if name := typeName(n.Type); name != "" && name != "Problem" {
			return nil
		}
		for _, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok && isID(pair.Key) {
				return []ast.Expr{pair.Value}
			}
		}
	case *ast.AssignStmt: // p.ID, p.Message = id, …
		for i, left := range n.Lhs {
			if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "ID" && len(n.Lhs) == len(n.Rhs) {
				return n.Rhs[i : i+1]
			}
		}
	}
	return nil
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func isID(key ast.Expr) bool {
	id, ok := key.(*ast.Ident)
	return ok && id.Name == "ID"
}

// valuesOf returns what an expression can be: the text of a literal, or what computed
// says of a sum. What is handed on by name was found where it comes from.
func valuesOf(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []string{text}
		}
	case *ast.BinaryExpr:
		if left, ok := e.X.(*ast.BasicLit); ok {
			key := fmt.Sprintf("%s + %s", left.Value, e.Y)
			if ids := computed[key]; ids != nil {
				return ids
			}
			return []string{key}
		}
	}
	return nil
}
