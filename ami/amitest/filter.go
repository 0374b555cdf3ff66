package amitest

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// filter is what a client's Filter action asked for.
type filter struct {
	exclude bool
	name    string // of the event; empty: any
	header  string // empty: the whole event
	matches func(text string) bool
}

func (f filter) has(e ami.Message) bool {
	switch {
	case f.name != "" && e.Get("Event") != f.name:
		return false
	case f.header == "":
		return f.matches(strings.ReplaceAll(e.String(), "\n", "\r\n"))
	}
	return slices.ContainsFunc(e.Values(f.header), f.matches)
}

// wants reports whether an event goes to the client: its class is in the mask, and
// the filters let it pass. The server's mutex is held.
func (c *conn) wants(e ami.Message) bool {
	if c.user == nil || len(c.mask) == 0 {
		return false
	}
	for class := range strings.SplitSeq(e.Get("Privilege"), ",") {
		if class != "" && class != "all" && class != "<none>" && !c.mask.has(class) {
			return false
		}
	}
	included, includes := false, false
	for _, f := range c.filters {
		switch {
		case f.exclude && f.has(e):
			return false
		case !f.exclude:
			includes = true
			included = included || f.has(e)
		}
	}
	return included || !includes
}

// addFilter answers Filter.
func (s *Server) addFilter(c *conn, action ami.Message) [][]string {
	if !strings.EqualFold(action.Get("Operation"), "Add") {
		return failure("Unknown operation")
	}
	text, criteria := action.Get("Filter"), action.Get("MatchCriteria")
	var f filter
	var err error
	switch {
	case s.Version.NoCriteria, criteria == "" && text != "":
		f.exclude = strings.HasPrefix(text, "!")
		err = f.match("regex", strings.TrimPrefix(text, "!"))
	case criteria == "":
		err = errFormat
	default:
		err = f.criteria(criteria, text)
	}
	if err != nil {
		return failure(err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.filters = append(c.filters, f)
	s.changedLocked()
	return one("Response", "Success", "Message", "Success")
}

var (
	errFormat  = fmt.Errorf("Filter was formatted incorrectly.  Check the syntax of the filter given.") //nolint:staticcheck,revive // Asterisk's words
	errCompile = fmt.Errorf("Filter did not compile.  Check the syntax of the filter given.")           //nolint:staticcheck,revive // Asterisk's words
)

var criterion = regexp.MustCompile(`^(action|name|header|method)\(([^()]+)\)(,|$)`)

// criteria reads "name(Newchannel),header(Channel),method(starts_with),action(exclude)".
func (f *filter) criteria(list, text string) error {
	method := "none"
	for list != "" {
		m := criterion.FindStringSubmatch(list)
		if m == nil {
			return errFormat
		}
		list = list[len(m[0]):]
		switch m[1] {
		case "action":
			if m[2] != "include" && m[2] != "exclude" {
				return errFormat
			}
			f.exclude = m[2] == "exclude"
		case "name":
			f.name = m[2]
		case "header":
			f.header = m[2]
		case "method":
			method = m[2]
		}
	}
	if (method == "none") != (text == "") || method == "none" && f.name == "" && f.header == "" {
		return errFormat
	}
	return f.match(method, text)
}

func (f *filter) match(method, text string) error {
	switch method {
	case "none":
		f.matches = func(string) bool { return true }
	case "exact":
		f.matches = func(s string) bool { return s == text }
	case "starts_with":
		f.matches = func(s string) bool { return strings.HasPrefix(s, text) }
	case "ends_with":
		f.matches = func(s string) bool { return strings.HasSuffix(s, text) }
	case "contains":
		f.matches = func(s string) bool { return strings.Contains(s, text) }
	case "regex":
		// As regcomp(3): a point is a line end as well, ^ the beginning of all.
		re, err := syntax.Parse(text, syntax.POSIX|syntax.DotNL|syntax.OneLine)
		if err != nil {
			return errCompile
		}
		f.matches = regexp.MustCompile(re.String()).MatchString
	default:
		return errFormat
	}
	return nil
}
