// Package catalog knows the manager events of Asterisk 16 to 23: which class of
// read permission each needs and which fields it holds, from Asterisk's own
// documentation with corrections from real servers.
//
// The documentation describes some fields by reference to a related event, so an
// event may list a few fields it never holds. Fields that a configuration adds
// (ChanVariable, mappings of cdr_manager.conf, headers of UserEvent) are not listed.
package catalog

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Event describes a manager event.
type Event struct {
	Name     string
	Class    []string // read permissions; the user needs all of them
	Fields   []string // names of the headers, without Event and Privilege
	Versions []int    // of Asterisk, in which it exists
}

// Has reports whether the event may hold a header of that name, in any case.
func (e Event) Has(field string) bool {
	return slices.ContainsFunc(e.Fields, func(f string) bool { return strings.EqualFold(f, field) })
}

// Versions returns the versions of Asterisk that the catalog describes.
func Versions() []int { return []int{16, 18, 20, 21, 22, 23} }

// Lookup returns the event of that name, spelt as Asterisk does, and whether there
// is one. The result must not be changed.
func Lookup(name string) (Event, bool) {
	i, found := slices.BinarySearchFunc(events(), name, func(e Event, name string) int { return strings.Compare(e.Name, name) })
	if !found {
		return Event{}, false
	}
	return events()[i], true
}

// Events returns all events, sorted by name. The result must not be changed.
func Events() []Event { return events() }

//go:embed events.json
var data []byte

// events decodes the data once.
var events = sync.OnceValue(func() []Event {
	var rows map[string]struct {
		Class    []string `json:"class"`
		Fields   []string `json:"fields"`
		Channels []string `json:"channels"` // prefixes of channel snapshots
		Bridges  []string `json:"bridges"`  // prefixes of bridge snapshots
		In       []int    `json:"in"`       // versions; none means all
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		panic(fmt.Sprintf("catalog: events.json: %v", err)) // built in, and tested
	}
	all := make([]Event, 0, len(rows))
	for name, row := range rows {
		e := Event{Name: name, Class: row.Class, Versions: row.In}
		if e.Versions == nil {
			e.Versions = Versions()
		}
		for _, prefix := range row.Channels {
			e.add(prefix, channelSnapshot)
		}
		for _, prefix := range row.Bridges {
			e.add(prefix, bridgeSnapshot)
		}
		e.add("", row.Fields)
		e.add("", []string{"Timestamp", "SystemName"})
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Event) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// add appends fields that are not there yet.
func (e *Event) add(prefix string, fields []string) {
	for _, f := range fields {
		if f = prefix + f; !e.Has(f) {
			e.Fields = append(e.Fields, f)
		}
	}
}

// channelSnapshot are the headers by which Asterisk describes a channel.
var channelSnapshot = []string{
	"Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName",
	"ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode", "Context",
	"Exten", "Priority", "Uniqueid", "Linkedid",
}

// bridgeSnapshot are the headers by which Asterisk describes a bridge.
var bridgeSnapshot = []string{
	"BridgeUniqueid", "BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName",
	"BridgeNumChannels", "BridgeVideoSourceMode",
}
