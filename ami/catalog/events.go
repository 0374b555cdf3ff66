package catalog

import (
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

// channelSnapshot are the fields by which Asterisk describes a channel.
var channelSnapshot = newSnapshot("Channel ChannelState ChannelStateDesc CallerIDNum CallerIDName " +
	"ConnectedLineNum ConnectedLineName Language AccountCode Context Exten Priority Uniqueid Linkedid Tenantid")

// tenants are the versions in which a channel may have a Tenantid.
var tenants = VersionSet(table.All &^ (table.Of(16) | table.Of(18)))

// bridgeSnapshot are the fields by which Asterisk describes a bridge.
var bridgeSnapshot = newSnapshot("BridgeUniqueid BridgeType BridgeTechnology BridgeCreator BridgeName " +
	"BridgeNumChannels BridgeVideoSourceMode BridgeVideoSource")

// channelStateWords are the values of ChannelStateDesc.
var channelStateWords = func() []Value {
	words := make([]Value, 0, len(channelStates)+1)
	for _, s := range append(channelStates, "Unknown") {
		words = append(words, Value{s, VersionSet(table.All)})
	}
	return words
}()

// snapshot is a group of fields that many events have, once or more often with
// prefixes. Names in lower case stand beside the others.
type snapshot struct{ names, lower []string }

func newSnapshot(names string) snapshot {
	return snapshot{strings.Fields(names), strings.Fields(strings.ToLower(names))}
}

// event makes an event out of its line in the table.
func event(e *table.Entry, kinds kindTable) Event {
	name := strings.ToLower(e.Name)
	all := make([]Field, 0, len(e.Members)+len(e.Channels)*len(channelSnapshot.names)+len(e.Bridges)*len(bridgeSnapshot.names))
	for _, prefix := range e.Channels {
		all = channelSnapshot.appendTo(all, name, prefix, kinds)
	}
	for _, prefix := range e.Bridges {
		all = bridgeSnapshot.appendTo(all, name, prefix, kinds)
	}
	for _, m := range e.Members {
		there := slices.DeleteFunc(slices.Clone(m.Values), func(w table.Word) bool { return absent[e.Name+"."+m.Name+"="+w.Text] })
		f := Field{Name: m.Name, Versions: VersionSet(m.Versions), Values: values(there)}
		// The documentation's X stands for the number of a report block. There is one.
		f.Name = strings.Replace(f.Name, "ReportX", "Report0", 1)
		f.Kind = kinds.of(name, strings.ToLower(f.Name))
		if _, twice := lookup(all, f.Name); !twice && !absent[e.Name+"."+f.Name] {
			all = append(all, f)
		}
	}
	return Event{Name: e.Name, Versions: VersionSet(e.Versions), Class: e.Rights, Fields: all}
}

// appendTo adds the fields of a snapshot with a prefix.
func (s snapshot) appendTo(all []Field, event string, prefix table.Word, kinds kindTable) []Field {
	for i, name := range s.names {
		f := Field{Name: prefix.Text + name, Versions: VersionSet(prefix.Versions), Kind: kinds.of(event, s.lower[i])}
		switch name {
		case "ChannelStateDesc":
			f.Values = channelStateWords
		case "Tenantid":
			f.Versions &= tenants
		}
		all = append(all, f)
	}
	return all
}
