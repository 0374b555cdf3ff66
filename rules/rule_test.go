package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Positions count two lines and columns for "rules:" and the indentation.
func TestDecode(t *testing.T) {
	for name, test := range map[string]struct {
		rule string // what stands under rules; "r: " and the rest of a rule
		want []string
	}{
		"derived":          {`r: { on: call.ended, where: call.answered, do: [] }`, nil},
		"raw":              {`r: { on: Hangup, where: event.Cause == "34", do: { log: "${event.Channel}" } }`, nil},
		"a raw dash":       {`r: { on: Hangup, where: 'event["Cause-txt"] == ""', do: [] }`, nil},
		"all keys":         {`r: { description: d, on: call.ended, where: call.answered, hours: office, per: call.id, cooldown: 1m, severity: warning, labels: {a: b}, enabled: false, dry_run: true, do: { log: "${suppressed}" } }`, nil},
		"both carry call":  {`r: { on: [call.ended, queue.joined], where: call.answered, do: [] }`, nil},
		"fields of both":   {`r: { on: [Hangup, Newchannel], where: event.Uniqueid != "", do: [] }`, nil},
		"server":           {`r: { on: server.disconnected, do: { log: "${server.name}" } }`, nil},
		"hours, now":       {`r: { on: call.ended, where: hours.office.open and now().Year() > 2000, do: [] }`, nil},
		"key of two parts": {`r: { on: queue.left, per: "[call.caller.num, queue.name]", do: [] }`, nil},

		"nothing": {`r:`, []string{
			`rules.yaml:2:5: "on" is missing: the event, or events, that the rule looks at: derived ones such as call.ended, or Asterisk's own such as Hangup [missing-key]`,
			`rules.yaml:2:5: "do" is missing: what to do. How many cases the cooldown swallowed is read as suppressed [missing-key]`,
		}},
		"not a mapping": {`r: [call.ended]`, []string{`rules.yaml:2:6: "r" wants a mapping (key: value), not a list [wrong-type]`}},
		"one lacks queue": {`r: { on: [call.ended, queue.joined], where: queue.name == "a", do: [] }`, []string{
			`rules.yaml:2:47: there is no "queue" here — names here are call, hours and now [unknown-name]`,
		}},
		"raw and derived": {`r: { on: [call.ended, Hangup], where: call.answered, do: [] }`, []string{
			`rules.yaml:2:41: there is no "call" here — names here are hours and now [unknown-name]`,
		}},
		"field of one only": {`r: { on: [Hangup, Newchannel], where: event.Cause == "1", do: [] }`, []string{
			`rules.yaml:2:47: event has no "Cause" — it has AccountCode, CallerIDName, CallerIDNum, Channel, ChannelState, ChannelStateDesc, ConnectedLineName, ConnectedLineNum, Context, Exten, Language, Linkedid, Priority, SystemName, Tenantid, Timestamp and Uniqueid [unknown-field]`,
		}},
		"an event of a list": {`r: { on: BridgeTechnologyListItem, do: [] }`, []string{
			`rules.yaml:2:12: there is no event "BridgeTechnologyListItem" — events are derived ones, such as call.ended, and those of Asterisk, such as Hangup; the reference has them all [unknown-event]`,
		}},
		"wrong field": {`r: { on: call.ended, where: call.answerd, do: [] }`, []string{
			`rules.yaml:2:36: call has no "answerd" — did you mean "answered"? [unknown-field]`,
		}},
		"wrong field of a header": {`r: { on: Hangup, where: event.Cuase == "1", do: [] }`, []string{
			`rules.yaml:2:33: event has no "Cuase" — did you mean "Cause"? [unknown-field]`,
		}},

		"no event": {`r: { on: , where: call.answered, do: [] }`, []string{
			`rules.yaml:2:12: the name of an event is missing — write one such as call.ended [missing-value]`,
		}},
		"empty list": {`r: { on: [], do: [] }`, []string{
			`rules.yaml:2:12: the rule looks at no event — write the name of one, such as call.ended [missing-value]`,
		}},
		"twice": {`r: { on: [call.ended, call.ended], do: [] }`, []string{
			`rules.yaml:2:25: call.ended stands twice under on — remove one [duplicate-name]`,
		}},
		// What follows is judged as if the name were right.
		"misspelt event": {`r: { on: call.endet, where: call.answerd, hours: ofice, do: [] }`, []string{
			`rules.yaml:2:12: there is no event "call.endet" — did you mean "call.ended"? [unknown-event]`,
			`rules.yaml:2:36: call has no "answerd" — did you mean "answered"? [unknown-field]`,
			`rules.yaml:2:52: there is no hours "ofice" — did you mean "office"? [unknown-hours]`,
		}},
		// Nobody knows what that carries.
		"unknown event": {`r: { on: [full.moon], where: moon.full, do: { log: "${moon.phase}" } }`, []string{
			`rules.yaml:2:13: there is no event "full.moon" — events are derived ones, such as call.ended, and those of Asterisk, such as Hangup; the reference has them all [unknown-event]`,
		}},
		"not the name of an event": {`r: { on: { call: ended }, do: [] }`, []string{
			`rules.yaml:2:12: "on" wants text, not a mapping [wrong-type]`,
		}},
		"case of letters": {`r: { on: hangup, do: [] }`, []string{
			`rules.yaml:2:12: there is no event "hangup" — did you mean "Hangup"? [unknown-event]`,
		}},

		"a whole call as the case": {`r: { on: call.ended, per: call, do: [] }`, []string{
			`rules.yaml:2:29: "per" wants one value, but this is a value with fields — write a field of it, such as call.id or queue.name [wrong-type]`,
		}},
		"all headers as the case": {`r: { on: Hangup, per: event, do: [] }`, []string{
			`rules.yaml:2:25: "per" wants one value, but this is a value with fields — write a field of it, such as call.id or queue.name [wrong-type]`,
		}},
		"cooldown without unit": {`r: { on: call.ended, cooldown: 5, do: [] }`, []string{
			`rules.yaml:2:34: "cooldown" wants a duration such as 30s, not "5" — write the unit: 5s [wrong-type]`,
		}},
		"severity": {`r: { on: call.ended, severity: warn, do: [] }`, []string{
			`rules.yaml:2:34: "severity" is "warn", but can only be info, warning and critical — did you mean "warning"? [not-one-of]`,
		}},
		"where is no condition": {`r: { on: call.ended, where: call.rang, do: [] }`, []string{
			`rules.yaml:2:31: "where" wants true or false, but this is a duration such as 30s [wrong-type]`,
		}},
		"needs a call": {`r: { on: call.ended, do: { play: hello } }`, []string{
			`rules.yaml:2:30: play needs a call, and a rule has none [needs-call]`,
		}},
		"suppressed is for actions": {`r: { on: call.ended, where: suppressed > 1, do: [] }`, []string{
			`rules.yaml:2:31: there is no "suppressed" here — names here are call, hours and now [unknown-name]`,
		}},
		"unknown key": {`r: { on: call.ended, werhe: "true", do: [] }`, []string{
			`rules.yaml:2:24: there is no key "werhe" here — did you mean "where"? [unknown-key]`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, "")
			_, problems := o.parse(test.rule)
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s\nof %s", diff, strings.TrimSpace(test.rule))
			}
		})
	}
}
