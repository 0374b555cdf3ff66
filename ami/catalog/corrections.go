package catalog

import "github.com/pbxflow/pbxflow/ami/catalog/internal/table"

// correction is one thing that real servers do otherwise than the documentation says.
type correction struct {
	event  string
	field  string   // a field that is missing, or the one that the values are of
	values []string // words that the documentation lacks
	in     string   // versions, as in the table; empty: all that have the event
	why    string
}

// corrections are applied to the events of both tables. Each was seen on the servers
// that why names; other versions are taken to do the same.
var corrections = []correction{
	{event: "PeerStatus", field: "PeerStatus", values: []string{"Reachable", "Unreachable"}, why: "PJSIP contacts that are qualified, 16.28 and 22.10"},
	{event: "QueueParams", field: "Queue", why: "16.28 and 22.10"},
	{event: "QueueParams", field: "ServiceLevel", why: "16.28 and 22.10"},
	{event: "QueueParams", field: "Weight", why: "16.28 and 22.10"},
	{event: "ConfbridgeList", field: "EndMarkedAny", in: "18-", why: "22.10; 16.28 lacks it"},
	{event: "EndpointDetail", field: "FollowRedirectMethods", in: "18-", why: "22.10; 16.28 lacks it"},
	{event: "TransportDetail", field: "AsyncOperations", why: "16.28 and 22.10; the documentation misspells it"},
}

// renamed are events that the documentation spells otherwise than the servers.
var renamed = map[string]string{
	"NewExten": "Newexten", // 16.28 and 22.10
}

// classes are read permissions that the documentation has wrong: the header Privilege
// of real servers says so.
var classes = map[string][]string{}

// absent are documented actions that no server has.
var absent = map[string]bool{
	"FilterList": true, // documented in 16.28, which does not register it
}

// apply adds the correction to its event.
func (c correction) apply(e *table.Entry) error {
	in := e.Versions
	if c.in != "" {
		var err error
		if in, err = table.ParseVersions(c.in); err != nil {
			return err
		}
	}
	m := e.Member(c.field)
	if m == nil {
		e.Members = append(e.Members, table.Member{Name: c.field, Versions: in})
		m = &e.Members[len(e.Members)-1]
	}
	for _, v := range c.values {
		m.Values = append(m.Values, table.Word{Text: v, Versions: in})
	}
	return nil
}
