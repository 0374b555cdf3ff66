package flowtest

import (
	"slices"
	"time"
)

// performer is who calls: it does what the script says.
type performer struct {
	*stage
	pressed []press                          // keys that no command has taken yet, by time
	mute    bool                             // presses no keys, whatever the script says
	onKeys  func(keys, time.Duration)        // presses them on a real telephone; nil when there is none
	hangUp  func(at time.Duration, it *item) // hangs up at a time, as the item says
}

// press is a key that is pressed at a time.
type press struct {
	at  time.Duration
	key byte
}

// keyEvery is the time between two keys.
const keyEvery = 250 * time.Millisecond

// perform has the caller act in what stands in the script.
func (c *performer) perform(presses bool) {
	c.mute = !presses
	c.onPress, c.onHangup = c.pressKeys, c.hangUp
}

// pressKeys has the caller press keys, one after the other, from a time on.
func (c *performer) pressKeys(pressed keys, at time.Duration) {
	if c.mute {
		return
	}
	for i := range len(pressed) {
		c.pressed = append(c.pressed, press{at + time.Duration(i)*keyEvery, pressed[i]})
	}
	if c.onKeys != nil {
		c.onKeys(pressed, at)
	}
	slices.SortStableFunc(c.pressed, func(a, b press) int { return int(min(max(a.at-b.at, -1), 1)) })
}

// firstKey returns the first key among those that count until end, and when it comes;
// no key comes at end.
func (c *performer) firstKey(end time.Duration, among string) (byte, time.Duration) {
	for _, p := range c.pressed {
		if p.at > end {
			break
		}
		if slices.Contains([]byte(among), p.key) {
			return p.key, max(p.at, c.now())
		}
	}
	return 0, end
}

// pressDuring presses the keys of an item from its start on.
func (c *performer) pressDuring(m media, start time.Duration) {
	if m.Press.keys != "" {
		c.pressKeys(m.Press.keys, start+value(m.After))
	}
	for _, p := range m.Press.times {
		c.pressKeys(p.keys, start+p.after)
	}
}

// during has the caller do what an item says who hears something from start to end.
func (c *performer) during(it *item, last bool, start, end time.Duration, among string) {
	if it != nil && last {
		m := it.media
		if m.Wait == nil {
			c.pressDuring(m, start)
		}
		if m.Hangup != nil {
			c.hangUp(start+*m.Hangup, nil)
		}
		_, heardTill := c.firstKey(end, among)
		if m.Wait != nil {
			heardTill += *m.Wait
			if !m.Press.isSet() {
				c.setQuiet()
			}
		}
		if m.Wait != nil {
			c.pressDuring(media{Press: m.Press}, heardTill)
		}
		if m.Hangup != nil && start+*m.Hangup < heardTill {
			return // what comes next comes behind that
		}
		c.over(heardTill)
		return
	}
	_, heardTill := c.firstKey(end, among)
	c.over(heardTill)
}

// setQuiet says that nothing may happen between what happened last and the anchor.
func (s *stage) setQuiet() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quiet = s.last
}
