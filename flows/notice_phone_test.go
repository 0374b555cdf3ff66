package flows_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// phonebook is a manager whose Originate has people answer: what they hear and press is a
// transcript, or the Reason why nobody does. Each phone takes one of its list at a call.
type phonebook struct {
	willing
	t      *testing.T
	engine *flows.Engine
	phones map[string][]string

	mu      sync.Mutex
	calls   []string
	lines   sync.WaitGroup
	hangups []string
}

func (b *phonebook) Originate(ctx context.Context, a ami.Action) (ami.Event, error) {
	fields := map[string]string{}
	for _, f := range a.Fields {
		fields[f.Name] = f.Value
	}
	device := fields["Channel"]
	b.mu.Lock()
	b.calls = append(b.calls, strings.Join(strings.Fields(device+" "+fields["CallerID"]+" "+fields["Timeout"]), " "))
	var person string
	if list := b.phones[device]; len(list) > 0 {
		person, b.phones[device] = list[0], list[1:]
	}
	b.mu.Unlock()
	if person == "rings" {
		timeout, err := time.ParseDuration(fields["Timeout"] + "ms")
		if err != nil {
			b.t.Error(err)
		}
		select {
		case <-time.After(timeout):
		case <-ctx.Done():
			return ami.Event{}, context.Cause(ctx)
		}
		return ami.NewEvent("OriginateResponse", "Response", "Failure", "Reason", "3"), nil
	}
	if len(person) < 3 { // a Reason
		return ami.NewEvent("OriginateResponse", "Response", "Failure", "Reason", person), nil
	}
	path, ok := strings.CutPrefix(fields["Data"], "agi://10.0.0.9:4573/")
	if !ok || fields["Application"] != "AGI" {
		b.t.Errorf("who answers is sent to %s(%s)", fields["Application"], fields["Data"])
	}
	if person != "lost" {
		b.lines.Go(func() {
			agitest.Run(b.t, b.engine, "env agi_request: agi://10.0.0.9/"+path+"\n"+person)
		})
	}
	return ami.NewEvent("OriginateResponse", "Response", "Success", "Reason", "4", "Channel", device+"-1"), nil
}

func (b *phonebook) Do(_ context.Context, a ami.Action) (ami.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hangups = append(b.hangups, a.Name)
	return ami.Response{}, nil
}

// What people hear of a notice, and what they do.
const (
	heardAlarm = "> STREAM FILE \"alarm\" \"1\"\n. 2s\n< 200 result=0 endpos=16000\n> SAY NUMBER \"7\" \"1\"\n. 1s\n< 200 result=0\n"
	heardAsk   = "> STREAM FILE \"vm-press\" \"1\"\n. 1s\n< 200 result=0 endpos=8000\n> STREAM FILE \"digits/1\" \"1\"\n. 1s\n< 200 result=0 endpos=8000\n"
	waited     = "> WAIT FOR DIGIT \"4000\"\n. 4s\n< 200 result=0\n"

	presses1     = heardAlarm + heardAsk + "> WAIT FOR DIGIT \"4000\"\n. 1s\n< 200 result=49\n"
	pressesEarly = "> STREAM FILE \"alarm\" \"1\"\n. 1s\n< 200 result=49 endpos=8000\n"
	listens      = heardAlarm + heardAsk + waited + heardAlarm + heardAsk + waited
	presses5     = heardAlarm + heardAsk + "> WAIT FOR DIGIT \"4000\"\n< 200 result=53\n" + heardAlarm + heardAsk + waited
	hangsUp      = "> STREAM FILE \"alarm\" \"1\"\n. 1s\n< 200 result=-1 endpos=8000\n! hangup\n"
	lacksSound   = "> STREAM FILE \"alarm\" \"1\"\n< 200 result=-1 endpos=0\n> CHANNEL STATUS\n< 200 result=6\n> SAY NUMBER \"7\" \"1\"\n< 200 result=49\n"
)

// TestNoticeByPhone has notices said on phones, one after the other, until somebody presses the
// key.
func TestNoticeByPhone(t *testing.T) {
	for _, test := range []struct {
		name string
		// keys are further keys of the notifier, phones who is called, and people what
		// becomes of it.
		keys, phones string
		people       map[string][]string
		want         string
		calls        []string
		took         time.Duration
		hangups      int
	}{
		{
			name: "acknowledged", phones: "PJSIP/1", people: map[string][]string{"PJSIP/1": {presses1}},
			want:  "notify → acknowledged (on)\n  log by PJSIP/1\nDONE by flow\ncalled: PJSIP/1: acknowledged",
			calls: []string{"PJSIP/1 30000"}, took: 6 * time.Second,
		},
		{
			name: "in the middle of a sound", phones: "PJSIP/1", keys: ", caller_id: Alarm <100>, timeout: 20s",
			people: map[string][]string{"PJSIP/1": {pressesEarly}},
			want:   "notify → acknowledged (on)\n  log by PJSIP/1\nDONE by flow\ncalled: PJSIP/1: acknowledged",
			calls:  []string{"PJSIP/1 Alarm <100> 20000"}, took: time.Second,
		},
		{
			name: "the second", phones: "[PJSIP/1, PJSIP/2, PJSIP/3]",
			people: map[string][]string{"PJSIP/1": {"rings"}, "PJSIP/2": {pressesEarly}},
			want:   "notify → acknowledged (on)\n  log by PJSIP/2\nDONE by flow\ncalled: PJSIP/1: no_answer, PJSIP/2: acknowledged",
			calls:  []string{"PJSIP/1 30000", "PJSIP/2 30000"}, took: 31 * time.Second,
		},
		{
			name: "the second time", phones: "[PJSIP/1, PJSIP/2]", keys: ", between: 5m",
			people: map[string][]string{"PJSIP/1": {"5", pressesEarly}, "PJSIP/2": {hangsUp}},
			want:   "notify → acknowledged (on)\n  log by PJSIP/1\nDONE by flow\ncalled: PJSIP/1: busy, PJSIP/2: unacknowledged, PJSIP/1: acknowledged",
			calls:  []string{"PJSIP/1 30000", "PJSIP/2 30000", "PJSIP/1 30000"}, took: 5*time.Minute + 2*time.Second,
		},
		{
			name: "nobody", phones: "[PJSIP/1, PJSIP/2]", keys: ", tries: 1, repeat: 2",
			people: map[string][]string{"PJSIP/1": {listens}, "PJSIP/2": {presses5}},
			want:   "notify: notify.unacknowledged: phones were called, and nobody pressed the key (on_error)\n  log nobody came\nDONE by flow\ncalled: PJSIP/1: unacknowledged, PJSIP/2: unacknowledged",
			calls:  []string{"PJSIP/1 30000", "PJSIP/2 30000"}, took: 32 * time.Second,
		},
		{
			name: "a sound is missing", phones: "PJSIP/1", people: map[string][]string{"PJSIP/1": {lacksSound}},
			want:  "notify → acknowledged (on)\n  log by PJSIP/1\nDONE by flow\ncalled: PJSIP/1: acknowledged",
			calls: []string{"PJSIP/1 30000"},
		},
		{
			name: "a number", phones: "079 123 45 67", people: map[string][]string{"PJSIP/0791234567@carrier": {pressesEarly}},
			want:  "notify → acknowledged (on)\n  log by PJSIP/0791234567@carrier\nDONE by flow\ncalled: PJSIP/0791234567@carrier: acknowledged",
			calls: []string{"PJSIP/0791234567@carrier 30000"}, took: time.Second,
		},
		{
			name: "a number that dialing forbids", phones: "[\"${env.PREMIUM}\", PJSIP/1]", people: map[string][]string{"PJSIP/1": {pressesEarly}},
			want:  "notify → acknowledged (on)\n  log by PJSIP/1\nDONE by flow\nforbidden: 0900123456 may not be called: dialing denies premium\ncalled: PJSIP/1: acknowledged",
			calls: []string{"PJSIP/1 30000"}, took: time.Second,
		},
		{
			name: "only numbers that dialing forbids", phones: "\"PJSIP/${env.PREMIUM}@carrier\"",
			want: "notify: notify.failed: notice to on-call: none of its phones may be called (on_error)\n  log not sent\nDONE by flow\n" +
				"forbidden: 0900123456 may not be called: dialing denies premium",
		},
		{
			name: "who answers does not arrive", phones: "PJSIP/1", keys: ", tries: 1", people: map[string][]string{"PJSIP/1": {"lost"}},
			want: "notify: notify.failed: notice to on-call: the phone was answered, and Asterisk did not reach this server within 10s: see agi: { address: … } in pbxflow.yaml (on_error)\n" +
				"  log not sent\nDONE by flow\ncalled: PJSIP/1: failed",
			calls: []string{"PJSIP/1 30000"}, took: 10 * time.Second, hangups: 1,
		},
		{
			name: "the step's time is over while it rings", phones: "PJSIP/1", keys: ", timeout: 1h", people: map[string][]string{"PJSIP/1": {"rings"}},
			want:  "notify: timeout: the step took longer than its timeout of 10m0s (on_error)\n  log not sent\nDONE by flow\ncalled: ",
			calls: []string{"PJSIP/1 3600000"}, took: 10 * time.Minute, hangups: 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := load(t, "trunks: PJSIP/carrier*\ndialing: { country: CH, deny: [premium] }\n"+
					"notify: { on-call: { phone: "+test.phones+", play: alarm"+test.keys+" } }\n"+`
flows:
  main:
    - notify: on-call
      text: 7 callers wait
      say: 7
      type: number
      wait: true
      timeout: 10m
      as: notice
      on: { acknowledged: { log: "by ${notice.by}" } }
      on_error: { log: "${error.id endsWith 'unacknowledged' ? 'nobody came' : 'not sent'}" }
`)
				if _, err := a.Resolve("", map[string]string{"PREMIUM": "0900123456"}); err != nil {
					t.Fatal(err)
				}
				engine := &flows.Engine{Program: func() *flows.Program { return a.Program }, Phones: flows.NewPhones()}
				book := &phonebook{t: t, engine: engine, phones: test.people}
				engine.Servers = []flows.Server{{
					Name: "pbx1", Manager: book, Live: live.New(live.Options{}), Outbound: "PJSIP/{number}@carrier",
					AGI: func(context.Context) (string, error) { return "10.0.0.9:4573", nil },
				}}
				began := time.Now()
				// How it ended is in the trace.
				trace, _ := engine.RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{Rule: "r"})
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %v, want %v", took, test.took)
				}
				book.lines.Wait()
				got := summary(trace)
				for _, arg := range trace.Steps[0].Args {
					if arg.Key == "called" || arg.Key == "forbidden" {
						got += fmt.Sprintf("\n%s: %v", arg.Key, arg.Value)
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("trace differs (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.calls, book.calls); diff != "" {
					t.Errorf("calls differ (-want +got):\n%s", diff)
				}
				if len(book.hangups) != test.hangups {
					t.Errorf("it did %v, want %d hangups", book.hangups, test.hangups)
				}
			})
		})
	}
}

// TestNoticeByPhoneOfFlow does not let the caller wait, and calls nobody when the server shuts
// down.
func TestNoticeByPhoneOfFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := load(t, "notify: { on-call: { phone: PJSIP/1, play: alarm, between: 1h, tries: 3 } }\n"+
			"flows: { main: [{ notify: on-call, text: help, say: 7, type: number }, { log: at once }] }")
		if _, err := a.Resolve("", nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var log strings.Builder
		engine := &flows.Engine{
			Program: func() *flows.Program { return a.Program }, Background: flows.NewBackground(ctx), Phones: flows.NewPhones(),
			Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Info, TimeFn: time.Now}),
			OnTrace: func(trace *flows.Trace) {
				if got := summary(trace); got != "notify\nlog at once\nDONE by dialplan" || trace.Took > 0 {
					t.Errorf("after %v\n%s", trace.Took, got)
				}
			},
		}
		book := &phonebook{t: t, engine: engine, phones: map[string][]string{"PJSIP/1": {"rings", hangsUp, pressesEarly}}}
		engine.Servers = []flows.Server{{
			Name: "pbx1", Manager: book, Live: live.New(live.Options{}),
			AGI: func(context.Context) (string, error) { return "10.0.0.9:4573", nil },
		}}
		agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+conversation{}.told())
		time.Sleep(90 * time.Minute)
		engine.Phones.Close()
		synctest.Wait() // the pause is over
		cancel()
		engine.Background.Close()
		book.lines.Wait()
		if len(book.calls) != 2 {
			t.Errorf("it called %v, want two of three tries", book.calls)
		}
		if !strings.Contains(log.String(), "notice is lost:") || !strings.Contains(log.String(), "PJSIP/1: no_answer") ||
			!strings.Contains(log.String(), "the server is shutting down") {
			t.Errorf("the log says\n%s", log.String())
		}
	})
}

// A session for a notice that is over, or that never was, is refused.
func TestNoticeByPhoneUnexpected(t *testing.T) {
	engine := &flows.Engine{Program: func() *flows.Program { return &flows.Program{} }, Phones: flows.NewPhones()}
	agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/.notice/ABCDEFGHIJKLMNOPQRSTUVWXYZ\n> FAILURE")
}
