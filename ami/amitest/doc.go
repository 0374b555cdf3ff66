// Package amitest is a manager server in memory, for tests of programs that use
// package ami.
//
//	s := amitest.Start(t)
//	s.Answer("CoreStatus", "Response", "Success", "CoreStartupTime", "10:00:00")
//	c := ami.New(ami.Options{Addr: s.Addr(), Dial: s.Dial, Username: s.Username, Secret: s.Secret})
//	go c.Run(ctx)
//	s.Emit("Hangup", "Uniqueid", "1.1")
//
// It logs clients in, answers actions with what the test laid down, and fails on
// demand: Drop cuts the connections, Stall stops answering, Refuse turns logins away.
//
// Clients come by [Server.Dial], which needs no network and works in a synctest
// bubble, or over TCP after [Server.Listen]. The server never waits for a client
// that does not read: what it writes is kept in memory.
package amitest
