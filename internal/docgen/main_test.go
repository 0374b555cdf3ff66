package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/internal/reference"
)

// TestFresh compares the repository's reference with what the code says now.
func TestFresh(t *testing.T) {
	pages, err := reference.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join("..", "..", "docs", filepath.FromSlash(name)))
		if err != nil {
			t.Errorf("%v; run make generate", err)
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("docs/%s is stale; run make generate (-code +file):\n%.2000s", name, diff)
		}
	}
}
