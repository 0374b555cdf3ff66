// Package app loads a folder of YAML into one immutable snapshot.
//
// Every *.yaml in the folder and below is read, tests (*.test.yaml) and hidden
// folders left aside, and merged by top-level key; a name that stands twice is a
// mistake at the second place. pbxflow.yaml at the top holds the configuration
// of the server. The keys are those of the struct file in this package, whose tags
// are their documentation.
//
// [Load] is the checker as well: what loads is right as far as can be known
// without an Asterisk, and what is wrong is reported all at once.
package app
