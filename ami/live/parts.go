package live

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Part is one part of the picture: whether Asterisk tells of it.
type Part struct {
	Name   string `json:"name"`             // channels, bridges, queues, devices, endpoints, conferences or parking
	Known  bool   `json:"known"`            // the last resync had its list
	Reason string `json:"reason,omitempty"` // why not: what Asterisk said
	Needs  string `json:"needs,omitempty"`  // what to do about it
}

// Names of the parts.
const (
	PartChannels    = "channels"
	PartBridges     = "bridges"
	PartQueues      = "queues"
	PartDevices     = "devices"
	PartEndpoints   = "endpoints"
	PartConferences = "conferences"
	PartParking     = "parking"
)

// question is an action that Resync asks, and what it takes to have it answered.
type question struct {
	part, action string
	right        string // one class of write= that allows it; empty: none is needed
	module       string // that has it; empty: Asterisk itself
}

var questions = []question{
	{PartChannels, "CoreShowChannels", "reporting", ""},
	{PartBridges, "BridgeList", "", ""},
	{PartQueues, "QueueStatus", "", "app_queue.so"},
	{PartDevices, "DeviceStateList", "reporting", "res_manager_devicestate.so"},
	{PartEndpoints, "PJSIPShowEndpoints", "system", "res_pjsip.so"},
	{PartEndpoints, "PJSIPShowContacts", "system", "res_pjsip.so"},
	{PartConferences, "ConfbridgeListRooms", "reporting", "app_confbridge.so"},
	{PartParking, "ParkedCalls", "call", "res_parking.so"},
}

// refused says what a refusal means: nil when the list is only empty, which some
// actions tell as an error.
func (q question) refused(words string) *Part {
	p := &Part{Name: q.part, Reason: q.action + ": " + words}
	switch lower := strings.ToLower(words); {
	case strings.HasPrefix(lower, "no "): // "No active conferences."
		return nil
	case strings.Contains(lower, "permission denied"):
		p.Needs = "add " + cmp.Or(q.right, "all") + " to write= of the user in manager.conf"
	case strings.HasPrefix(lower, "invalid/unknown command"):
		p.Needs = "load " + cmp.Or(q.module, "the module that has "+q.action) + " in modules.conf, if there is something to see"
	}
	return p
}

// setParts takes in which parts are unknown, and logs those that were not before.
func (m *Model) setParts(unknown map[string]*Part) {
	m.peer.Unknown = nil
	for _, q := range questions {
		part := Part{Name: q.part, Known: true}
		if p := unknown[q.part]; p != nil {
			part = *p
			if !slices.Contains(m.peer.Unknown, q.part) {
				m.peer.Unknown = append(m.peer.Unknown, q.part)
			}
		}
		if before, ok := m.parts[q.part]; (!ok || before != part) && !part.Known {
			m.log.Warn("a part of the picture is unknown", "part", part.Name, "reason", part.Reason, "needs", part.Needs)
		}
		m.parts[q.part] = part
	}
}

func (m *Model) partList(time.Time) []Part {
	var parts []Part
	for _, q := range questions {
		part, ok := m.parts[q.part]
		if !ok {
			part = Part{Name: q.part, Reason: "not asked yet"}
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return parts
}
