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
		"key of two parts": {`r: { on: queue.left, per: "[call.caller.num, queue.name]", cooldown: 1m, do: [] }`, nil},

		"nothing": {`r:`, []string{
			`rules.yaml:2:5: "do" is missing: what to do [missing-key]`,
			`rules.yaml:2:5: the rule never fires — write what it looks at, such as on: call.ended, or while:, every: or at: [no-trigger]`,
		}},
		"not a mapping": {`r: [call.ended]`, []string{`rules.yaml:2:6: "r" wants a mapping (key: value), not a list [wrong-type]`}},
		"one lacks queue": {`r: { on: [call.ended, queue.joined], where: queue.name == "a", do: [] }`, []string{
			`rules.yaml:2:47: there is no "queue" here: call.ended has none [unknown-name]`,
		}},
		"raw and derived": {`r: { on: [call.ended, Hangup], where: call.answered, do: [] }`, []string{
			`rules.yaml:2:41: there is no "call" here: Hangup has none [unknown-name]`,
		}},
		"field of one only": {`r: { on: [Hangup, Newchannel], where: event.Cause == "1", do: [] }`, []string{
			`rules.yaml:2:47: event has no "Cause" — it has AccountCode, CallerIDName, CallerIDNum, Channel, ChannelState, ChannelStateDesc, ConnectedLineName, ConnectedLineNum, Context, Exten, Language, Linkedid, Priority, SystemName, Tenantid, Timestamp and Uniqueid [unknown-field]`,
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
			`rules.yaml:2:31: "where" wants true or false, but this is a duration such as 30s — compare it: call.rang > "30s" [wrong-type]`,
		}},
		"needs a call": {`r: { on: call.ended, do: { play: hello } }`, []string{
			`rules.yaml:2:30: play needs a call, and a rule has none [needs-call]`,
		}},
		"suppressed is for actions": {`r: { on: call.ended, where: suppressed > 1, do: [] }`, []string{
			`rules.yaml:2:31: there is no "suppressed" here — names here are agents, call, hours, now, queues and servers [unknown-name]`,
		}},
		"every form": {`a: { on: queue.joined, unless: [queue.connected, queue.left], within: 30s, do: { log: "${elapsed}" }, resolved: { log: x } }
b: { while: 'queues.support.answered_within("20s", "1h") < 0.8 and queues.support.offered("1h") >= 20', for: 5m, keep: 10m, repeat: 1h, do: [], resolved: [] }
c: { on: queue.abandoned, unless: { queue.connected: true, call.ended: call.answered }, within: 5m, per: call.caller.num, cooldown: 1h, do: [] }
d: { on: Hold, unless: [Unhold, Hangup], within: 90s, per: event.Uniqueid, repeat: 60s, do: [] }
e: { on: call.started, per: call.account, distinct: call.dialed, count: 8, within: 10m, cooldown: 1h, do: { log: "${count} ${elapsed}" } }
f: { on: call.started, then: [call.answered, call.ended], within: 1h, do: [] }
g: { at: "18:00", timezone: Europe/Zurich, do: [] }
h: { at: "0 18 * * 1-5", do: [] }
i: { every: 5m, group: { by: queues.support.waiting, wait: 1m }, mode: single, do: [] }
j: { every: 5m, group: 1m, do: [] }
k: { while: 'any(agents, .state == "paused" and .for > "1h")', do: [] }`, nil},
		"two triggers": {`r: { on: call.ended, every: 5m, do: [] }`, []string{
			`rules.yaml:2:24: a rule has one trigger, but this one has on and every [two-triggers]`,
		}},
		"keys that need others": {`r: { every: 5m, where: true, within: 5s, for: 5s, distinct: 1, keep: 1m, do: [] }`, []string{
			`rules.yaml:2:19: where makes no sense without on: it is a condition on an event [needs-key]`,
			`rules.yaml:2:32: within makes no sense without then or unless or count: it is the time for one of them [needs-key]`,
			`rules.yaml:2:44: for makes no sense without while: it is how long the condition must hold [needs-key]`,
			`rules.yaml:2:53: distinct makes no sense without count: it says what is counted [needs-key]`,
			`rules.yaml:2:66: keep makes no sense without resolved: it is how long before resolved [needs-key]`,
		}},
		"keys that clash": {`r: { on: call.started, then: call.ended, unless: call.answered, within: 5s, cooldown: 1m, repeat: 1m, do: [] }`, []string{
			`rules.yaml:2:44: a rule has either then or unless [keys-clash]`,
			`rules.yaml:2:93: a rule has either cooldown or repeat [keys-clash]`,
		}},
		"nothing resolves": {`r: { on: call.ended, cooldown: 1m, do: [], resolved: [] }`, []string{
			`rules.yaml:2:46: resolved makes no sense without while or unless or count: nothing else is ever over [needs-key]`,
		}},
		"a count of one, of all together": {`r: { on: call.ended, count: 1, within: 5m, do: [] }`, []string{
			`rules.yaml:2:31: one event is no count — write 2 or more, or leave out count [bad-count]`,
		}},
		"a count of all together": {`r: { on: call.ended, count: 2, within: 5m, do: [] }`, []string{
			`rules.yaml:2:24: warning: without per all events are counted together, whoever they are about — write what tells one case from another, such as per: call.caller.num [count-without-per]`,
		}},
		"a storm of notices": {`r: { on: call.ended, do: { if: call.answered, then: { notify: ops, text: x } } }`, []string{
			`rules.yaml:2:24: warning: every event sends a notice, however many there are — write how long to keep quiet afterwards, such as cooldown: 5m [notice-storm]`,
		}},
		"times": {`r: { at: "25:00", do: [] }
s: { at: "1 2 3", do: [] }
t: { at: "99 * * * *", timezone: Mars/Olympus, do: [] }`, []string{
			`rules.yaml:2:12: "at": "25:00" is no time — write a time of the day such as "18:00", or a cron line such as "0 18 * * 1-5": minute, hour, day, month, weekday [wrong-type]`,
			`rules.yaml:3:12: "at": "1 2 3" is no time — write a time of the day such as "18:00", or a cron line such as "0 18 * * 1-5": minute, hour, day, month, weekday [wrong-type]`,
			`rules.yaml:4:12: "at": "99 * * * *" is no time — write a time of the day such as "18:00", or a cron line such as "0 18 * * 1-5": minute, hour, day, month, weekday [wrong-type]`,
			`rules.yaml:4:36: "timezone": there is no time zone "Mars/Olympus" — use a name such as Europe/Zurich [wrong-type]`,
		}},
		"a condition of an absence": {`r: { on: queue.joined, unless: { call.ended: call.answerd, queu.left: true }, within: 5m, do: [] }`, []string{
			`rules.yaml:2:53: call has no "answerd" — did you mean "answered"? [unknown-field]`,
			`rules.yaml:2:62: there is no event "queu.left" — did you mean "queue.left"? [unknown-event]`,
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
