// Package agitest is an Asterisk for tests: it plays one call from a transcript to
// a handler, and says where the handler did something else than the transcript.
//
//	func TestGreeting(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			agitest.Run(t, greeting, `
//				env agi_callerid: 5550100
//				> ANSWER
//				< 200 result=0
//				> STREAM FILE "welcome" "12"
//				. 3s
//				< 200 result=49 endpos=24000
//				> EXEC "Dial" "PJSIP/sales,30"
//				. 30s
//				< 200 result=-1
//				! hangup
//			`)
//		})
//	}
//
// # Transcripts
//
// A transcript is text, one thing a line; blank lines and white space around a
// line do not matter.
//
//	env agi_callerid: 5550100
//
// sets a line of the environment that the call begins with; the rest has usual
// values. These lines come first. From agi_request also follows
// agi_network_script, the path that handlers are chosen by. A name that the usual
// environment does not have, such as agi_arg_1, is added.
//
//	> STREAM FILE "welcome" "12"
//
// is what the handler must send next, to the letter: [agi.Session] puts every
// argument in quotes. A * stands for anything, so "> *" is any command. What comes
// is waited for as long as [Patience] lasts. "> FAILURE" is what a server sends at
// the end when the handler failed; like Asterisk, the player then says HANGUP and
// closes.
//
//	< 200 result=49 endpos=24000
//
// is what Asterisk answers. Several such lines in a row, together with "! hangup",
// are sent in one piece. A text in quotes, as Go has them, may hold anything:
// `< " 200\x00"`.
//
//	. 30s
//
// is silence: nothing happens for that time. If the next line is a ">" line, the
// silence ends early when the handler speaks; so it also says how long a handler
// may take. In a synctest bubble, silence takes no time.
//
//	! hangup
//
// The caller hangs up: Asterisk says HANGUP and goes on reading commands.
//
//	! close
//
// Asterisk closes the connection; nothing may follow.
//
//	# text
//
// is a comment.
//
// At the end of the transcript the handler must return without another command.
//
// # Faults
//
// Networks and peers fail. These lines make the player do so:
//
//	! split
//
// anywhere in the transcript makes every byte that Asterisk sends, from the
// environment on, a write of its own.
//
//	<- 200 resu
//
// is a piece of an answer, without its newline. The rest comes in the next "<"
// line, perhaps after a silence; or "! close" comes, in the middle of the reply.
//
//	! stall
//
// Asterisk says nothing more and keeps the connection. Whatever the server sends
// is fine, but it must close in the end: [Patience] after the last thing it said,
// or in the time of a silence just before this line. Nothing may follow.
//
//	env cut 40
//
// ends the environment after 40 bytes; with 0 there is none. What the next lines
// say comes in its place.
//
//	< "GET / HTTP/1.1\r\xff"
//
// Garbage is an answer like any other.
//
//	> EXEC "Wait" "5"
//	! hangup
//	. 1s
//	< 200 result=0
//
// The HANGUP comes between a command and its reply. The silence keeps them apart.
//
// # Recordings
//
// [Record] writes a call down as a transcript while it happens, from a real
// Asterisk for instance. Played to the same handler in a synctest bubble, it takes
// no time. What differs from call to call (a time, a random number) must be
// replaced by a * before.
//
// # What real Asterisks do
//
// A caller who hangs up during a command makes it answer first: "< 200 result=-1"
// and then "! hangup". A result of -1 alone is an error, such as a missing prompt
// file; the session then asks whether the call still lives:
//
//	> STREAM FILE "no-such-file" ""
//	< 200 result=-1 endpos=0
//	> CHANNEL STATUS
//	< 200 result=6
//
// Put nothing between "< 200 result=-1" and "! hangup": with time in between, the
// session asks before the HANGUP has come, as it does on a slow network.
//
// A prompt that the handler cancels is stopped with a command that gives back a
// text of its own, numbered from 1 in each session:
//
//	> STREAM FILE "long" ""
//	. 5s
//	> GET FULL VARIABLE "agi-sync-1"
//	< 200 result=1 (agi-sync-1)
package agitest
