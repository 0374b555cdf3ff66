package asterisktest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Step is what a far leg does: one application of the dialplan, "Answer()". The
// functions below make the usual ones; any other application is Step("NoOp(hello)").
type Step string

// Phone is dialplan for a far leg: Local/<name>@phones does the steps one after the
// other and then hangs up. Join it to Config.Dialplan; it may stand before or after other
// contexts, but not in the middle of one.
func Phone(name string, steps ...Step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n[phones]\nexten => %s,1,NoOp()\n", name)
	for _, step := range steps {
		fmt.Fprintf(&b, " same => n,%s\n", step)
	}
	b.WriteString(" same => n,Hangup()\n")
	return b.String()
}

// Ring rings for a time without answering.
func Ring(d time.Duration) Step {
	return Step(fmt.Sprintf("Ringing()\n same => n,Wait(%s)", seconds(d)))
}

// Answer picks up.
func Answer() Step { return "Answer()" }

// Wait stays on the line, silent.
func Wait(d time.Duration) Step { return Step(fmt.Sprintf("Wait(%s)", seconds(d))) }

// Press presses keys, 0.25 s apart; "w" among them is a pause of half a second.
func Press(digits string) Step { return Step(fmt.Sprintf("SendDTMF(%s)", digits)) }

// Play speaks: it plays a sound, and waits for its end.
func Play(sound string) Step { return Step(fmt.Sprintf("Playback(%s)", sound)) }

// Record records from now on what the leg hears, as SpoolDir/monitor/<name>.wav.
// The file is complete once the leg has hung up; see Instance.WaitIdle.
func Record(name string) Step { return Step(fmt.Sprintf("MixMonitor(,r(%s.wav))", name)) }

// Echo sends back what it hears until the other side hangs up.
func Echo() Step { return "Echo()" }

// Busy does not answer and says that it is busy.
func Busy() Step { return "Hangup(17)" }

// Hangup hangs up.
func Hangup() Step { return "Hangup()" }

// HangupAfter hangs up at that time from now, whatever the leg does then.
func HangupAfter(d time.Duration) Step {
	return Step(fmt.Sprintf("Set(TIMEOUT(absolute)=%s)", seconds(d)))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
