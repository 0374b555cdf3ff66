package flows_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// dataScenes look into channels and Asterisk's database.
func dataScenes() []realScene {
	return []realScene{
		{
			name: "data of the call", flows: `
				data:
				  - setvar: GREETING
				    value: 'hello, "you"'
				  - setvar: CALLERID(name)
				    value: VIP
				  - getvar: GREETING
				    as: greeting
				  - getvar: CALLERID(name)
				    as: name
				  - getvar: NOTHING
				    as: nothing
				  - db_put: family/${call.caller.num}
				    value: a, b
				  - db_get: family/${call.caller.num}
				    as: stored
				  - db_get: family/other
				    on: { missing: { log: none } }
				  - db_del: family/${call.caller.num}
				  - db_get: family/${call.caller.num}
				    on: { missing: { log: deleted } }
				  - channel_status: ${call.channel}
				    as: own
				  - channel_status: PJSIP/nobody-1
				    on: { not_found: { log: gone } }
				  - log: ${greeting.value} ${name.value} ${nothing.set} ${stored.value} ${own.state}`,
			dialplan: "\n[scenes]\nexten => data,1,Answer()\n same => n,AGI(agi://ADDR/data)\n same => n,Hangup()\n" +
				asterisktest.Phone("data", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				p.place(t, "data", "scenes", "data")
				p.ended(t, "data", "setvar\nsetvar\ngetvar\ngetvar\ngetvar\ndb_put\ndb_get → found\ndb_get → missing (on)\n  log none\n"+
					"db_del\ndb_get → missing (on)\n  log deleted\nchannel_status\nchannel_status → not_found (on)\n  log gone\n"+
					"log hello, \"you\" VIP false a, b up\nDONE by dialplan")
			},
		},
		{
			name: "data by the manager", flows: `
				asked:
				  params: { channel: string }
				  steps:
				    - setvar: GREETING
				      value: 'hello, "you"'
				      channel: ${channel}
				    - getvar: GREETING
				      channel: ${channel}
				      as: greeting
				    - getvar: GREETING
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - setvar: GREETING
				      value: x
				      channel: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - db_put: asked/one
				      value: a, b
				    - db_get: asked/one
				      as: stored
				    - db_del: asked/one
				    - db_del: asked/one
				    - db_get: asked/one
				      on: { missing: { log: deleted } }
				    - channel_status: ${channel}
				      as: other
				    - channel_status: PJSIP/nobody-1
				      on: { not_found: { log: gone } }
				    - log: ${greeting.value} ${stored.value} ${other.state}`,
			dialplan: asterisktest.Phone("asked", asterisktest.Answer(), asterisktest.Wait(time.Hour)),
			run: func(t *testing.T, p *realPBX) {
				channel, id := p.call(t, "asked", "stay")
				p.do(t, "asked", map[string]any{"channel": channel}, "setvar\ngetvar\ngetvar → not_found (on)\n  log gone\nsetvar → not_found (on)\n  log gone\n"+
					"db_put\ndb_get → found\ndb_del\ndb_del\ndb_get → missing (on)\n  log deleted\nchannel_status\nchannel_status → not_found (on)\n  log gone\n"+
					"log hello, \"you\" a, b up\nDONE by flow")
				p.hangUp(t, id)
			},
		},
	}
}
