package flows_test

import (
	"fmt"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// The sounds of the tests; the language of the calls has no files of its own. The first
// has the frequency of the Swiss busy tone.
var sounds = choir{
	"swiss", "one", "two", "beep", "0s", "1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s", "9s",
	"digits/0", "digits/1", "digits/2", "digits/3", "digits/4", "digits/20", "digits/star", "digits/pound",
	"digits/day-5", "digits/mon-11", "digits/h-5", "digits/p-m", "digits/30", "digits/at",
	"letters/a", "phonetic/a_p",
}

// realSounds are the files of the tests: the sounds, ten seconds that can be told from
// each other as count, and music.
func realSounds() map[string][]byte {
	files := sounds.files()
	for second := range 10 {
		files["count.ulaw"] = append(files["count.ulaw"], sounds.note(fmt.Sprintf("%ds", second), time.Second)...)
	}
	files["moh/swiss.ulaw"], files["calm/two.ulaw"] = files["swiss.ulaw"], files["two.ulaw"]
	return files
}

// listening are calls whose callers listen.
func listening(calls []realCall) []realCall {
	for i := range calls {
		calls[i].listens = true
	}
	return calls
}

// patient is a caller who stays. presser hears a sound begin, presses keys so many seconds
// later, does more, and stays.
func patient() []asterisktest.Step { return []asterisktest.Step{asterisktest.Wait(patience)} }

func presser(seconds float64, keys string, more ...asterisktest.Step) []asterisktest.Step {
	steps := []asterisktest.Step{
		"WaitForNoise(50,1,60)", asterisktest.Wait(time.Duration(seconds * float64(time.Second))), asterisktest.Press(keys),
	}
	return append(append(steps, more...), patient()...)
}
