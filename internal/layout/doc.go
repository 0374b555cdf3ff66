// Package layout writes the files of an app in one layout: two blanks a level, the keys
// of steps and flows in the order of the reference, quotes only where YAML or the
// value's kind needs them, lists and mappings in brackets as long as they are short.
// Comments and blank lines stay.
//
// [Format] never changes what a file means. It reads its own work again and compares:
// where a value, a kind of value or a comment differs, which would be a mistake in this
// package, it returns an error and not the text.
package layout
