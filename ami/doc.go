// Package ami speaks the Asterisk Manager Interface, the line protocol by which
// a program watches and steers an Asterisk server.
//
// A [Client] holds the session of one manager user. [Client.Run] dials, logs in,
// reads, and comes back after a drop; everything else may be called from any goroutine
// while it runs:
//
//	c := ami.New(ami.Options{Name: "pbx1", Addr: "10.0.0.5:5038", Username: "app", Secret: secret})
//	go c.Run(ctx)
//	r, err := c.Do(ctx, ami.Action{Name: "Ping"})
//	channels, err := c.List(ctx, ami.Action{Name: "CoreShowChannels"})
//	call := ami.Action{}.With("Channel", "PJSIP/101").With("Context", "main").With("Exten", "100").With("Priority", "1")
//	result, err := c.Originate(ctx, call.WithVariable("GREETING", `"Hello, you"`))
//
//	s := c.SubscribeTo(ami.Want{Names: []string{"Hangup"}}, 1000)
//	defer s.Close()
//	for e := range s.C() {
//		if gap, ok := e.Gap(); ok {
//			log.Printf("%d events are missing here", gap.Lost)
//		}
//	}
//
// A [Pool] does this for several servers. An action is sent once: when the link drops
// before its answer, the caller is told that the outcome is unknown
// ([ErrOutcomeUnknown]) and decides.
//
// # The protocol on one page
//
// A message is a block of "Name: value" lines that ends with an empty line.
// There are three kinds. An action goes to Asterisk. A response answers an
// action and carries its ActionID. An event tells what happened. Some events
// hold a Response header (OriginateResponse) and some repeat the ActionID of
// whoever caused them (UserEvent), so neither header makes an event an answer:
// only a message that begins with Response, and bears the ActionID of a waiting
// action, is one.
//
// A list is a response with "EventList: start", then one event for each item
// and a last event with "EventList: Complete" and, in ListItems, their number, all with
// the action's ActionID.
//
// Asterisk runs the actions of a connection one after the other and holds back its
// events meanwhile; [Options.ActionLink] takes a connection for each. It drops a
// connection that does not take what it writes within 100 ms (writetimeout in
// manager.conf). So the reader must never wait for anybody: [Options.Handler] has to
// return at once, and a [Subscription] that is full loses events, counts them, and
// holds a mark where they are missing.
//
// There is no sequence number. What happened while the link was down is not
// told afterwards: subscriptions hold a mark there too, and package live asks Asterisk
// for its lists. [Client.Identity] tells whether it is still the same run of Asterisk.
//
// # Escapes
//
// In a channel snapshot (the block of headers from Channel to Linkedid) Asterisk
// writes CallerIDName, ConnectedLineName and ChanVariable with C escapes, and so
// it does with the Value of a VarSet event. [Reader] takes them off, there and
// nowhere else. Every other value is as Asterisk sent it and may be
// attacker-made: caller numbers, dialplan user events and AGI texts are not
// escaped at all.
//
// # Rights
//
// The client needs none: a user without any right logs in and may send Ping. What a
// feature needs, of the classes in the section of manager.conf:
//
//	events                    read = the class of each, as in its Privilege header
//	OnState, Ping, reconnect  nothing
//	Originate                 write = originate and read = call
//	  of an application that
//	  can run programs        write = system as well
//	Hangup, Redirect, Setvar  write = call
//	Status, Getvar            write = call or reporting
//	CoreShowChannels          write = reporting or system
//	QueueStatus, BridgeList   nothing
//	QueueAdd, QueuePause      write = agent
//	Identity                  write = reporting or system; for UUID and Process, command
//	ServerFilter by names     write = system; by classes, nothing
//	ActionLink                allowmultiplelogin is not "no"
//
// A refusal for want of rights is an [*Error] that names the class and the line to add.
// Beware of what needs no right at all: QueueReset, QueueWithdrawCaller, BridgeDestroy
// and BridgeKick. A program that passes on actions of others needs its own list.
package ami
