package live_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pbxflow/pbxflow/ami"
)

// contradict notes where two lists of Asterisk's contradict each other about the caller of a
// queue. That of the queues asks the channel itself, as AgentCalled and DialState do;
// CoreShowChannels and DialBegin repeat what was told of it last. A 16 has been seen to give a
// channel the number of another one without a word, and to keep to both.
func (l *listed) contradict(channels, queues []ami.Event) {
	entries := make(map[string]ami.Event)
	for _, row := range queues {
		if row.Name() == "QueueEntry" {
			entries[row.Get("Uniqueid")] = row
		}
	}
	for _, row := range channels {
		if entry, waits := entries[row.Get("Uniqueid")]; waits {
			if line, other := channelLine(row, row), channelLine(row, entry); line != other {
				l.stale[other] = line
			}
		}
	}
}

// contradicts reports whether a line of diff is one of two that Asterisk's own lists tell of the
// same channel: the picture has the newer one.
func (l *listed) contradicts(diff []string) func(line string) bool {
	excused := make(map[string]bool)
	for _, line := range diff {
		if text, ok := strings.CutPrefix(line, "model: "); ok && l.stale[text] != "" {
			excused[line], excused["lists: "+l.stale[text]] = true, true
		}
	}
	return func(line string) bool { return excused[line] }
}

// What two lists of Asterisk's say otherwise is excused in their very words only.
func TestContradictingLists(t *testing.T) {
	l := &listed{stale: make(map[string]string)}
	channels := script(t, "0 CoreShowChannel ch=PJSIP/1 id=1 num=188\n0 CoreShowChannel ch=PJSIP/2 id=2 num=300\n0 CoreShowChannel ch=PJSIP/3 id=3 num=400")
	queues := script(t, "0 QueueParams q=a\n0 QueueEntry q=a ch=PJSIP/1 id=1 num=288\n0 QueueEntry q=a ch=PJSIP/2 id=2 num=300")
	l.channels(channels)
	l.contradict(channels, queues)
	for _, test := range []struct {
		name, channel, num string
		excused            bool
	}{
		{name: "the queue's word", channel: "1", num: "288", excused: true},
		{name: "nobody's word", channel: "1", num: "388"},
		{name: "the lists agree", channel: "2", num: "301"},
		{name: "it is in no queue", channel: "3", num: "401"},
	} {
		t.Run(test.name, func(t *testing.T) {
			picture := slices.Clone(l.lines)
			for i, line := range picture {
				if strings.HasPrefix(line, "channel PJSIP/"+test.channel+" ") {
					before, after, _ := strings.Cut(line, " caller=")
					_, rest, _ := strings.Cut(after, " ")
					picture[i] = before + " caller=" + test.num + "/ " + rest
				}
			}
			slices.Sort(l.lines)
			slices.Sort(picture)
			diff := differ(l.lines, picture)
			if len(diff) != 2 {
				t.Fatalf("the lines differ by %q", diff)
			}
			left := slices.DeleteFunc(slices.Clone(diff), l.contradicts(diff))
			if excused := len(left) == 0; excused != test.excused {
				t.Errorf("of %q there is left %q", diff, left)
			}
		})
	}
}
