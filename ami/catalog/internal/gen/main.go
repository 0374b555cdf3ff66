// Command gen adds what the documentation of an Asterisk describes to the table of
// package catalog, run in that package's folder:
//
//	go run ./internal/gen -version 22 /usr/share/asterisk/documentation/core-en_US.xml
//
// What the table has of that version and the documentation lacks is kept and printed.
// The documentation tells neither which rights a new action needs nor whether it
// answers with a list, nor whether an AGI command works after the hangup: that is
// written into the files of package catalog by hand, and its tests ask real servers.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/xmldoc"
)

func main() {
	file := flag.String("table", "documented.txt", "the table")
	version := flag.Int("version", 0, "major version of the Asterisk")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*file, *version, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(file string, version int, documentation string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	all, err := table.Parse(string(text))
	if err != nil {
		return err
	}
	f, err := os.Open(documentation)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	described, err := xmldoc.Read(f, version)
	if err != nil {
		return err
	}
	merged, lacking := table.Merge(all, described, version)
	for _, name := range lacking {
		fmt.Println("not described, and kept:", name)
	}
	return os.WriteFile(file, []byte(table.Format(merged)), 0o644)
}
