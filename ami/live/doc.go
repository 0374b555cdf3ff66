// Package live keeps a picture of what goes on in one Asterisk server, from its
// manager events, and tells what the events mean: a call started, a person
// answered, a caller gave up waiting.
//
// # Words
//
// A call is all channels of one Linkedid. Its caller and the number dialed are
// those of its first channel. The halves of a Local channel and the leg of someone
// who listens in are legs of a call, not parties to it.
//
// A call is answered when a person answered: a dialled channel did (DialEnd with
// DialStatus ANSWER and a caller's Channel) or a queue member did (AgentConnect).
// That a flow or a dialplan picked up does not make it answered. The DialEnd of an
// Originate has no caller's Channel; it only says that the first leg is up.
//
// It rang from the first DialBegin with a caller's Channel until it was answered or
// ended.
//
// # Events
//
// [Events] lists the derived events; their names are dotted. Each is raised once,
// in order, before the next manager event is looked at. [Model.Subscribe] takes
// these names and Asterisk's own ("Hangup") alike.
//
// call.started is raised as soon as the caller and the direction are known. For a
// call from outside that is at once. A call that Asterisk itself begins (Originate,
// call file) gets its caller after its channel, and one from a phone is known to go
// out only when it dials; so these are started when they first dial, connect, enter
// a queue or end. Call.Started always is the time of the first channel.
//
// queue.left waits until it is known why the caller left: Asterisk says so only
// afterwards, within milliseconds. After two seconds without word it is raised with
// the best guess.
//
// # Wiring
//
// A Model hears of a server by three ways:
//
//	m := live.New(live.Options{Server: "pbx1", Trunks: trunks})
//	c := ami.New(ami.Options{Name: "pbx1", …, Handler: m.Handle, OnState: m.HandleState})
//	go m.Follow(ctx, c) // calls m.Resync after each connect
//	err := c.Run(ctx)
//
// Handle and HandleState are called by the client's read goroutine and return at
// once. Resync sends actions, whose answers that goroutine has to read, so it runs
// on another one: Follow, or the program's own. Events that come while it runs are
// handled as ever; those of channels the model has not yet heard of are put aside
// and handled when the lists are in. server.synced says that the picture is whole:
// calls that ended while the link was down have been ended with the reason "gap".
// Who keeps timers for calls should hold them from server.disconnected to
// server.synced.
//
// The manager user needs read=call,agent; with dialplan the outcomes timeout, empty,
// withdrawn and redirected can be told apart, with system a restart is seen sooner.
// Resync asks for CoreStatus and CoreShowChannels (write=system or reporting) and
// QueueStatus (no class). timestampevents=yes in manager.conf makes times exact.
package live
