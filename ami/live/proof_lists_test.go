package live_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// listed is what Asterisk's own lists say: a line for each fact, in the words of picturedAs.
type listed struct {
	lines     []string
	since     []since
	completed map[string]int    // by queue
	asked     time.Time         // when the last list was asked for
	torn      []string          // bridges in which a channel is, and that are not in the list of bridges
	stale     map[string]string // what CoreShowChannels says of a channel, by what QueueStatus says of its caller
}

// since is when something began. Lists tell it to the second, some of it rounded twice, by
// the time at which they are made: between the question and the answer.
type since struct {
	what     string
	from, to time.Time
}

func (l *listed) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *listed) began(what string, at time.Time) {
	l.since = append(l.since, since{what, at, at})
}

// lasted notes for how long something has lasted, by the list that was asked for last.
func (l *listed) lasted(what string, d time.Duration) {
	l.since = append(l.since, since{what, l.asked.Add(-d - time.Second), time.Now().Add(-d + time.Second)})
}

// readLists asks Asterisk for all its lists, and tells them.
func readLists(ctx context.Context, c *ami.Client) (*listed, error) {
	l := &listed{completed: make(map[string]int), stale: make(map[string]string)}
	var failed error
	list := func(action string, pairs ...string) []ami.Event {
		a := ami.Action{Name: action}
		for i := 0; i+1 < len(pairs); i += 2 {
			a = a.With(pairs[i], pairs[i+1])
		}
		l.asked = time.Now()
		rows, err := c.List(ctx, a)
		if refused := (*ami.Error)(nil); err != nil && !(errors.As(err, &refused) && strings.HasPrefix(refused.Message, "No ")) {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", action, err))
		}
		return rows
	}
	channels := list("CoreShowChannels")
	l.channels(channels)
	names := make(map[string]string)
	torn := make(map[string]bool)
	for _, row := range channels {
		if id := row.Get("BridgeId"); id != "" {
			torn[id] = true
		}
		names[row.Get("Uniqueid")] = row.Get("Channel")
	}
	for _, row := range list("BridgeList") {
		inside := list("BridgeInfo", "BridgeUniqueid", row.Get("BridgeUniqueid"))
		l.bridge(row, inside, names)
		delete(torn, row.Get("BridgeUniqueid"))
	}
	for id := range torn {
		l.torn = append(l.torn, "model: bridge "+id)
	}
	queues := list("QueueStatus")
	l.queues(queues)
	l.contradict(channels, queues)
	for _, row := range list("DeviceStateList") {
		l.device(row.Get("Device"), row.Get("State"))
	}
	l.endpoints(list("PJSIPShowEndpoints"), list("PJSIPShowContacts"), channels)
	for _, room := range list("ConfbridgeListRooms") {
		l.add("conference %s of %s", room.Get("Conference"), room.Get("Parties"))
		for _, row := range list("ConfbridgeList", "Conference", room.Get("Conference")) {
			l.add("conference %s: %s %s admin=%s muted=%s", row.Get("Conference"), row.Get("Channel"), number(row.Get("CallerIDNum")), row.Get("Admin"), row.Get("Muted"))
		}
	}
	for _, row := range list("ParkedCalls") {
		if row.Get("ParkeeChannel") == "" && names[row.Get("ParkeeUniqueid")] == "" {
			continue // a 16 was seen to keep the space of one who was sent elsewhere while being parked, and has hung up
		}
		l.add("parked %s %s %s by %s", row.Get("Parkinglot"), row.Get("ParkingSpace"), row.Get("ParkeeChannel"), row.Get("ParkerDialString"))
		l.lasted("parked "+row.Get("ParkeeChannel"), secondsOf(row.Get("ParkingDuration")))
	}
	slices.Sort(l.lines)
	return l, failed
}

func secondsOf(s string) time.Duration {
	n, _ := strconv.Atoi(s)
	return time.Duration(n) * time.Second
}

func number(s string) string {
	if s == "<unknown>" {
		return ""
	}
	return s
}

func (l *listed) channels(rows []ami.Event) {
	calls := make(map[string]int)
	for _, row := range rows {
		calls[row.Get("Linkedid")]++
		l.lines = append(l.lines, channelLine(row, row))
		l.add("app of %s: %s(%s)", row.Get("Channel"), row.Get("Application"), row.Get("ApplicationData"))
		if d, err := time.Parse(time.TimeOnly, row.Get("Duration")); err == nil {
			l.lasted("channel "+row.Get("Channel"), time.Duration(d.Hour()*3600+d.Minute()*60+d.Second())*time.Second)
		}
		if row.Get("Application") == "ChanSpy" {
			target, _, _ := strings.Cut(row.Get("ApplicationData"), ",")
			l.add("listen-in %s hears %s", row.Get("Channel"), target)
		}
	}
	for id, n := range calls {
		l.add("call %s of %d", id, n)
	}
}

// channelLine tells a row of CoreShowChannels, with the caller of another one.
func channelLine(row, caller ami.Event) string {
	return fmt.Sprintf("channel %s %s of %s %s caller=%s/%s connected=%s/%s account=%s language=%s at %s@%s:%s in %s",
		row.Get("Channel"), row.Get("Uniqueid"), row.Get("Linkedid"), row.Get("ChannelStateDesc"),
		number(caller.Get("CallerIDNum")), number(caller.Get("CallerIDName")), number(row.Get("ConnectedLineNum")), number(row.Get("ConnectedLineName")),
		row.Get("AccountCode"), row.Get("Language"), row.Get("Exten"), row.Get("Context"), row.Get("Priority"),
		row.Get("BridgeId"))
}

func (l *listed) bridge(row ami.Event, inside []ami.Event, names map[string]string) {
	var channels []string
	for _, ch := range inside {
		if names[ch.Get("Uniqueid")] != "" { // announcers are in no list of channels
			channels = append(channels, ch.Get("Channel"))
		}
	}
	slices.Sort(channels)
	l.add("bridge %s %s %s by %s called %s: %s %v", row.Get("BridgeUniqueid"), row.Get("BridgeType"), row.Get("BridgeTechnology"),
		number(row.Get("BridgeCreator")), number(row.Get("BridgeName")), row.Get("BridgeNumChannels"), channels)
}

func (l *listed) queues(rows []ami.Event) {
	for _, row := range rows {
		queue := row.Get("Queue")
		switch row.Name() {
		case "QueueParams":
			l.add("queue %s %s max=%s weight=%s level=%s calls=%s", queue, row.Get("Strategy"), row.Get("Max"), row.Get("Weight"),
				row.Get("ServiceLevel"), row.Get("Calls"))
			l.add("ended in %s: %s abandoned", queue, row.Get("Abandoned"))
			l.completed[queue], _ = strconv.Atoi(row.Get("Completed"))
		case "QueueMember":
			reason := row.Get("PausedReason")
			if row.Get("Paused") != "1" {
				reason = ""
			}
			l.add("member %s of %s: %s by %s %s penalty=%s status=%s call=%s paused=%s for %q joined=%s wrapup=%s", row.Get("Name"), queue,
				row.Get("Location"), row.Get("StateInterface"), row.Get("Membership"), row.Get("Penalty"), row.Get("Status"), row.Get("InCall"), row.Get("Paused"),
				reason, cmp.Or(row.Get("LoginTime"), "0"), cmp.Or(row.Get("Wrapuptime"), "0"))
			l.add("taken by %s of %s: %s last %s", row.Get("Location"), queue, row.Get("CallsTaken"), row.Get("LastCall"))
			if at, _ := strconv.ParseInt(row.Get("LastPause"), 10, 64); row.Get("Paused") == "1" && at > 0 {
				l.since = append(l.since, since{"pause " + queue + " " + row.Get("Location"), time.Unix(at, 0), time.Unix(at+1, 0)})
			}
		case "QueueEntry":
			l.add("waiting %s in %s: %s", row.Get("Position"), queue, row.Get("Channel"))
			l.lasted("waiting "+row.Get("Channel"), secondsOf(row.Get("Wait")))
		}
	}
}

// device leaves out those of Local channels, and of Asterisk's own: any number can be one.
func (l *listed) device(name, state string) {
	if !strings.HasPrefix(name, "Local/") && !strings.HasPrefix(name, "Surrogate/") {
		l.add("device %s %s", name, state)
	}
}

func (l *listed) endpoints(rows, contacts, channels []ami.Event) {
	for _, row := range rows {
		name, state, n := row.Get("ObjectName"), live.Offline, 0
		for _, contact := range contacts {
			if strings.HasPrefix(contact.Get("ObjectName"), name+";@") {
				state = live.Registered
				l.add("contact of %s: %s %s", name, contact.Get("Uri"), contact.Get("Status"))
			}
		}
		for _, ch := range channels {
			if strings.HasPrefix(ch.Get("Channel"), "PJSIP/"+name+"-") {
				n++
			}
		}
		l.add("endpoint %s %s channels=%d", name, state, n)
	}
}

// pictured tells the same of a model.
func pictured(s live.Snapshot) *listed {
	l := &listed{completed: make(map[string]int)}
	for _, c := range s.Calls {
		n := 0
		for _, leg := range c.Channels {
			if leg.Ended.IsZero() {
				n++
			}
		}
		l.add("call %s of %d", c.Linkedid, n)
	}
	for _, ch := range s.Channels {
		l.add("channel %s %s of %s %s caller=%s/%s connected=%s/%s account=%s language=%s at %s@%s:%s in %s",
			ch.Name, ch.Uniqueid, strings.TrimPrefix(ch.CallID, "pbx1/"), ch.State, ch.Caller.Num, ch.Caller.Name, ch.Connected.Num, ch.Connected.Name,
			ch.Account, ch.Language, ch.Exten, ch.Context, ch.Priority, ch.Bridge)
		l.add("app of %s: %s(%s)", ch.Name, ch.App, ch.AppData)
		l.began("channel "+ch.Name, ch.Created)
	}
	for _, x := range s.ListenIns {
		l.add("listen-in %s hears %s", x.Channel, x.Target)
	}
	for _, b := range s.Bridges {
		l.add("bridge %s %s %s by %s called %s: %d %v", b.ID, b.Type, b.Technology, b.Creator, b.Name, b.Size, b.Channels)
	}
	for _, q := range s.Queues {
		l.add("queue %s %s max=%d weight=%d level=%.0f calls=%d", q.Name, q.Strategy, q.Max, q.Weight, q.ServiceLevel.Seconds(),
			len(q.Callers))
		l.add("ended in %s: %d abandoned", q.Name, q.Abandoned)
		l.completed[q.Name] = q.Completed
		for _, x := range q.Members {
			l.add("member %s of %s: %s by %s %s penalty=%d status=%d call=%s paused=%s for %q joined=%d wrapup=%.0f", x.Name, q.Name,
				x.Interface, x.StateInterface, x.Membership, x.Penalty, x.Status, digit(x.InCall), digit(x.Paused), x.Reason,
				unix(x.Joined), x.Wrapup.Seconds())
			l.add("taken by %s of %s: %d last %d", x.Interface, q.Name, x.CallsTaken, unix(x.LastCall))
			if x.Paused {
				l.began("pause "+q.Name+" "+x.Interface, x.PausedAt)
			}
		}
		for _, v := range q.Callers {
			l.add("waiting %d in %s: %s", v.Position, q.Name, v.Channel)
			l.began("waiting "+v.Channel, v.Joined)
		}
	}
	for _, d := range s.Devices {
		l.device(d.Name, d.State)
	}
	for _, p := range s.Endpoints {
		name := strings.TrimPrefix(p.Name, "PJSIP/")
		l.add("endpoint %s %s channels=%d", name, p.State, p.Channels)
		for _, c := range p.Contacts {
			l.add("contact of %s: %s %s", name, c.URI, c.Status)
		}
	}
	for _, c := range s.Conferences {
		l.add("conference %s of %d", c.Name, len(c.Participants))
		for _, p := range c.Participants {
			l.add("conference %s: %s %s admin=%s muted=%s", c.Name, p.Channel, p.Party.Num, yes(p.Admin), yes(p.Muted))
		}
	}
	for _, p := range s.Parked {
		l.add("parked %s %d %s by %s", p.Lot, p.Space, p.Channel, p.By)
		l.began("parked "+p.Channel, p.Since)
	}
	slices.Sort(l.lines)
	return l
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// differ tells which lines are only in one of two sorted lists.
func differ(lists, picture []string) (lines []string) {
	i, j := 0, 0
	for i < len(lists) || j < len(picture) {
		switch {
		case j == len(picture) || i < len(lists) && lists[i] < picture[j]:
			lines = append(lines, "lists: "+lists[i])
			i++
		case i == len(lists) || picture[j] < lists[i]:
			lines = append(lines, "model: "+picture[j])
			j++
		default:
			i++
			j++
		}
	}
	return lines
}

// late tells which times of a picture are not those of the lists, which have whole seconds,
// and which counters are far off. A busy Asterisk may tell late that something began: told
// reports whether it did at such a time.
func (l *listed) late(picture *listed, told func(what string, at time.Time) bool) (lines []string) {
	const tolerance = 1500 * time.Millisecond
	// Asterisk counts a talk some time after it has told that it is over, or before.
	const uncertain = 2
	for queue, n := range l.completed {
		if off := picture.completed[queue] - n; off > uncertain || off < -uncertain {
			lines = append(lines, fmt.Sprintf("queue %s has completed %d calls, the list says %d", queue, picture.completed[queue], n))
		}
	}
	times := make(map[string]time.Time)
	for _, s := range picture.since {
		times[s.what] = s.from
	}
	for _, s := range l.since {
		at, ok := times[s.what]
		if again := strings.HasPrefix(s.what, "pause") && at.Before(s.from); again {
			continue // paused while paused
		}
		if ok && (at.Before(s.from.Add(-tolerance)) || at.After(s.to.Add(tolerance)) && !told(s.what, at)) {
			lines = append(lines, fmt.Sprintf("%s since %v, the list says %v to %v", s.what, at, s.from, s.to))
		}
	}
	return lines
}
