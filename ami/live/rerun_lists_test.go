package live_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// rowsOfSnapshot write Asterisk's lists from a snapshot, by action.
var rowsOfSnapshot = map[string]func(s live.Snapshot, now time.Time, a ami.Message) [][]string{
	"CoreShowChannels": channelsOf, "BridgeList": bridgesOf, "QueueStatus": queuesOf, "DeviceStateList": devicesOf, "PJSIPShowEndpoints": endpointsOf,
	"PJSIPShowContacts": contactsOf, "ConfbridgeListRooms": roomsOf, "ConfbridgeList": participantsOf, "ParkedCalls": parkedIn,
}

func channelsOf(s live.Snapshot, now time.Time, _ ami.Message) (rows [][]string) {
	numbers := map[string]string{"Down": "0", "Ring": "4", "Ringing": "5", "Up": "6"}
	heard := make(map[string]string) // by who listens
	for _, l := range s.ListenIns {
		heard[l.Uniqueid] = l.Target
	}
	for _, ch := range s.Channels {
		if target := heard[ch.Uniqueid]; target != "" { // Newexten does not tell what Originate runs
			ch.App, ch.AppData = "ChanSpy", target+",uqE"
		}
		d := now.Sub(ch.Created)
		rows = append(rows, []string{
			"Event", "CoreShowChannel", "Channel", ch.Name, "ChannelState", numbers[ch.State], "ChannelStateDesc", ch.State,
			"CallerIDNum", ch.Caller.Num, "CallerIDName", ch.Caller.Name, "ConnectedLineNum", ch.Connected.Num, "ConnectedLineName", ch.Connected.Name,
			"Language", ch.Language, "AccountCode", ch.Account, "Context", ch.Context, "Exten", ch.Exten, "Priority", ch.Priority,
			"Uniqueid", ch.Uniqueid, "Linkedid", strings.TrimPrefix(ch.CallID, "pbx1/"), "Application", ch.App, "ApplicationData", ch.AppData,
			"Duration", fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60), "BridgeId", ch.Bridge,
		})
	}
	return rows
}

func bridgesOf(s live.Snapshot, _ time.Time, _ ami.Message) (rows [][]string) {
	for _, b := range s.Bridges {
		rows = append(rows, []string{
			"Event", "BridgeListItem", "BridgeUniqueid", b.ID, "BridgeType", b.Type, "BridgeTechnology", b.Technology,
			"BridgeCreator", b.Creator, "BridgeName", b.Name, "BridgeNumChannels", strconv.Itoa(b.Size),
		})
	}
	return rows
}

func queuesOf(s live.Snapshot, now time.Time, _ ami.Message) (rows [][]string) {
	ids := uniqueids(s)
	for _, q := range s.Queues {
		rows = append(rows, []string{
			"Event", "QueueParams", "Queue", q.Name, "Strategy", q.Strategy, "Max", strconv.Itoa(q.Max), "Weight", strconv.Itoa(q.Weight),
			"Completed", strconv.Itoa(q.Completed), "Abandoned", strconv.Itoa(q.Abandoned),
		})
		for _, x := range q.Members {
			rows = append(rows, []string{
				"Event", "QueueMember", "Queue", q.Name, "Name", x.Name, "Location", x.Interface, "StateInterface", x.StateInterface, "Membership", x.Membership,
				"Penalty", strconv.Itoa(x.Penalty), "CallsTaken", strconv.Itoa(x.CallsTaken), "LastCall", strconv.FormatInt(unix(x.LastCall), 10),
				"LastPause", strconv.FormatInt(unix(x.PausedAt), 10), "LoginTime", strconv.FormatInt(unix(x.Joined), 10), "InCall", digit(x.InCall),
				"Status", strconv.Itoa(x.Status), "Paused", digit(x.Paused), "PausedReason", x.Reason, "Wrapuptime", strconv.Itoa(int(x.Wrapup.Seconds())),
			})
		}
		for _, v := range q.Callers {
			rows = append(rows, []string{
				"Event", "QueueEntry", "Queue", q.Name, "Position", strconv.Itoa(v.Position), "Channel", v.Channel, "Uniqueid", ids[v.Channel],
				"Wait", strconv.Itoa(int(now.Sub(v.Joined).Seconds())),
			})
		}
	}
	return rows
}

func uniqueids(s live.Snapshot) map[string]string {
	ids := make(map[string]string)
	for _, ch := range s.Channels {
		ids[ch.Name] = ch.Uniqueid
	}
	return ids
}

func devicesOf(s live.Snapshot, _ time.Time, _ ami.Message) (rows [][]string) {
	for _, d := range s.Devices {
		if !strings.HasPrefix(d.Name, "Local/") {
			rows = append(rows, []string{"Event", "DeviceStateChange", "Device", d.Name, "State", d.State})
		}
	}
	return rows
}

func endpointsOf(s live.Snapshot, _ time.Time, _ ami.Message) (rows [][]string) {
	for _, p := range s.Endpoints {
		name := strings.TrimPrefix(p.Name, "PJSIP/")
		rows = append(rows, []string{"Event", "EndpointList", "ObjectName", name, "Aor", name})
	}
	return rows
}

func contactsOf(s live.Snapshot, _ time.Time, _ ami.Message) (rows [][]string) {
	for _, p := range s.Endpoints {
		for _, c := range p.Contacts {
			rows = append(rows, []string{"Event", "ContactList", "ObjectName", strings.TrimPrefix(p.Name, "PJSIP/") + ";@1", "Uri", c.URI, "Status", c.Status})
		}
	}
	return rows
}

func roomsOf(s live.Snapshot, _ time.Time, _ ami.Message) (rows [][]string) {
	for _, c := range s.Conferences {
		rows = append(rows, []string{"Event", "ConfbridgeListRooms", "Conference", c.Name, "Parties", strconv.Itoa(len(c.Participants)), "Locked", "No"})
	}
	return rows
}

func participantsOf(s live.Snapshot, now time.Time, a ami.Message) (rows [][]string) {
	ids := uniqueids(s)
	for _, c := range s.Conferences {
		if c.Name != a.Get("Conference") {
			continue
		}
		for _, p := range c.Participants {
			rows = append(rows, []string{
				"Event", "ConfbridgeList", "Conference", c.Name, "Channel", p.Channel, "Uniqueid", ids[p.Channel], "CallerIDNum", p.Party.Num,
				"Admin", yes(p.Admin), "Muted", yes(p.Muted), "Talking", yes(p.Talking), "AnsweredTime", strconv.Itoa(int(now.Sub(p.Since).Seconds())),
			})
		}
	}
	return rows
}

func parkedIn(s live.Snapshot, now time.Time, _ ami.Message) (rows [][]string) {
	ids := uniqueids(s)
	for _, p := range s.Parked {
		d := int(now.Sub(p.Since).Seconds())
		rows = append(rows, []string{
			"Event", "ParkedCall", "ParkeeUniqueid", ids[p.Channel], "ParkeeChannel", p.Channel, "Parkinglot", p.Lot, "ParkingSpace", strconv.Itoa(p.Space),
			"ParkerDialString", p.By, "ParkingDuration", strconv.Itoa(d), "ParkingTimeout", strconv.Itoa(int(p.Timeout.Seconds()) - d),
		})
	}
	return rows
}
