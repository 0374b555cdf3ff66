package lang

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// CheckLost warns of what a file holds and YAML takes away: anchors that nobody uses,
// and keys that are comments.
func (d *Decoder) CheckLost(root Node) {
	var anchors []*yaml.Node
	used := map[*yaml.Node]bool{}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if n.Anchor != "" {
			anchors = append(anchors, n)
		}
		if n.Kind == yaml.AliasNode {
			used[n.Alias] = true
			return
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root.Node)
	for _, n := range anchors {
		if used[n] {
			continue
		}
		at := Pos{root.Source, n.Line, n.Column}
		p := d.WarnAt(at, "unused-anchor", "nothing uses the anchor &%s", n.Anchor).Hint("remove it")
		p.Fix = replaceWord(at, "&"+n.Anchor+" ", "")
	}
	d.checkCommentedKeys(root.Source)
}

var (
	hashKey  = regexp.MustCompile(`^( *)#:( |$)`)
	phoneKey = regexp.MustCompile(`^( *)["']?[0-9*]+["']?:( |$)`)
)

// checkCommentedKeys looks for #: beside other keys of a telephone.
func (d *Decoder) checkCommentedKeys(s *Source) {
	for i, line := range s.lines {
		if !strings.Contains(line, "#:") {
			continue
		}
		m := hashKey.FindStringSubmatch(line)
		if m == nil || !s.besidePhoneKeys(i, m[1]) {
			continue
		}
		p := d.WarnAt(Pos{s, i + 1, len(m[1]) + 1}, "comment-key", "YAML takes this as a comment, not as the key #").Hint(`write "#":`)
		p.Fix = replaceWord(p.Pos, "#:", `"#":`)
	}
}

// besidePhoneKeys reports whether a line above or below, of the same indentation, has a
// key of a telephone.
func (s *Source) besidePhoneKeys(i int, indent string) bool {
	for _, step := range []int{-1, 1} {
		for j := i + step; j >= 0 && j < len(s.lines); j += step {
			line := s.lines[j]
			if strings.TrimSpace(line) == "" || strings.HasPrefix(line, indent+" ") {
				continue // what belongs to the key
			}
			if m := phoneKey.FindStringSubmatch(line); m != nil && m[1] == indent {
				return true
			}
			break
		}
	}
	return false
}
