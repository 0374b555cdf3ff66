package live

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// QueueState is a queue with its members and the callers who wait in it, as it was at
// one moment. Averages and percentages are those of the last resync.
type QueueState struct {
	Name         string        `json:"name" expr:"name" doc:"name of the queue"`
	Strategy     string        `json:"strategy" expr:"strategy" doc:"whom it rings: ringall, linear, …"`
	Max          int           `json:"max" expr:"max" doc:"how many callers it takes; 0 means any number"`
	Weight       int           `json:"weight" expr:"weight" doc:"its weight among queues that share members"`
	ServiceLevel time.Duration `json:"service_level" expr:"service_level" doc:"the time in which calls should be answered"`
	ServicePerf  float64       `json:"service_perf" expr:"service_perf" doc:"Asterisk's percentage of answered calls that were so in time"`
	ServicePerf2 float64       `json:"service_perf2" expr:"service_perf2" doc:"Asterisk's percentage of all calls that were answered or abandoned in time"`
	HoldTime     time.Duration `json:"hold_time" expr:"hold_time" doc:"Asterisk's running average of the wait"`
	TalkTime     time.Duration `json:"talk_time" expr:"talk_time" doc:"Asterisk's running average of the talk"`
	Completed    int           `json:"completed" expr:"completed" doc:"calls that members completed since Asterisk began to count: as the last resync told, and counted by events since"`
	Abandoned    int           `json:"abandoned" expr:"abandoned" doc:"callers who left without a member since Asterisk began to count"`
	Members      []Member      `json:"members" expr:"members" doc:"its members, sorted by interface"`
	Callers      []Queue       `json:"callers" expr:"callers" doc:"who waits, by position"`
}

// queueState is a queue that the picture holds. Its Members and Callers are made by at.
type queueState struct {
	QueueState
	members map[string]*member // by interface
	lately  []time.Time        // when callers were heard to leave while lists were asked for
}

// queue returns the queue of that name.
func (m *Model) queue(name string) *queueState {
	q := m.queues[name]
	if q == nil {
		q = &queueState{QueueState: QueueState{Name: name}, members: make(map[string]*member)}
		m.queues[name] = q
	}
	return q
}

// set takes in a row QueueParams that was read some time before.
func (q *queueState) set(row ami.Event, read time.Time) {
	count := func(header string) int {
		n, _ := strconv.Atoi(row.Get(header))
		return n
	}
	share := func(header string) float64 {
		f, _ := strconv.ParseFloat(row.Get(header), 64)
		return f
	}
	q.Strategy = row.Get("Strategy")
	q.Max, q.Weight, q.Completed, q.Abandoned = count("Max"), count("Weight"), count("Completed"), count("Abandoned")
	for _, at := range q.lately {
		if at.After(read) {
			q.Abandoned++
		}
	}
	q.ServiceLevel, q.HoldTime, q.TalkTime = seconds(row.Get("ServiceLevel")), seconds(row.Get("Holdtime")), seconds(row.Get("TalkTime"))
	q.ServicePerf, q.ServicePerf2 = share("ServicelevelPerf"), share("ServicelevelPerf2")
}

// at returns the queue as it is at now, but for the callers.
func (q *queueState) at() QueueState {
	out := q.QueueState
	out.Members = make([]Member, 0, len(q.members))
	for _, row := range q.members {
		out.Members = append(out.Members, row.Member)
	}
	slices.SortFunc(out.Members, func(a, b Member) int { return cmp.Compare(a.Interface, b.Interface) })
	return out
}

// count counts a talk of a member, at its end. As Asterisk does it leaves out who is taken to
// talk no more, or with another caller since: as when a member has parked a caller and taken the
// next one. A member who has left the queue is nil.
func (q *queueState) count(row *member) {
	if row != nil {
		if !row.InCall {
			return
		}
		row.ahead++
	}
	q.Completed++
}

// correct counts what a member's own counter tells that was not counted, now that it was told
// anew: both count the same.
func (q *queueState) correct(was, is *member) {
	if is.CallsTaken < was.CallsTaken {
		return // it was set back
	}
	is.ahead = was.CallsTaken + was.ahead - is.CallsTaken
	if is.ahead < 0 {
		q.Completed -= is.ahead
		is.ahead = 0
	}
}

// shift moves those who wait behind v: back when it comes, forward when it goes.
// Asterisk does not tell.
func (m *Model) shift(v *visit, by int) {
	if v.left || v.Position == 0 || v.ranked == (by > 0) {
		return
	}
	v.ranked = by > 0
	for _, o := range m.visits {
		if o != v && !o.left && o.Name == v.Name && o.Position >= v.Position {
			o.Position += by
		}
	}
}
