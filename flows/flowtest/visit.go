package flowtest

import "time"

// visit is an application that connects the caller with somebody.
type visit struct {
	limit    time.Duration // how long it waits for an answer; 0 is for ever
	usual    string        // how it ends where the script does not say it
	from     [2]string     // the key and entry of given that say so
	late     string        // how it ends when nobody answers in time
	answered string        // how it ends behind a conversation
	brief    bool          // it ends at once where the script does not say it
	exit     string        // keys that end it
}

// takeUsual takes how it ends when somebody is visited from a key of given.
func (v *visit) takeUsual(key string, ends map[string]string, who string) {
	for _, glob := range sorted(ends) {
		if v.usual == "" && matches(glob, who) {
			v.usual, v.from = ends[glob], [2]string{key, glob}
		}
	}
}

// visited is how a visit ended.
type visited struct {
	ends   string
	talked time.Duration
	key    byte // that ended it; 0 for none
	peer   string
	answer string // of the command
}

// visit plays such an application as the script says.
func (c *call) visit(e *event, v visit) visited {
	it, _ := c.happens(e)
	start, end := e.at, e.at+longTime
	r := visited{}
	var t talk
	if it != nil {
		t, r.peer = it.talk, it.talk.Peer
		c.pressDuring(it.media, start)
		if it.media.Hangup != nil {
			c.hangUp(start+*it.media.Hangup, nil)
		}
		if it.media.Wait != nil {
			end = start + *it.media.Wait
		}
	}
	ends := t.Ends
	if ends == "" && t.Answer == nil && v.usual != "" {
		ends = v.usual
		c.use(v.from[0], v.from[1])
	}
	leaves := v.exit != "" && it != nil && it.media.Press.isSet()
	inTime := t.Answer != nil && (v.limit <= 0 || *t.Answer < v.limit)
	switch {
	case inTime && (ends == "" || ends == v.answered):
		r.ends = v.answered
		answered := start + *t.Answer
		end = c.conversation(answered, t.Talk)
		if _, ok := c.listen(answered, ""); !ok {
			return c.ended(r, end)
		}
		key, ok := c.listen(end, v.exit)
		r.key = key
		if r.talked = c.clock.now() - answered; !ok {
			return c.ended(r, end)
		}
	case t.Answer != nil && ends == "" || ends != "" && ends == v.late || ends == "" && v.limit > 0:
		r.ends = v.late
		if end == start+longTime || t.Answer != nil {
			end = start + cmpOr(v.limit, value(t.Answer))
		}
		c.begun(start)
		key, ok := c.listen(end, v.exit)
		if r.key = key; !ok {
			return c.ended(r, end)
		}
	default:
		r.ends = ends
		if end == start+longTime && (ends != "" || v.brief && !c.callerHangsUpNext() && t.Talk == nil && !leaves) {
			end = start
		}
		if t.Talk != nil {
			end = start + *t.Talk
		}
		if at, ok := c.peerHangup(start); ok {
			end = at
		}
		c.begun(start)
		if end == start+longTime && !c.callerHangsUpNext() && v.exit == "" && !c.chaos.on {
			c.fault(e, "nothing ends the %s at %v: write answer: 10s, or ends: and an outcome, or hangup: caller below", e.kind, start)
			c.hangUp(start, nil)
		}
		key, ok := c.listen(end, v.exit)
		if r.key = key; !ok {
			return c.ended(r, end)
		}
	}
	c.over(c.clock.now())
	r.answer = ok("0")
	return r
}

// conversation returns when a conversation ends that began at answered.
func (c *call) conversation(answered time.Duration, length *time.Duration) time.Duration {
	if length != nil {
		return answered + *length
	}
	if at, ok := c.peerHangup(answered); ok {
		return at
	}
	c.begun(answered)
	if c.callerHangsUpNext() {
		return answered + longTime
	}
	return answered
}

func (c *call) ended(r visited, end time.Duration) visited {
	r.answer = c.interrupted(end)
	return r
}
