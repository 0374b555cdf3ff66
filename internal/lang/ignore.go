package lang

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A comment `# lint:ignore id reason` at the end of a line silences the warnings with
// that id on its line. The reason is compulsory, and one that silences nothing is a
// warning itself. Errors cannot be silenced: with them the app does not load.

var ignorePattern = regexp.MustCompile(`(?:^|\s)# ?lint:ignore(?:\s+([\w,-]+))?(?:\s+(\S.*))?$`)

// ignore is one such comment.
type ignore struct {
	at   Pos
	ids  []string
	used bool
}

// Ignores applies the comments in the sources: the warnings that they silence are gone,
// and what is wrong with the comments themselves is added.
func (ps Problems) Ignores(sources []*Source) Problems {
	var added Problems
	ignores := map[Pos]*ignore{} // by line; Column 0
	for _, s := range sources {
		for i, line := range s.lines {
			if !strings.Contains(line, "lint:ignore") {
				continue
			}
			if ig := readIgnore(s, i+1, line, &added); ig != nil {
				ignores[Pos{s, i + 1, 0}] = ig
			}
		}
	}
	kept := slices.DeleteFunc(slices.Clone(ps), func(p *Problem) bool {
		ig := ignores[Pos{p.Source, p.Line, 0}]
		if ig == nil || p.Severity == Error || !slices.Contains(ig.ids, p.ID) {
			return false
		}
		ig.used = true
		return true
	})
	for _, ig := range ignores {
		if !ig.used && ps.Err() == nil {
			added = append(added, &Problem{
				Pos: ig.at, Severity: Warning, ID: "unused-ignore",
				Message:    fmt.Sprintf("there is no warning %s on this line", strings.Join(ig.ids, " or ")),
				Suggestion: "remove the comment",
			})
		}
	}
	return append(kept, added...).Sort()
}

// readIgnore reads the comment of a line; nil when there is none or it is not whole.
func readIgnore(s *Source, n int, line string, problems *Problems) *ignore {
	m := ignorePattern.FindStringSubmatchIndex(line)
	if m == nil {
		return nil
	}
	at := Pos{s, n, 1 + len([]rune(line[:strings.Index(line, "lint:ignore")]))}
	if m[2] < 0 || m[4] < 0 {
		*problems = append(*problems, &Problem{
			Pos: at, Severity: Warning, ID: "bad-ignore", Message: "lint:ignore needs the warning's id and a reason",
			Suggestion: "write: # lint:ignore never-used the dialplan reads it",
		})
		return nil
	}
	return &ignore{at: at, ids: strings.Split(line[m[2]:m[3]], ",")}
}
