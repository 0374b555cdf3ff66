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
// demand: Drop cuts the connections, Stall stops answering, Refuse turns logins away,
// Trickle and Split write in small pieces. A [Version] says which Asterisk it is, a
// [User] has the rights that the test gives. Capture files are played by
// [Server.Replay].
//
// Clients come by [Server.Dial], which needs no network and works in a synctest
// bubble, or over TCP after [Server.Listen]. The server never waits for a client
// that does not read: what it writes is kept in memory.
//
// # Scripts
//
// [Server.Play] plays a conversation that is written as text. White space around a
// line does not matter; blank lines end a message.
//
//	> QueueStatus Queue=support
//
//	Response: Success
//	EventList: start
//
//	Event: QueueParams
//	Queue: support
//	Calls: 0
//
//	Event: QueueStatusComplete
//	EventList: Complete
//	ListItems: 1
//
//	> Originate Channel=Local/*
//	Response: Success
//	. 2s
//	Event: OriginateResponse
//	ActionID: *
//	Response: Success
//	! drop
//
// A line with > is the action that must come next, with at least these arguments; a *
// in a value stands for anything, and a value with blanks stands in quotes. What is
// not marked is sent by Asterisk: answers and the items of a list, with the id of the
// action, to who asked, and other events to all. "ActionID: *" puts that id into such
// an event. A line with a point is silence, which takes no time in a synctest bubble.
// "! drop", "! stall" and "! resume" do as the methods, and # begins a comment.
package amitest
