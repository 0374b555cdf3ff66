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
// A bridge, a hold, a recording and the like are what Asterisk says they are. An agent is
// all memberships in queues of one interface; paused means paused in all of them.
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
// out only when it dials, or a Local channel does that it has dialled; so these are
// started when they first dial, connect, enter a queue or end. Call.Started always is
// the time of the first channel. Nothing is told of a call after call.ended but its
// call detail records (unless Asterisk tells late that another call goes on under its
// id): what hangs on it, such as a hold or a listen-in, is ended before.
//
// queue.left waits until it is known why the caller left: Asterisk says so only
// afterwards, within milliseconds. After two seconds without word it is raised with
// the best guess. When a member's phone has answered it waits for the talk, which begins
// when what runs for the member or the caller before it is over.
//
// # Picture
//
// [Model.Snapshot] returns all of it, of one moment; [Model.Calls] and its neighbours
// return parts. They are copies. Asterisk does not tell everything. It has no list of
// recordings, of holds and music, and of who listens in by a prefix of many channels, so what
// began or ended while the link was down is not known; of several recordings of a channel it
// does not tell which one has stopped. A conference's lock, the averages of a queue, the place
// of a caller whom QueueChangePriorityCaller has moved, and what "queue reload" has changed are
// those of the last resync; a participant of a conference is told of when it has heard the
// announcements; after a redirect or a transfer the application of a channel is the one that
// ran before; and of the wrapuptime in queues.conf nothing is said, only of a member's own.
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
// handled as ever, and are right where the lists differ; those of channels the model has
// not yet heard of are put aside and handled when the lists are in. server.synced says
// that the picture is whole: calls that ended while the link was down have been ended with
// the reason "gap", as have visits to queues, and of agents, devices and endpoints it was
// told how they differ. It says how long the link was down; [Model.Coverage] says it for
// any time. Who keeps timers for calls should hold them from server.disconnected to
// server.synced.
//
// # Rights
//
// In manager.conf, read=call,agent is enough for calls and queues. With dialplan the
// outcomes timeout, empty, withdrawn, redirected and refused can be told apart, and
// applications and the files of recordings are known; agi adds the queue that an AGI sends
// a caller to. system brings endpoints, and a restart sooner; cdr the records.
//
// Resync asks for lists: channels, devices and conferences want write=reporting, endpoints
// system, parking call; bridges and queues nothing. Without one of these, or without the
// module, that part is unknown: it is logged with the line to add, and told by
// [Model.Parts] and in server.unknown. timestampevents=yes makes times exact.
package live
