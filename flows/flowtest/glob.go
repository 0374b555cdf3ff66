package flowtest

import "strings"

// matches reports whether a text fits a glob: * stands for any text, ? for one
// character.
func matches(glob, text string) bool {
	if !strings.ContainsAny(glob, "*?") || glob == text {
		return glob == text
	}
	g, t := []rune(glob), []rune(text)
	star, from := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(g) && g[i] == '*':
			star, from = i, j
			i++
		case i < len(g) && (g[i] == '?' || g[i] == t[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}
