package pbxflow

import (
	"sync"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
)

// visits remembers who came into the queues of all servers, and how that ended: what
// expressions ask of the past, such as queues.support.offered("1h"). It holds what has
// been seen since the start. The zero value is ready.
type visits struct {
	mu     sync.Mutex
	queues map[string]*queueLog
}

// queueLog holds the newest visits to one queue, oldest first.
type queueLog struct {
	visits []*visit
	open   map[string]*visit // those that wait, by server and channel
}

// visit is one caller's stay in a queue.
type visit struct {
	joined  time.Time
	waited  time.Duration // once it is over
	outcome string        // of [live.Queue]; empty while the caller waits
}

// What bounds the memory: a day, and of a busy queue no more than so many.
const (
	keptVisits    = 20_000
	keptVisitTime = 25 * time.Hour
)

// visitEvents are the events that visits is made of.
var visitEvents = []string{live.QueueJoined, live.QueueConnected, live.QueueLeft}

// note takes an event into account.
func (v *visits) note(e live.Event, now time.Time) {
	q := e.Queue
	if q == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	log := v.queues[q.Name]
	if log == nil {
		log = &queueLog{open: map[string]*visit{}}
		if v.queues == nil {
			v.queues = map[string]*queueLog{}
		}
		v.queues[q.Name] = log
	}
	key := e.Server + "/" + q.Channel
	switch visit := log.open[key]; {
	case e.Name == live.QueueJoined:
		log.add(key, now.Add(-q.Waited))
	case visit == nil: // refused at the door, or here since before the start
	case e.Name == live.QueueConnected:
		visit.outcome, visit.waited = live.Answered, q.Waited
		delete(log.open, key)
	default:
		visit.outcome, visit.waited = q.Outcome, q.Waited
		delete(log.open, key)
	}
	log.forget(now)
}

func (l *queueLog) add(key string, joined time.Time) {
	visit := &visit{joined: joined}
	l.visits = append(l.visits, visit)
	l.open[key] = visit
}

// forget drops what is too old, and the oldest of too many.
func (l *queueLog) forget(now time.Time) {
	n := max(0, len(l.visits)-keptVisits)
	for n < len(l.visits) && now.Sub(l.visits[n].joined) > keptVisitTime && l.visits[n].outcome != "" {
		n++
	}
	// Half of the room may be unused, so that the list is not moved for each visit.
	if n > len(l.visits)/2 || n > 1000 {
		l.visits = append([]*visit(nil), l.visits[n:]...)
	}
}

// within calls f for each visit to a queue that began within a time before now.
func (v *visits) within(queue string, now time.Time, d time.Duration, f func(*visit)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	log := v.queues[queue]
	if log == nil {
		return
	}
	for i := len(log.visits) - 1; i >= 0 && now.Sub(log.visits[i].joined) <= d; i-- {
		f(log.visits[i])
	}
}

// count returns how many visits to a queue that began within a time are so.
func (v *visits) count(queue string, now time.Time, d time.Duration, so func(*visit) bool) int {
	n := 0
	v.within(queue, now, d, func(visit *visit) {
		if so(visit) {
			n++
		}
	})
	return n
}

// answeredWithin returns which part of the visits that began within d was answered in
// time. Who gave up sooner could not have been, and who waits for less time may still be:
// these do not count.
func (v *visits) answeredWithin(queue string, now time.Time, threshold, d time.Duration) float64 {
	inTime, all := 0, 0
	v.within(queue, now, d, func(visit *visit) {
		switch {
		case visit.outcome == live.Answered && visit.waited <= threshold:
			inTime++
			all++
		case visit.outcome == "" && now.Sub(visit.joined) < threshold:
		case visit.outcome == live.Abandoned && visit.waited < threshold:
		default:
			all++
		}
	})
	if all == 0 {
		return 1
	}
	return float64(inTime) / float64(all)
}
