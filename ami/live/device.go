package live

import (
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// Device is the state of a device as it was at one moment. Not only phones have one:
// there are Queue:support, park:701@parkedcalls, Custom:night, MWI:100@default too.
type Device struct {
	Name  string    `json:"name" expr:"name" doc:"its name, such as PJSIP/101"`
	State string    `json:"state" expr:"state" enum:"NOT_INUSE,INUSE,BUSY,RINGING,RINGINUSE,ONHOLD,UNAVAILABLE,INVALID,UNKNOWN" doc:"Asterisk's word: NOT_INUSE, INUSE, BUSY, RINGING, RINGINUSE, ONHOLD, UNAVAILABLE, INVALID or UNKNOWN"`
	Was   string    `json:"was" expr:"was" doc:"the state before; empty when not known"`
	Since time.Time `json:"since" expr:"since" doc:"when the state was first seen"`
}

func (m *Model) deviceChanged(e ami.Event, now time.Time) {
	name := e.Get("Device")
	if name == "" {
		return
	}
	m.touch(aDevice, name)
	m.setDevice(name, e.Get("State"), now, e, true)
}

// setDevice takes in the state of a device; tell says whether a change is news. Local
// channels and those of Asterisk itself are devices only while they are used, as in
// Asterisk's list: any number can be one.
func (m *Model) setDevice(name, state string, now time.Time, raw ami.Event, tell bool) {
	d := m.devices[name]
	if d.State == state {
		return
	}
	idle := roleOf(name) != RoleOther && (state == "NOT_INUSE" || state == "INVALID" || state == "UNKNOWN")
	if idle && d.State == "" {
		return
	}
	d = Device{Name: strings.Clone(name), State: strings.Clone(state), Was: d.State, Since: now}
	if idle {
		delete(m.devices, name)
	} else {
		m.devices[d.Name] = d
	}
	if tell && m.wanted(DeviceChanged) {
		m.publish(Event{Name: DeviceChanged, Time: now, Device: &d, Raw: raw})
	}
}
