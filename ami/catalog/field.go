package catalog

import "fmt"

// Field is a header of an event.
type Field struct {
	Name     string
	Versions VersionSet
	Kind     Kind
	Values   []Value // what the documentation names, or real servers sent besides; nil: anything
}

// Value is a word that an argument takes or a field holds.
type Value struct {
	Name     string
	Versions VersionSet
}

// Kind says what the text of a field stands for. [Field.Parse] makes Go's type of it.
type Kind uint8

// The kinds of fields.
const (
	Text          Kind = iota // string
	Int                       // int
	Float                     // float64
	Bool                      // bool: 1, yes, true, on, and their opposites
	Seconds                   // time.Duration
	Milliseconds              // time.Duration
	Microseconds              // time.Duration
	Clock                     // time.Duration: hours, minutes and seconds, 00:01:30
	Epoch                     // time.Time: seconds since 1970, perhaps with a fraction
	LocalTime                 // time.Time: date and time on the server's clock, without its zone
	ZonedTime                 // time.Time: date and time with the zone's offset
	ChannelStates             // ChannelState: a number
	DeviceStates              // DeviceState: a number or a word
)

var kindNames = [...]string{
	"text", "int", "float", "bool", "seconds", "milliseconds", "microseconds", "clock",
	"epoch", "local time", "zoned time", "channel state", "device state",
}

// String returns the kind in lower case, "channel state".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}
