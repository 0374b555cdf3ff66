package lang

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"answer", "goto", "tries", "timeout", "on", "on_error", "play", "call.ended", "transfer"}
	for written, want := range map[string]string{
		"anwser": "answer", "trys": "tries", "time": "timeout", "call.endd": "call.ended", "plya": "play",
		"Play": "play", "no": "on", "hangup": "", "x": "", "xyz": "", "got": "goto", "transfr": "transfer",
	} {
		if got := Nearest(written, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", written, got, want)
		}
	}
}
