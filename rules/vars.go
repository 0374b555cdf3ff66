package rules

import (
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
)

// vars gives expressions what a rule can read.
type vars struct {
	event   live.Event
	fields  []string
	program *flows.Program
	now     time.Time
}

// Lookup returns the value of a name.
func (v *vars) Lookup(name string) any {
	switch name {
	case "now":
		return func() time.Time { return v.now }
	case "hours":
		return v.program.HoursAt(v.now)
	}
	return value(v.event, v.fields, name)
}

// values returns what the actions can read of the event. They run later, when
// now and hours have moved on, so these are not among them.
func (v *vars) values() map[string]any {
	values := map[string]any{}
	for name := range eventNames(v.event.Name) {
		values[name] = value(v.event, v.fields, name)
	}
	return values
}
