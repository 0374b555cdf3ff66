package catalog

import (
	"fmt"
	"strings"

	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
)

// correction is something about an event that real servers do otherwise than the
// documentation says.
type correction struct {
	event  string // as documented
	name   string // its name, if it is another
	class  string // the read permission, if it is another
	in     string // versions that have the fields, or the event if there are none; empty: all that have the event
	fields string // fields that are missing, misspelt, or of other versions than documented
	values string // words, parted by bars, that the field holds besides
	any    bool   // the fields hold words of a caller's own too: those documented are not all
	why    string // on which servers it was seen
}

// corrections are applied in this order. What two versions do, those between are taken
// to do too.
var corrections = []correction{
	{event: "NewExten", name: "Newexten", why: "16.28 and 22.10"},
	{event: "CEL", class: "call", why: "16.28 and 22.10; the class cel gets nothing"},
	{event: "CEL", fields: "Channel Userfield", why: "16.28 and 22.10"},
	{event: "CEL", fields: "TenantID", in: "20-", why: "22.10; the Tenantid of channels"},
	{event: "CEL", fields: "EventName", any: true, why: "CELGenUserEvent(mine) is called mine, 16.28 and 22.10"},
	{event: "CEL", fields: "UserDefType", why: "in place of that with show_user_defined in cel.conf, 16.28 and 22.10"},
	{event: "ChannelTalkingStart", class: "call", why: "16.28 and 22.10"},
	{event: "ChannelTalkingStop", class: "call", why: "16.28 and 22.10"},
	{event: "AsyncAGIExec", fields: "CommandId", why: "16.28 and 22.10"},
	{event: "PeerStatus", fields: "PeerStatus", values: "Reachable|Unreachable", why: "qualified contacts of PJSIP, 16.28 and 22.10"},
	{event: "ContactStatus", fields: "ContactStatus", values: "NonQualified", why: "16.28 and 22.10, which have no Unqualified"},
	{event: "Registry", fields: "Status", values: "Request Sent|Auth. Sent|Timeout|No Authentication", why: "chan_sip of 16.28, in its own words"},
	{event: "QueueParams", fields: "Queue ServiceLevel ServicelevelPerf ServicelevelPerf2 Weight", why: "16.28 and 22.10"},
	{event: "ConfbridgeList", fields: "EndMarkedAny", in: "18-", why: "22.10; 16.28 has it not"},
	{event: "TransportDetail", fields: "AsyncOperations", why: "16.28 and 22.10; see absent"},
	{event: "AttendedTransfer", fields: "IsExternal", why: "16.28 and 22.10"},
	{event: "RTCPReceived", fields: "From", why: "16.28 and 22.10"},
	{event: "RTCPSent", fields: "From", why: "16.28 and 22.10"},
	{event: "RTCPReceived", fields: "MES", in: "18-", why: "22.10; 16.28 has it not"},
	{event: "RTCPSent", fields: "MES", in: "18-", why: "22.10; 16.28 has it not"},

	// None could be made to happen: the fields and words stand in the programs of 16.28 and 22.10.
	{event: "AOC-S", fields: "RateType", values: "Flat", why: "documented as Flag up to 16; see absent"},
	{event: "AOC-S", fields: "Unit", why: "documented as Octect up to 16; see absent"},
	{event: "LogChannel", fields: "Enabled", values: "Yes|No", why: "a log that cannot be written, or can again"},
	{event: "LogChannel", fields: "Reason", why: "why it is not enabled"},
	{event: "Rename", fields: "Channel Newname Uniqueid", why: "documented without fields"},

	// Documented late, and there before.
	{event: "AgentLogoff", in: "16-", why: "16.28 sends the channel too"},
	{event: "AttendedTransfer", in: "16-", why: "16.28 sends the TransferTarget too"},
	{event: "InboundRegistrationDetail", in: "16-", why: "16.28"},
	{event: "InboundRegistrationDetail", fields: "Qualify2xxOnly", in: "18-", why: "16.28 has it not"},
	{event: "OutboundRegistrationDetail", in: "16-", why: "16.28"},
	{event: "OutboundRegistrationDetail", fields: "SecurityNegotiation ContactHeaderParams SupportOutbound", in: "18-", why: "16.28 has them not"},
	{event: "OutboundRegistrationDetail", fields: "UserAgent", in: "21-", why: "16.28 has it not; documented in 21"},
	{event: "InboundSubscriptionDetail", in: "16-", why: "16.28 has the action and the end of its list"},
	{event: "OutboundSubscriptionDetail", in: "16-", why: "16.28 has the action and the end of its list"},
	{event: "ResourceListDetail", in: "16-", why: "16.28 has the action"},
	{event: "AorDetail", fields: "Contacts QualifyTimeout VoicemailExtension", in: "16-", why: "16.28"},
	{event: "AorList", fields: "Contacts QualifyTimeout VoicemailExtension", in: "16-", why: "16.28"},
	{event: "EndpointList", fields: "Contacts", in: "16-", why: "16.28"},
	{event: "TransportDetail", fields: "AllowReload AllowWildcardCerts SymmetricTransport", in: "16-", why: "16.28"},
	{event: "EndpointDetail", fields: "FollowRedirectMethods RedirectMethod", in: "18-", why: "22.10; 16.28 has them not"},
	{event: "EndpointDetail", fields: "Disallow", in: "18", why: "16.28 has it not"},
	{event: "EndpointDetail", in: "16-", why: "16.28", fields: `AcceptMultipleSdpAnswers Acl
		AllowUnauthenticatedOptions AsymmetricRtpCodec BindRtpToMediaAddress Bundle ContactAcl
		DtlsAutoGenerateCert DtlsFingerprint FaxDetectTimeout FollowEarlyMediaFork G726NonStandard
		GeolocIncomingCallProfile GeolocOutgoingCallProfile Ignore183WithoutSdp IncomingMwiMailbox
		MaxAudioStreams MaxVideoStreams MwiSubscribeReplacesUnsolicited NotifyEarlyInuseRinging
		ReferBlindProgress RpidImmediate RtcpMux RtpKeepalive RtpTimeout RtpTimeoutHold
		SendHistoryInfo StirShaken StirShakenProfile SuppressQ850ReasonHeaders VoicemailExtension Webrtc`},
}

// absent are documented names that no server has: actions, fields as Event.Field and
// values as Event.Field=Value.
var absent = map[string]bool{
	"FilterList":                     true, // documented in 16.28, which has it not
	"TransportDetail.AsycOperations": true, // a slip; see AsyncOperations
	"AOC-S.RateType=Flag":            true, // a slip; see Flat
	"AOC-S.Unit=Octect":              true, // a slip for Octet
}

// apply corrects the event.
func (c correction) apply(e *table.Entry) error {
	if c.name != "" {
		e.Name = c.name
	}
	if c.class != "" {
		e.Rights = []string{c.class}
	}
	in := e.Versions
	if c.in != "" {
		var err error
		if in, err = table.ParseVersions(c.in); err != nil {
			return fmt.Errorf("%s: %w", c.event, err)
		}
		if c.fields == "" {
			e.SetVersions(in)
		}
	}
	for name := range strings.FieldsSeq(c.fields) {
		m := e.Member(name)
		if m == nil {
			e.Members = append(e.Members, table.Member{})
			m = &e.Members[len(e.Members)-1]
		}
		m.SetVersions(in)
		m.Name = name
		if c.any {
			m.Values = nil
		}
		if c.values == "" {
			continue
		}
		for text := range strings.SplitSeq(c.values, "|") {
			m.Values = append(m.Values, table.Word{Text: text, Versions: in})
		}
	}
	return nil
}
