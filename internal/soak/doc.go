// Package soak has one test: it keeps the example app of examples/callcenter busy on a
// real Asterisk, with a hundred calls at a time that press keys and hang up at random,
// while the app is changed under them. When the last call is over, each is compared with
// what happened to it, and the server with what it was before the first.
//
// A run of make test takes seconds of it. The long form is as long as PBXFLOW_SOAK says:
//
//	PBXFLOW_SOAK=5m PBXFLOW_REQUIRE_ASTERISK=1 go test -v -timeout 30m ./internal/soak
//
// PBXFLOW_SOAK_SEED is the seed of all that is random, by default 1.
package soak
