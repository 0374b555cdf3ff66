package live

import "time"

// Outage is a time in which the link to Asterisk was down. What began and ended within it
// is not known.
type Outage struct{ From, To time.Time }

// Coverage tells how much of a time the link to Asterisk was up.
type Coverage struct {
	From, To time.Time     // the time that is told of
	Up       time.Duration // how much of it the link was up
	Share    float64       // the same as a share, from 0 to 1
	Gaps     []Outage      // when it was not, oldest first; the last one may go on
}

// maxGaps bounds how many gaps are remembered.
const maxGaps = 1000

// outages are the times in which the link was down.
type outages struct {
	born      time.Time // before that it was down
	since     time.Time // it has been down since; zero while it is up
	gaps      []Outage  // those that are over
	forgotten time.Time // the end of the newest gap that is no longer in gaps
	count     int       // how often it was lost
}

func (o *outages) down(now time.Time) {
	if o.since.IsZero() {
		o.since = now
		o.count++
	}
}

// up ends the time in which the link was down, and returns it unless the link had never
// been up before.
func (o *outages) up(now time.Time) (Outage, bool) {
	if o.since.IsZero() {
		return Outage{}, false
	}
	gap := Outage{o.since, now}
	o.since = time.Time{}
	o.gaps = append(o.gaps, gap)
	if len(o.gaps) > maxGaps {
		o.forgotten = o.gaps[0].To
		o.gaps = append([]Outage(nil), o.gaps[1:]...)
	}
	return gap, o.count > 0
}

// over returns the coverage from since to now.
func (o *outages) over(since, now time.Time) Coverage {
	c := Coverage{From: since, To: now}
	if c.From.Before(o.forgotten) {
		c.From = o.forgotten
	}
	add := func(from, to time.Time) {
		if from.Before(c.From) {
			from = c.From
		}
		if to.After(from) {
			c.Gaps = append(c.Gaps, Outage{from, to})
		}
	}
	if o.forgotten.IsZero() && c.From.Before(o.born) {
		add(c.From, o.born)
	}
	for _, g := range o.gaps {
		add(g.From, g.To)
	}
	if !o.since.IsZero() {
		add(o.since, now)
	}
	c.Up = max(0, now.Sub(c.From))
	for _, g := range c.Gaps {
		c.Up -= g.To.Sub(g.From)
	}
	if whole := now.Sub(c.From); whole > 0 {
		c.Share = float64(c.Up) / float64(whole)
	}
	return c
}

// Coverage returns how much of the time from since until now the link to Asterisk was
// up. Before New it was down. Only the newest thousand gaps are remembered: From is later
// than since when there were more.
func (m *Model) Coverage(since time.Time) Coverage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outages.over(since, m.now())
}
