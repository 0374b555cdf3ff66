// Package agi serves FastAGI, the protocol by which Asterisk's dialplan hands a
// call to a program on the network:
//
//	same => n,AGI(agi://127.0.0.1/support?lang=en)
//
// Asterisk connects, sends an environment (who calls, where, with which
// arguments) and then runs the commands it is sent, one at a time, until the
// program closes the connection. This package is shaped like net/http: a
// [Server] accepts calls and gives each one, as a [Session], to a [Handler].
//
//	srv := &agi.Server{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
//		if err := s.Answer(ctx); err != nil {
//			return err
//		}
//		digits, _, err := s.GetData(ctx, "enter-account", 5*time.Second, 6)
//		if err != nil {
//			return err
//		}
//		return s.SetVariable(ctx, "ACCOUNT", digits)
//	})}
//	log.Fatal(srv.ListenAndServe())
//
// # Commands
//
// There is a typed method for each of Asterisk's commands (see [Commands]), and
// [Session.Do] sends any command and reads its reply. Arguments are always quoted, so
// text from outside can never become a second word or a second command. Replies are
// matched with commands
// whatever else Asterisk writes in between: HANGUP lines, the 100 before the
// reply of GOSUB, the usage blocks of code 520, values of more than one line.
//
// # Hangup
//
// A hangup is commonly seen within 50 milliseconds, also while the handler works on something
// else. It ends the handler's context, and [context.Cause] then is
// [ErrHangup]. The connection stays open after a hangup: commands that need no
// channel (variables, the database, VERBOSE, EXEC of some applications) still
// work, with a context that did not end with the call:
//
//	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
//	defer cancel()
//	err := s.SetVariable(cleanup, "RESULT", "abandoned")
//
// # Cancelling a command
//
// A context that ends in the middle of STREAM FILE, GET DATA, GET OPTION or WAIT
// FOR DIGIT stops the prompt at once. Over AGI Asterisk cannot be made to give up other
// commands; there Do returns, and the next Do first waits for the reply that is
// still owed. A program with a manager connection can end most of them by
// [SessionOptions].Interrupt. In all cases no reply is ever given to the wrong command.
//
// # How a session ends
//
// A handler that returns nil hands the call back: the dialplan goes on with
// AGISTATUS=SUCCESS. A handler that returns an error or panics, a server that is
// full or shuts down: the dialplan goes on with AGISTATUS=FAILURE. After a hangup
// neither is said: AGISTATUS is HANGUP, and the h extension runs once the handler
// has returned.
//
// [Server.Shutdown] closes the listener, waits for the calls, and ends their contexts
// with [ErrServerClosed] when it may wait no longer.
//
// A host that dies without a word is noticed by TCP keep-alive, which ListenAndServe and
// listeners of package net have: on Linux after two and a half minutes, but not while
// the host has not acknowledged a command, when it takes up to a quarter of an hour. The
// handler's context then ends with [ErrClosed]. A command with
// [SessionOptions].ReplyTimeout, or a context of its own, ends when that says so.
//
// Asterisk itself sets AGISTATUS to FAILURE too when a command failed while the
// caller was there, for instance a prompt file that does not exist.
//
// # Looking at the wire
//
// [SessionOptions].Debug, and the field of the same name of both servers, gets every line
// that is read or written, without secrets. [Session.OnExchange] tells each command with
// its reply and time.
//
// # Other ways in
//
// [AsyncServer] serves the same handlers to AGI(agi:async) over a manager link, for
// servers that Asterisk cannot dial. It needs to hear when that link is up
// ([AsyncServer.LinkUp], which also finds calls that came meanwhile) and when it drops
// ([AsyncServer.LinkLost]). [ServeStdio] serves one in a program that
// Asterisk starts itself, by AGI or EAGI.
//
// Package agitest plays Asterisk for tests. Facts about the protocol in comments
// here were seen on Asterisk 16 and 22.
package agi
