package lang

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity says whether a problem keeps an app from loading.
type Severity int

const (
	// Error keeps the app from loading.
	Error Severity = iota
	// Warning is printed; the app loads.
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Pos is a place in a source file. Line and Column count from 1, columns in
// characters (runes), as editors do. Line 0 is the file as a whole; the zero Pos is
// no place.
type Pos struct {
	Source *Source
	Line   int
	Column int
}

// String returns "file:line:col", "file" for a file as a whole, or "-" for no place.
func (p Pos) String() string {
	switch {
	case p.Source == nil:
		return "-"
	case p.Line == 0:
		return p.Source.Name
	}
	return fmt.Sprintf("%s:%d:%d", p.Source.Name, p.Line, p.Column)
}

// Problem is one mistake in an app, told to its author in the author's words.
type Problem struct {
	Pos
	Severity Severity
	// ID names the kind of mistake, such as "unknown-verb".
	ID string
	// Message says what is wrong, without the place and without a final dot.
	Message string
	// Suggestion says what to write instead; "" when nothing is near.
	Suggestion string
	// Fix is the change that does so, where it is safe to make; nil otherwise.
	Fix *Fix

	budget *int // how many names may be compared to find what was meant; nil: any number
}

// Suggest sets the suggestion to "did you mean …?" with the name in names that
// is nearest to what was written, if one is near. It returns p.
func (p *Problem) Suggest(written string, names []string) *Problem {
	if p.budget != nil {
		if *p.budget < len(names) {
			return p
		}
		*p.budget -= len(names)
	}
	if near := Nearest(written, names); near != "" {
		p.Suggestion = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// SuggestKey is Suggest with the keys of a mapping.
func SuggestKey[T any](p *Problem, written string, known map[string]T) *Problem {
	if p.budget != nil && *p.budget < len(known) {
		return p
	}
	return p.Suggest(written, slices.Collect(maps.Keys(known)))
}

// Hint sets the suggestion and returns p.
func (p *Problem) Hint(format string, args ...any) *Problem {
	p.Suggestion = fmt.Sprintf(format, args...)
	return p
}

// String returns the problem on one line:
// "file:line:col: message — suggestion [id]".
func (p *Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", p.Pos)
	if p.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Suggestion != "" {
		b.WriteString(" — " + p.Suggestion)
	}
	fmt.Fprintf(&b, " [%s]", p.ID)
	return b.String()
}

// Render returns the problem with its source line and a caret below the place.
func (p *Problem) Render() string {
	text, ok := p.Source.line(p.Line)
	if !ok {
		return p.String() + "\n"
	}
	column := p.Column
	text, column = clip(text, column)
	var pad strings.Builder
	for i, r := range []rune(text) {
		if i >= column-1 {
			break
		}
		// A tab stays a tab so that the caret stands below its character
		// whatever width the terminal gives to tabs.
		if r != '\t' {
			r = ' '
		}
		pad.WriteRune(r)
	}
	return fmt.Sprintf("%s\n%5d | %s\n      | %s^\n", p, p.Line, text, pad.String())
}

// maxShown is how many characters of a line are shown.
const maxShown = 240

// clip cuts a long line around a column, and returns the column in what is left.
func clip(text string, column int) (string, int) {
	runes := []rune(text)
	if len(runes) <= maxShown {
		return text, column
	}
	from := min(max(column-maxShown/2, 0), len(runes)-maxShown)
	shown := string(runes[from : from+maxShown])
	if from+maxShown < len(runes) {
		shown += "…"
	}
	if from > 0 {
		shown, column = "…"+shown, column+1
	}
	return shown, column - from
}

// Problems are the mistakes of one load. As an error it prints all of them; the
// nil slice means that there are none.
type Problems []*Problem

// Error returns the problems rendered one below the other.
func (ps Problems) Error() string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Render())
	}
	return strings.TrimRight(b.String(), "\n")
}

// Err returns ps as an error if it holds at least one problem of severity
// [Error], otherwise nil: warnings do not keep an app from loading.
func (ps Problems) Err() error {
	if slices.ContainsFunc(ps, func(p *Problem) bool { return p.Severity == Error }) {
		return ps
	}
	return nil
}

// Sort orders the problems by file, line and column and drops exact doubles,
// which arise where an anchor is used twice.
func (ps Problems) Sort() Problems {
	name := func(p *Problem) string {
		if p.Source == nil {
			return ""
		}
		return p.Source.Name
	}
	slices.SortStableFunc(ps, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(name(a), name(b)), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(ps, func(a, b *Problem) bool {
		return a.Pos == b.Pos && a.Severity == b.Severity && a.ID == b.ID && a.Message == b.Message && a.Suggestion == b.Suggestion
	})
}

// Count returns how many of the problems are errors and how many are warnings.
func (ps Problems) Count() (errs, warnings int) {
	for _, p := range ps {
		if p.Severity == Error {
			errs++
		} else {
			warnings++
		}
	}
	return errs, warnings
}
