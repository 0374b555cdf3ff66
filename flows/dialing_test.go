package flows_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
)

func TestDialing(t *testing.T) {
	outward := func(dialing string) flows.Outward {
		return load(t, "trunks: [\"PJSIP/carrier*\", SIP/out]\n"+dialing).Program.Outward
	}
	european := outward(`dialing: { country: CH, allow: [CH, de, mobile, "+3906*", "*99", "10*"], deny: [premium, shared_cost, "+41446681800"] }`)
	abroad := outward(`dialing: { allow: [national], country: GB }`)
	cheap := outward(`dialing: { country: CH, deny: [international, "144"] }`)
	tests := []struct {
		outward flows.Outward
		device  string
		why     string // "" when it may be called
	}{
		{european, "PJSIP/0791234567@carrier", ""},
		{european, "PJSIP/+41791234567@carrier-2", ""},
		{european, "PJSIP/0041 791234567@carrier", ""},
		{european, "PJSIP/carrier/sip:+4930123456@carrier.example", ""},
		{european, "SIP/out/+390612345678", ""},
		{european, "PJSIP/*99@carrier", ""},
		{european, "PJSIP/1055@carrier", ""},
		{european, "PJSIP/144@carrier", ""}, // ambulance
		{european, "PJSIP/0900123456@carrier", "0900123456 may not be called: dialing denies premium"},
		{european, "PJSIP/0446681800@carrier", "0446681800 may not be called: dialing denies +41446681800"},
		{european, "PJSIP/+442079460000@carrier", "+442079460000 may not be called: it belongs to GB, and dialing does not allow that"},
		{european, "PJSIP/0012125550100@carrier", "0012125550100 may not be called: it belongs to US, and dialing does not allow that"},
		{european, "PJSIP/+393331234567@carrier", "+393331234567 may not be called: it belongs to IT, and dialing does not allow that"}, // mobile is the own country's
		{european, "PJSIP/5551@carrier", "5551 may not be called: it is no valid number, and dialing does not allow it as it is"},
		{european, "PJSIP/carrier", "PJSIP/carrier may not be called: it is not to be seen which number that is"},
		{european, "PJSIP/+442079460000", ""}, // a device of ours
		{european, "Local/+442079460000@internal", ""},
		{abroad, "PJSIP/02079460000@carrier", ""},
		{abroad, "PJSIP/+41791234567@carrier", "+41791234567 may not be called: it belongs to CH, and dialing does not allow that"},
		{cheap, "PJSIP/0900123456@carrier", ""},
		{cheap, "PJSIP/5551@carrier", "5551 may not be called: it is no valid number, and dialing does not allow it as it is"},
		{cheap, "PJSIP/*31*0900123456@carrier", "*31*0900123456 may not be called: it is no valid number, and dialing does not allow it as it is"},
		{cheap, "PJSIP/112@carrier", ""},
		{cheap, "PJSIP/144@carrier", "144 may not be called: dialing denies 144"},
		{cheap, "PJSIP/+4930123456@carrier", "+4930123456 may not be called: dialing denies international"},
		{outward(""), "PJSIP/0900123456@carrier", ""},
	}
	for _, test := range tests {
		why := ""
		if err := test.outward.Check(test.device); err != nil {
			why = err.Error()
		}
		if why != test.why {
			t.Errorf("%s: %q, want %q", test.device, why, test.why)
		}
	}
}

// Nothing is asked of Asterisk for a number that dialing does not allow.
func TestOriginateForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := load(t, "trunks: [\"PJSIP/carrier*\"]\ndialing: { allow: [CH] }\nflows:\n  main:\n    params: { number: string }\n    steps:\n"+
			"      - originate: PJSIP/${number}@carrier\n        context: internal\n        as: new\n        on: { forbidden: { log: no } }\n      - log: ${new.id}.")
		engine := &flows.Engine{}
		managers, stop := manage(t, engine, "pbx1")
		defer stop()
		asked := false
		managers[0].Respond("Originate", func(ami.Message) [][]string {
			asked = true
			return nil
		})
		trace, err := engine.RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{"number": "0012125550100"}, flows.Meta{})
		if got, want := summary(trace), "originate → forbidden (on)\n  log no\nlog .\nDONE by flow"; err != nil || got != want || asked {
			t.Errorf("got %v, Asterisk was asked: %v\n%s\nwant\n%s", err, asked, got, want)
		}
	})
}

func TestDialForbidden(t *testing.T) {
	trace := conversation{
		name: "forbidden", top: "trunks: [\"PJSIP/carrier*\"]\ndialing: { allow: [CH] }\n",
		flow:     "- dial: [PJSIP/101, \"PJSIP/${call.dialed}@carrier\"]\n  on: { forbidden: { log: sorry } }",
		asterisk: "env agi_dnid: 0012125550100",
		want:     "dial → forbidden (on)\n  log sorry\nDONE by dialplan",
	}.run(t)
	if text := traceText(t, trace); !strings.Contains(text, `forbidden="0012125550100 may not be called: it belongs to US, and dialing does not allow that"`) {
		t.Errorf("the trace does not tell why:\n%s", text)
	}
}

// Who came through a trunk is sent only where dialing allows it.
func TestTransferForbidden(t *testing.T) {
	const app = "trunks: [\"PJSIP/carrier*\", SIP/out]\ndialing: { allow: [CH, \"+4420*\"] }\n"
	outward := load(t, app).Program.Outward
	for _, test := range []struct{ channel, target, why string }{
		{"PJSIP/carrier-00000001", "0791234567", ""},
		{"PJSIP/carrier-00000001", "PJSIP/sip:+442079460000@carrier.example", ""},
		{"PJSIP/carrier-00000001", "0012125550100", "0012125550100 may not be called: it belongs to US, and dialing does not allow that"},
		{"SIP/out-0000000a", "SIP/+12125550100@host", "+12125550100 may not be called: it belongs to US, and dialing does not allow that"},
		{"SIP/out-0000000a", "tel:+12125550100;phone-context=x", "+12125550100 may not be called: it belongs to US, and dialing does not allow that"},
		{"PJSIP/carrier-00000001", "PJSIP/sips:alice@host", "alice may not be called: it is no valid number, and dialing does not allow it as it is"},
		{"PJSIP/101-00000001", "0012125550100", ""}, // the phone calls the dialplan
		{"PJSIP/101-00000001", "PJSIP/0012125550100@carrier", "0012125550100 may not be called: it belongs to US, and dialing does not allow that"},
	} {
		why := ""
		if err := outward.CheckTransfer(test.channel, test.target); err != nil {
			why = err.Error()
		}
		if why != test.why {
			t.Errorf("%s to %s: %q, want %q", test.channel, test.target, why, test.why)
		}
	}
	trace := conversation{
		name: "forbidden", top: app,
		flow:     "- transfer: ${call.dialed}\n  on: { forbidden: { log: sorry } }",
		asterisk: "env agi_channel: PJSIP/carrier-00000001\nenv agi_dnid: 0012125550100",
		want:     "transfer → forbidden (on)\n  log sorry\nDONE by dialplan",
	}.run(t)
	if text := traceText(t, trace); !strings.Contains(text, `forbidden="0012125550100 may not be called: it belongs to US, and dialing does not allow that"`) {
		t.Errorf("the trace does not tell why:\n%s", text)
	}
}
