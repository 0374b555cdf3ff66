package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

// BenchmarkLoad is what the first call costs.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(documented, observed); err != nil {
			b.Fatal(err)
		}
	}
}

// What is written by hand in the tables names things that there are.
func TestTables(t *testing.T) {
	tables, err := load(documented, observed)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lists {
		if _, ok := find(tables.action, tables.actions, l.action); !ok {
			t.Errorf("a list of %s, which is no action", l.action)
		}
	}
	used := map[string]bool{}
	for _, e := range tables.events {
		for _, f := range e.Fields {
			used[strings.ToLower(e.Name+"."+f.Name)], used[strings.ToLower(f.Name)] = true, true
		}
	}
	for name := range newKindTable() {
		if !used[name] {
			t.Errorf("a kind for %s, which is no field", name)
		}
	}
}

// The generated table is written as the generator writes it.
func TestFormat(t *testing.T) {
	for name, text := range map[string]string{"documented.txt": documented, "observed.txt": observed} {
		entries, err := table.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := table.Parse(table.Format(entries))
		if diff := cmp.Diff(entries, again); err != nil || diff != "" {
			t.Errorf("%s: written and read again: %v\n%s", name, err, diff)
		}
	}
}
