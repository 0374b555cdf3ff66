package flows_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// soundCall is a call on a real Asterisk whose far leg listens.
type soundCall struct {
	name   string
	flow   string
	caller []asterisktest.Step // after it has answered and begun to listen
	trace  string              // what the trace says
	heard  string              // a regular expression for the sounds that the far leg heard; empty: whatever
	keys   string              // what the far leg has stored with keep
	check  func(t *testing.T, pbx *asterisktest.Instance)
}

// keep stores what the far leg has in a channel variable.
func keep(name, value string) asterisktest.Step {
	return asterisktest.Step(fmt.Sprintf("Set(DB(keys/%s)=%s)", name, value))
}

// The sounds of the test; the language of the calls has no files of its own. The first
// has the frequency of the Swiss busy tone.
var sounds = choir{
	"swiss", "one", "two", "beep", "0s", "1s", "2s", "3s", "4s", "5s", "6s", "7s", "8s", "9s",
	"digits/0", "digits/1", "digits/2", "digits/3", "digits/4", "digits/20", "digits/star", "digits/pound",
	"digits/day-5", "digits/mon-11", "digits/h-5", "digits/p-m", "digits/30", "digits/at",
	"letters/a", "phonetic/a_p",
}

func TestRealSound(t *testing.T) {
	files := sounds.files()
	for second := range 10 {
		files["count.ulaw"] = append(files["count.ulaw"], sounds.note(fmt.Sprintf("%ds", second), time.Second)...)
	}
	files["moh/swiss.ulaw"], files["calm/two.ulaw"] = files["swiss.ulaw"], files["two.ulaw"]
	asterisktest.Each(t, func(t *testing.T, _ asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		calls := soundCalls()
		traces := make(map[string]chan *flows.Trace)
		text, dialplan := "queues: { support: {} }\nflows:\n", "[calls]\n"
		for _, c := range calls {
			traces[c.name] = make(chan *flows.Trace, 1)
			text += "  " + c.name + ":\n    " + strings.ReplaceAll(lines(c.flow), "\n", "\n    ") + "\n"
		}
		a := load(t, text+namedPeople, lingerVerb)
		if _, err := a.Resolve(namedEnv); err != nil {
			t.Fatal(err)
		}
		program := a.Program
		engine := &flows.Engine{
			Program: func() *flows.Program { return program },
			OnTrace: func(trace *flows.Trace) { traces[trace.Flow] <- trace },
		}
		var debug lockedText
		addr := serve(t, &agi.Server{Handler: engine, Debug: &debug})
		for _, c := range calls {
			dialplan += fmt.Sprintf("exten => %s,1,Set(CHANNEL(language)=xx)\n same => n,AGI(agi://%s/%[1]s)\n same => n,Hangup()\n", c.name, addr)
		}
		for _, c := range calls {
			dialplan += asterisktest.Phone(c.name, append([]asterisktest.Step{asterisktest.Answer(), asterisktest.Record(c.name)}, c.caller...)...)
		}
		pbx := start(asterisktest.Config{Dialplan: dialplan, Sounds: files, Files: map[string]string{"musiconhold.conf": soundMusic}})
		var all sync.WaitGroup
		for _, c := range calls {
			_, err := pbx.Originate(t.Context(), asterisktest.Call{
				Channel: "Local/" + c.name + "@phones", Context: "calls", Exten: c.name, CallerID: `"Ann" <5550100>`,
			})
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				trace := <-traces[c.name]
				if diff := cmp.Diff(lines(c.trace), summary(trace)); diff != "" {
					t.Errorf("%s: trace differs (-want +got):\n%s\n%s", c.name, diff, traceText(t, trace))
				}
			})
		}
		all.Wait()
		if err := pbx.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, pin := range []string{"8150026471", "8150026472"} {
			if strings.Contains(debug.text(), pin) {
				t.Errorf("what is written for debugging tells the PIN %s", pin)
			}
		}
		for _, c := range calls {
			t.Run(c.name, func(t *testing.T) { c.compare(t, pbx) })
		}
	})
}

// soundMusic has classes that are sounds of the test.
const soundMusic = `
[default]
mode = files
directory = sounds/moh

[calm]
mode = files
directory = sounds/calm
`

// lingerVerb waits a second without a sound of its own.
var lingerVerb = flows.Verb{Name: "linger", Summary: "Waits.", NeedsCall: true, New: func() flows.Step { return &lingerStep{} }}

type lingerStep struct {
	Linger lang.Value[string] `yaml:"linger"`
}

func (*lingerStep) Run(ctx context.Context, c *flows.Call) (flows.Outcome, error) {
	_, err := c.Session.WaitForDigit(ctx, time.Second)
	return flows.Done, err
}

// lockedText is a text that several goroutines write.
type lockedText struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedText) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// compare looks at what the far leg has left.
func (c soundCall) compare(t *testing.T, pbx *asterisktest.Instance) {
	heard, err := sounds.heard(filepath.Join(pbx.SpoolDir, "monitor", c.name+".wav"))
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile("^" + c.heard); c.heard != "" && want.FindString(heard) != heard {
		t.Errorf("the far leg heard %q, want %s", heard, c.heard)
	}
	if c.keys != "" {
		out, err := pbx.Console(t.Context(), "database get keys "+c.name)
		if got := strings.TrimPrefix(strings.TrimSpace(out), "Value: "); err != nil || got != c.keys {
			t.Errorf("the far leg kept %q, %v, want %q", got, err, c.keys)
		}
	}
	if c.check != nil {
		c.check(t, pbx)
	}
}

// serve serves calls until the test ends and returns the address.
func serve(t *testing.T, server *agi.Server) string {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		server.Close()
		<-served
	})
	return ln.Addr().String()
}

// presser waits, presses keys and stays; a number of seconds stands for each pause.
func presser(seconds float64, keys string, more ...asterisktest.Step) []asterisktest.Step {
	steps := []asterisktest.Step{asterisktest.Wait(time.Duration(seconds * float64(time.Second)))}
	if keys != "" {
		steps = append(steps, asterisktest.Press(keys))
	}
	return append(append(steps, more...), asterisktest.Wait(30*time.Second))
}

// recorded wants a recording in the sound folder that sounds so.
func recorded(name, want string) func(t *testing.T, pbx *asterisktest.Instance) {
	return func(t *testing.T, pbx *asterisktest.Instance) {
		heard, err := sounds.heard(filepath.Join(pbx.SoundsDir, name+".wav"))
		if matched := regexp.MustCompile("^" + want).FindString(heard); err != nil || matched != heard {
			t.Errorf("the recording %s holds %q, %v, want %s", name, heard, err, want)
		}
	}
}

func soundCalls() []soundCall {
	tape := func(name, options string, caller []asterisktest.Step, heard, log string) soundCall {
		return soundCall{
			name: name, caller: caller, heard: heard,
			flow: `
				- play: count
				  ` + options + `
				  keys: { pause: "5", rewind: "4", forward: "6", restart: "0", stop: "#" }
				  as: heard
				- log: key ${heard.key}, ${heard.position > "` + log + `"}`,
			trace: "play → stopped\nlog key #, true\nDONE by dialplan",
		}
	}
	say := func(name, step, heard string) soundCall {
		return soundCall{name: name, flow: "- say: " + step, caller: presser(0, ""), heard: heard, trace: "say\nDONE by dialplan"}
	}
	return []soundCall{
		{
			name: "record_key", caller: append([]asterisktest.Step{asterisktest.Wait(2 * time.Second), asterisktest.Play("one"), asterisktest.Play("two"), asterisktest.Press("#")}, presser(0, "")...),
			trace: "record → ok\nlog recorded-key true ok #\nplay\nDONE by dialplan", heard: "beep one two", check: recorded("recorded-key", "one two"),
			flow: "- record: recorded-key\n  as: message\n- log: ${message.file} ${message.duration > \"700ms\"} ${message.reason} ${message.key}\n- play: ${message.file}",
		},
		{
			name: "record_silence", caller: append([]asterisktest.Step{asterisktest.Wait(time.Second / 2), asterisktest.Play("one"), asterisktest.Play("silence/9")}, presser(0, "")...),
			trace: "record → silence\nlog true\nDONE by dialplan", check: recorded("recorded-silence", "one"),
			flow: "- record: recorded-silence\n  beep: false\n  silence: 2s\n  timeout: 12s\n  as: message\n- log: ${message.duration < \"5s\"}",
		},
		{
			name: "record_timeout", caller: append([]asterisktest.Step{asterisktest.Play("count")}, presser(0, "")...),
			trace: "record → timeout\nlog true\nDONE by dialplan", check: recorded("recorded-timeout", "0s 1s 2s"),
			flow: "- record: recorded-timeout\n  beep: false\n  silence: 2s\n  timeout: 3s\n  as: message\n- log: ${message.duration > \"2s\" and message.duration < \"3100ms\"}",
		},
		{
			name: "record_hangup", caller: []asterisktest.Step{asterisktest.Wait(time.Second), asterisktest.Play("one"), asterisktest.Play("two"), asterisktest.Hangup()},
			trace: "record → hangup (on)\n  log true\nlog left recorded-hangup\nHANGUP by caller", check: recorded("recorded-hangup", "one two"),
			flow: "steps:\n  - record: recorded-hangup\n    beep: false\n    as: message\n    on: { hangup: { log: \"${message.duration > '900ms'}\" } }\n  - log: ${message.file}\n" +
				"on_hangup: { log: \"left ${message?.file ?? 'nothing'}\" }",
		},
		{
			name: "record_wide", caller: append([]asterisktest.Step{asterisktest.Play("count")}, presser(0, "")...),
			trace: "record → timeout\nlog true\nplay\nDONE by dialplan",
			flow:  "- record: recorded-wide\n  beep: false\n  format: sln16\n  timeout: 2s\n  as: message\n- log: ${message.duration > \"1s\" and message.duration < \"2100ms\"}\n- play: recorded-wide",
		},
		{
			name: "record_nowhere", caller: presser(0, ""), heard: "two", trace: "record → failed (on)\n  play\nDONE by dialplan",
			flow: "- record: no/such/folder\n  beep: false\n  on: { failed: { play: two } }",
		},
		{
			name: "login", caller: presser(0.8, "8150026472#ww8150026471#"), trace: "login → ok\n  log again 1\nlog frei\nplay\nDONE by dialplan",
			flow: "- login: one\n  no_match: { log: \"again ${try}\" }\n  timeout: 10s\n  as: me\n  on: { denied: hangup }\n- log: ${me.name}\n- play: two",
		},
		{name: "play_two", flow: "- play: [one, two]", caller: presser(0, ""), heard: "one two", trace: "play\nDONE by dialplan"},
		{
			name: "play_from", flow: "- play: [count, two]\n  from: 8s", caller: presser(0, ""), heard: "8s 9s two", trace: "play\nDONE by dialplan",
		},
		{
			name: "play_position", flow: "- play: count\n  interrupt: \"7\"\n  as: heard\n- play: count\n  from: ${heard.position}\n- log: ${heard.key}",
			caller: presser(1.5, "7"), trace: "play → stopped\nplay\nlog 7\nDONE by dialplan",
			check: func(t *testing.T, pbx *asterisktest.Instance) {
				// Every second was heard once: it went on where it had stopped.
				heard, err := sounds.heard(filepath.Join(pbx.SpoolDir, "monitor/play_position.wav"))
				names := strings.Fields(heard)
				if err != nil || len(names) < 10 || names[0] != "0s" || names[len(names)-1] != "9s" || len(names) > 11 {
					t.Errorf("the far leg heard %q, %v, want each second once", heard, err)
				}
			},
		},
		tape("tape_forward", "skip: 5s", presser(1.5, "6", asterisktest.Wait(time.Second), asterisktest.Press("#")), "0s 1s( 2s)? (6s )?7s( 8s)?", "7s"),
		tape("tape_rewind", "skip: 2s\n				  from: 6500ms", presser(1, "4", asterisktest.Wait(800*time.Millisecond), asterisktest.Press("#")), "6s 7s( 8s)? 5s 6s( 7s)?", "5s"),
		tape("tape_restart", "from: 6s", presser(1.3, "0", asterisktest.Wait(1400*time.Millisecond), asterisktest.Press("#")), "6s 7s 0s 1s( 2s)?", "1s"),
		tape("tape_pause", "from: 3s", presser(1.4, "5", asterisktest.Wait(2*time.Second), asterisktest.Press("5"), asterisktest.Wait(time.Second), asterisktest.Press("#")), "3s 4s( 4s)? 5s( 6s)?", "4s"),
		{
			name: "tape_other_keys", flow: "- play: count\n  from: 7s\n  keys: { pause: \"5\" }", caller: presser(1, "#*0"),
			heard: "7s 8s 9s", trace: "play\nDONE by dialplan",
		},
		{
			name: "tape_missing", flow: "- play: no-such-sound\n  keys: { stop: \"5\" }\n  on: { missing: { play: two } }", caller: presser(0, ""),
			heard: "two", trace: "play → missing (on)\n  play\nDONE by dialplan",
		},
		say("say_digits", "\"0123*#\"\n  type: digits", "digits/0 digits/1 digits/2 digits/3 digits/star digits/pound"),
		say("say_star", "\"*#12\"\n  type: digits", "digits/star digits/pound digits/1 digits/2"),
		say("say_number", "24\n  type: number", "digits/20 digits/4"),
		say("say_alpha", "A1\n  type: alpha", "letters/a digits/1"),
		say("say_phonetic", "A\n  type: phonetic", "phonetic/a_p"),
		say("say_date", "2026-12-25\n  type: date\n  format: A B d", "digits/day-5 digits/mon-11 digits/20 digits/h-5"),
		say("say_time", "14:30\n  type: time\n  format: I M p", "digits/2 digits/30 digits/p-m"),
		say("say_zone", "2026-12-25T13:30:00Z\n  type: datetime\n  timezone: Europe/Zurich\n  format: I M p", "digits/2 digits/30 digits/p-m"),
		{
			name: "say_stopped", flow: "- say: 1234\n  type: digits\n  interrupt: \"8\"\n  as: said\n- log: ${said.key}", caller: presser(0.8, "8"),
			trace: "say → stopped\nlog 8\nDONE by dialplan",
		},
		{
			name: "dtmf", flow: "- play: one\n- send_dtmf: 12w3A#\n- send_dtmf: \"45\"\n  between: 100ms\n  press: 150ms\n- play: one", trace: "play\nsend_dtmf\nsend_dtmf\nplay\nDONE by dialplan",
			caller: append([]asterisktest.Step{"Read(FIRST,,7,,1,20)", "Read(SECOND,,2,,1,20)", keep("dtmf", "${FIRST} ${SECOND}")}, presser(0, "")...),
			keys:   "123A 45", heard: "one one",
		},
		{
			name: "music", caller: presser(0, ""), heard: "(two )+(swiss )+beep", trace: "music\nlinger\nmusic\nlinger\nmusic\nlinger\nplay\nDONE by dialplan",
			flow: "- music: calm\n- linger\n- music: on\n- linger\n- music: off\n- linger\n- play: beep",
		},
		{
			name: "tone", caller: presser(0, ""), heard: "swiss swiss one( one)?( one)? beep", trace: "tone\ntone\nlinger\ntone\nlinger\nplay\nDONE by dialplan",
			flow: "- tone: busy\n  country: ch\n  for: 1800ms\n- tone: 475/400,0/200\n- linger\n- tone: off\n- linger\n- play: beep",
		},
		{
			name: "tone_stopped", caller: presser(0.7, "1#"), heard: "one( beep)?", trace: "tone → stopped\nlog #\nDONE by dialplan",
			flow: "- tone: \"475\"\n  for: 20s\n  interrupt: \"#\"\n  as: heard\n- log: ${heard.key}",
		},
		{
			name: "tone_unknown", caller: presser(0, ""), heard: "beep", trace: "tone → unknown (on)\n  play\nDONE by dialplan",
			flow: "- tone: busy\n  country: qq\n  on: { unknown: { play: beep } }",
		},
		{
			name: "read_end", caller: presser(1, "12#3*"), trace: "read → ok\nlog 12#3\nDONE by dialplan",
			flow: "- read: [one, count]\n  end: \"*\"\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_between", caller: presser(1, "12"), trace: "read → ok\nlog 12\nDONE by dialplan",
			flow: "- read: count\n  digits: 2-9\n  timeout: 20s\n  between: 1s\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_early", caller: presser(0.7, "1234"), trace: "read → ok\nlog 1234\nDONE by dialplan",
			flow: "- read: [count, one]\n  digits: 4\n  as: typed\n- log: ${typed.digits}",
		},
		{
			name: "read_star", caller: presser(1, "1*23"), trace: "read → invalid (on)\nlog 1*23\nDONE by dialplan",
			flow: "- read: count\n  digits: 4\n  as: typed\n  on: { invalid: [] }\n- log: ${typed.digits}",
		},
		{
			name: "read_tries", caller: presser(2.5, "12ww3"), heard: "one two one one",
			trace: "read → invalid (on)\n  log nothing 1\n  play\n  log wrong 2\nDONE by dialplan",
			flow:  "- read: one\n  digits: 3\n  timeout: 1s\n  tries: 3\n  no_input: [{ log: \"nothing ${try}\" }, { play: two }]\n  no_match: { log: \"wrong ${try}\" }\n  on: { invalid: [] }",
		},
		{
			name: "menu_end", caller: presser(1, "1#"), trace: "menu\n  log one\nDONE by dialplan",
			flow: "- menu: count\n  between: 20s\n  timeout: 1s\n  end: \"#\"\n  options: { 1: { log: one }, 12: hangup }",
		},
		{
			name: "menu_at_once", caller: presser(1, "342"), trace: "menu\n  log two\nDONE by dialplan",
			flow: "- menu: count\n  between: 0s\n  options: { 342: { log: two }, 3421: hangup }",
		},
	}
}
