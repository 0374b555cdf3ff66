package lang

import (
	"fmt"
	"strings"
)

// level is a column at which a list or the keys of a mapping begin.
type level struct {
	col  int
	list bool
	row  row
}

// checkIndents returns the first row that stands where nothing above lets it stand, or
// nil.
func (sc *scanner) checkIndents() *Problem {
	var levels []level
	var last *row
	for i := range sc.rows {
		r := &sc.rows[i]
		for _, col := range r.dashes {
			if p := sc.place(&levels, level{col, true, *r}, last); p != nil {
				return p
			}
			last = nil // what follows on the same line belongs to this one
		}
		if r.key >= 0 {
			if p := sc.place(&levels, level{r.key, false, *r}, last); p != nil {
				return p
			}
		}
		last = r
	}
	return nil
}

// place adds a list item or a key to the levels that are open. last is the row above;
// nil when both stand on one line.
func (sc *scanner) place(levels *[]level, at level, last *row) *Problem {
	open := *levels
	var left *level // the innermost level that ended here
	for len(open) > 0 && open[len(open)-1].col > at.col {
		left, open = &open[len(open)-1], open[:len(open)-1]
	}
	defer func() { *levels = open }()
	if len(open) == 0 {
		open = append(open, at)
		return nil
	}
	top := open[len(open)-1]
	switch {
	case top.col == at.col && top.list == at.list:
		open[len(open)-1].row = at.row
		return nil
	case top.col == at.col && at.list: // key: above, and the list is not indented
		if last != nil && last.open {
			open = append(open, at)
			return nil
		}
		return sc.misplaced(at, "an item with a dash cannot stand among keys", "indent it, or write it as a key")
	case top.col == at.col:
		if len(open) > 1 && open[len(open)-2].col == at.col {
			open = open[:len(open)-1]
			return nil
		}
		return sc.misplaced(at, "a key cannot stand among items with a dash", "begin the line with a dash, or indent it")
	case left != nil:
		return sc.misplaced(at, fmt.Sprintf("this line is indented by %s, and none that it could belong to is", countSpaces(at.col)),
			fmt.Sprintf("indent it by %d or %s", top.col, countSpaces(left.col)))
	case last != nil && !last.open && !at.list:
		return sc.misplaced(at, "this line is indented deeper than the one above, which has its value already",
			fmt.Sprintf("indent it by %s", countSpaces(top.col)))
	}
	open = append(open, at)
	return nil
}

func countSpaces(n int) string {
	if n == 1 {
		return "1 space"
	}
	return fmt.Sprintf("%d spaces", n)
}

func (sc *scanner) misplaced(at level, message, hint string) *Problem {
	sc.line = at.row.line
	return sc.report(strings.IndexFunc(string(sc.text()), func(r rune) bool { return r != ' ' }), message, hint)
}
