// Package capture writes manager streams to files and reads them back: to look at
// what an Asterisk said, to test against it without one ([amitest.Server.Replay]),
// and to hand it to others without the secrets in it.
//
//	w, err := capture.Create("night.ami.gz", capture.Options{Server: "pbx1", Numbers: true})
//	c := ami.New(ami.Options{Addr: addr, Username: user, Secret: secret, Dial: w.Dial(nil)})
//	err = c.Run(ctx) // all that Asterisk sends goes to the file
//	err = w.Close()
//
// # Format
//
// A capture is the text that Asterisk sent, message by message. Each message has one
// more line at its end, with the time at which it came, in UTC:
//
//	Event: Hangup
//	Privilege: call,all
//	Channel: PJSIP/alice-00000001
//	CaptureTime: 2026-11-21T02:59:38.373316Z
//
// Between them stand marks, which are messages of the same form that begin with
// Capture: "connected" when a session was opened, with Asterisk's greeting, and
// "disconnected" when it ended, with the reason. What happened from one to the next
// "connected" is not in the capture.
//
// So a capture is a manager stream, and [ami.ReadAll] reads its events. A file whose
// name ends in .gz is compressed. [NewReader] reads both, and streams that were not
// written by this package: saved with netcat, for example. Their messages have the
// time of the Timestamp header (timestampevents in manager.conf), or none.
//
// A recording may be killed at any moment. What was written until then, which is all
// but the last second, can be read: each write of a compressed file is complete in
// itself, and half a message at the end is left out.
package capture
