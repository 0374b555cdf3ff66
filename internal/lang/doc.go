// Package lang is the machinery under pbxflow's YAML language: it turns YAML
// nodes into Go structs and finds every mistake on the way.
//
// One idea carries the package: everything an author writes is a Go struct
// whose tags are its documentation, and decoding it is checking it. A verb of a
// flow, for example, is a struct like
//
//	type play struct {
//		Sounds    []lang.Value[Sound] `yaml:"play,required" doc:"The sounds, one after another."`
//		Interrupt lang.Value[Digits]  `yaml:"interrupt" doc:"Keys that stop the sound."`
//	}
//
// A [Decoder] walks a [Node] and the struct together. What does not fit becomes
// a [Problem] with file, line, column, an id and, where one is near, a
// suggestion; decoding then goes on, so that an author sees all mistakes at
// once. [Schema] and [Describe] walk the same structs to write the JSON Schema
// for editors and the reference.
//
// There are two kinds of slot, known from the Go type and never from the value:
//
//   - [Expr] holds a bare expression (`when: call.language == "en"`). [Cond] is
//     an Expr that must be true or false.
//   - [Value] holds text in which ${expression} is replaced; a value that is
//     exactly one ${…} keeps the type of the expression.
//
// Expressions are compiled while decoding, against the names that the
// decoder's [Scope] holds at that place, so a misspelt name is a problem at load
// and not a surprise in a call. At run time they read names from a [Vars].
package lang
