package flows_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/flows"
)

// TestCallback calls back when the call is over, again when nobody answers, and not at
// all what may not be called.
func TestCallback(t *testing.T) {
	const ended = "\n\nResponse: Success\n. 2s\nEvent: OriginateResponse\nActionID: *\nResponse: Failure\nReason: "
	for _, test := range []struct {
		name, step, top, manager, want string
	}{
		{
			name: "tries", step: "- callback: 044 123 45 67\n  queue: support\n  caller_id: Support <100>\n  tries: 2\n  between: 1m",
			manager: "> Originate Channel=PJSIP/0441234567@carrier CallerID=\"Support <100>\" Application=Queue Data=support Timeout=30000" + ended + "3\n" +
				"> Originate Channel=PJSIP/0441234567@carrier" + ended + "5",
			want: "callback → taken\nDONE by dialplan",
		},
		{
			name: "by a way of its own", step: "- callback: 0441234567\n  dial: Local/0441234567@out\n  context: back\n  exten: 7",
			manager: "> Originate Channel=Local/0441234567@out Context=back Exten=7 Priority=1\n\nResponse: Success\n\nEvent: OriginateResponse\nActionID: *\nResponse: Success\nReason: 4",
			want:    "callback → taken\nDONE by dialplan",
		},
		{
			name: "forbidden", step: "- callback: 0900123456\n  queue: support\n  on: { forbidden: { log: no } }",
			top:  "trunks: PJSIP/carrier*\ndialing: { country: CH, allow: [CH], deny: [premium] }\n",
			want: "callback → forbidden (on)\n  log no\nDONE by dialplan",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := load(t, named+test.top+"flows:\n  main:\n    "+strings.ReplaceAll(test.step, "\n", "\n    "))
				ctx, cancel := context.WithCancel(t.Context())
				var got string
				engine := &flows.Engine{
					Program: func() *flows.Program { return a.Program }, Background: flows.NewBackground(ctx),
					OnTrace: func(trace *flows.Trace) { got = summary(trace) },
				}
				managers, stop := manage(t, engine, "pbx1")
				engine.Servers[0].Outbound = "PJSIP/{number}@carrier"
				played := make(chan error, 1)
				go func() {
					if test.manager == "" {
						played <- nil
						return
					}
					first, second, _ := strings.Cut(test.manager, "\n> ")
					err := managers[0].Play(t.Context(), first)
					if second != "" && err == nil {
						time.Sleep(50 * time.Second) // a minute is between the tries, of which a script does not wait for all
						err = managers[0].Play(t.Context(), "> "+second)
					}
					played <- err
				}()
				synctest.Wait()
				began := time.Now()
				agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+conversation{}.told())
				if took := time.Since(began); took > 0 {
					t.Errorf("the caller waited %v", took)
				}
				if err := <-played; err != nil {
					t.Error(err)
				}
				cancel()
				engine.Background.Close()
				stop()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("trace differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}
