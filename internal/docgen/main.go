// Command docgen writes the reference and the JSON Schema from the tables and
// struct tags that the program itself runs on: docgen DIR. It is run by
// `make generate`; a test compares the files in the repository with what it
// writes.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pbxflow/pbxflow/internal/reference"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docgen DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

// write writes all pages below dir.
func write(dir string) error {
	pages, err := reference.Pages()
	if err != nil {
		return err
	}
	for name, text := range pages {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
