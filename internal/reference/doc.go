// Package reference describes the language: its verbs, functions, events, keys and
// checks, from the tables and struct tags that the program itself runs on.
//
// [Pages] writes the pages of docs/reference and the JSON Schemas. [Find] returns what
// is known of one thing, the same text, for `pbxflow docs`; [Topic.Terminal] lays it out
// for a terminal. The only text that stands here and nowhere else is the table of
// checks, in the files checks_*.go: what each id of a problem means and what to do. A
// test holds it against the code that reports them, and shows each example to the
// checker.
package reference
