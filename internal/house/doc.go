// Package house holds the house rules that a test can check: which package may import
// which, that packages explain themselves, that files stay short enough to read, and
// that nothing in git speaks of one particular machine.
//
// It contains tests only. Each rule has a file of its own, and its failure says what
// to do.
package house
