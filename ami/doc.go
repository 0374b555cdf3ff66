// Package ami speaks the Asterisk Manager Interface, the line protocol by which
// a program watches and steers an Asterisk server.
//
// A [Client] holds one manager session. [Client.Run] dials, logs in, reads, and
// comes back after a drop; everything else may be called from any goroutine
// while it runs:
//
//	c := ami.New(ami.Options{Name: "pbx1", Addr: "10.0.0.5:5038", Username: "app", Secret: secret})
//	go c.Run(ctx)
//	r, err := c.Do(ctx, ami.Action{Name: "Ping"})
//	channels, err := c.List(ctx, ami.Action{Name: "CoreShowChannels"})
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
// and a last event with "EventList: Complete", all with the action's ActionID.
//
// Asterisk runs the actions of a session one after the other and holds back the
// session's events meanwhile. It drops a session that does not take what it
// writes within 100 ms (writetimeout in manager.conf). So the reader must never
// wait for anybody: [Options.Handler] has to return at once, and a
// [Subscription] that is full loses events and counts them.
//
// There is no sequence number. What happened while the link was down is not
// told afterwards; package live asks Asterisk for its lists instead.
//
// # Escapes
//
// In a channel snapshot (the block of headers from Channel to Linkedid) Asterisk
// writes CallerIDName, ConnectedLineName and ChanVariable with C escapes, and so
// it does with the Value of a VarSet event. [Reader] takes them off, there and
// nowhere else. Every other value is as Asterisk sent it and may be
// attacker-made: caller numbers, dialplan user events and AGI texts are not
// escaped at all.
package ami
