package rules

import (
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// vars gives expressions what rules can read of one event. All rules that look at
// the event share it, so that its headers are read only once. It belongs to one
// goroutine.
type vars struct {
	event   live.Event
	fields  []catalog.Field // of Asterisk's own event
	program *flows.Program
	world   flows.World
	now     time.Time

	headers map[string]any // nil until asked for
	hours   map[string]any
}

// Lookup returns the value of a name.
func (v *vars) Lookup(name string) any {
	switch name {
	case "now":
		return func() time.Time { return v.now }
	case "hours":
		if v.hours == nil {
			v.hours = v.program.HoursAt(v.now)
		}
		return v.hours
	case "event":
		return v.raw()
	}
	if value, ok := v.program.LookupWorld(v.world, name); ok {
		return value
	}
	return v.event.Payload(name)
}

// raw returns the headers of Asterisk's own event; those that it can have and has
// not are empty.
func (v *vars) raw() map[string]any {
	if v.headers == nil {
		v.headers = make(map[string]any, len(v.fields))
		if flows.IsCustomEvent(v.event.Name) {
			return v.custom()
		}
		for _, f := range v.fields {
			v.headers[f.Name] = headerValue(f, v.event.Raw.Get(f.Name))
		}
	}
	return v.headers
}

// custom returns what an event of the app's own carries.
func (v *vars) custom() map[string]any {
	for name, value := range v.event.Raw.All() {
		if name != "Event" && name != DepthField {
			v.headers[name] = value
		}
	}
	return v.headers
}

// DepthField is the field of an event of the app's own that tells how many such events
// have led to it.
const DepthField = "EmitDepth"

// depth is how many events of the app's own have led to this one.
func (v *vars) depth() int {
	n, err := strconv.Atoi(v.event.Raw.Get(DepthField))
	if err != nil || !flows.IsCustomEvent(v.event.Name) {
		return 0
	}
	return n
}

// headerType is the type that rules read of a header, as its zero value: durations are
// durations, as everywhere. All else stays the text that Asterisk sent: its numbers are
// names more often than numbers, such as the cause of a hangup.
func headerType(f catalog.Field) any {
	switch f.Kind {
	case catalog.Seconds, catalog.Milliseconds, catalog.Microseconds, catalog.Clock:
		return time.Duration(0)
	}
	return ""
}

// headerValue is a header's text as that type. What is no duration is none at all.
func headerValue(f catalog.Field, text string) any {
	zero := headerType(f)
	if _, isText := zero.(string); isText {
		return text
	}
	d, err := f.Parse(text)
	if err != nil {
		return zero
	}
	return d
}

// values returns what the actions can read of the event. They run later, when
// now and hours have moved on, so these are not among them.
func (v *vars) values() map[string]any {
	values := map[string]any{}
	for name := range eventNames(v.event.Name) {
		values[name] = v.Lookup(name)
	}
	return values
}
