package flowtest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// hear has the caller hear a sound from an offset in it, and do what the script says. It
// returns when the sound ends, if none of the keys among ends it before.
func (c *call) hear(sound string, offset time.Duration, among string) (start, end time.Duration) {
	start = c.clock.now()
	length := max(c.soundLength(sound)-offset, 0)
	it, last := c.happens(&event{kind: "hear", what: []string{sound}, command: c.commands})
	c.during(it, last, start, start+length, among)
	return start, start + length
}

func value(d *time.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return *d
}

// missing returns the glob by which Asterisk lacks a sound.
func (t *test) missing(sound string) (glob string, ok bool) {
	i := slices.IndexFunc(t.Given.Missing, func(glob string) bool { return matches(glob, sound) })
	if i < 0 {
		return "", false
	}
	return t.Given.Missing[i], true
}

// samples counts time as Asterisk does for the sounds of a telephone.
func samples(d time.Duration) int64 { return d.Milliseconds() * 8 }

func (c *call) streamFile(args []string) string {
	sound, keys := arg(args, 0), arg(args, 1)
	if c.isMissing(sound) {
		return ok("-1 endpos=0")
	}
	n, _ := strconv.Atoi(arg(args, 2)) // none is 0
	offset := time.Duration(n) * time.Millisecond / 8
	start, end := c.hear(sound, offset, keys)
	key, heard := c.listen(end, keys)
	if !heard {
		return c.gone()
	}
	return ok("%d endpos=%d", key, samples(offset+c.clock.now()-start))
}

func (c *call) getOption(args []string) string {
	sound, keys, timeout := arg(args, 0), arg(args, 1), millis(arg(args, 2))
	if c.isMissing(sound) {
		return ok("-1 endpos=0")
	}
	start, end := c.hear(sound, 0, keys)
	key, heard := c.listen(end+timeout, keys)
	if now := c.clock.now(); !heard && (now <= end || !c.dead.Load()) {
		return c.gone()
	}
	// A caller who hangs up behind the sound is one who pressed no key: so do 16 and 22.
	return ok("%d endpos=%d", key, samples(min(c.clock.now(), end)-start))
}

func (c *call) getData(args []string) string {
	sound, most := arg(args, 0), 1024
	first, next := 6*time.Second, 2*time.Second
	if timeout := millis(arg(args, 1)); timeout > 0 {
		first, next = timeout, timeout
	}
	if n, err := strconv.Atoi(arg(args, 2)); err == nil && n > 0 {
		most = n
	}
	end := c.clock.now()
	if sound != "" {
		if c.isMissing(sound) {
			return ok("-1")
		}
		_, end = c.hear(sound, 0, allKeys)
	}
	digits, until := "", end+first
	for len(digits) < most {
		key, heard := c.listen(until, allKeys)
		switch {
		case !heard:
			return c.gone()
		case key == 0:
			return ok("%s (timeout)", digits)
		case key == '#':
			return ok("%s", digits)
		}
		digits += string(key)
		until = c.clock.now() + next
	}
	return ok("%s", digits)
}

func (c *call) waitForDigit(args []string) string {
	key, heard := c.listen(c.clock.now()+millis(arg(args, 0)), allKeys)
	if !heard {
		return c.gone()
	}
	return ok("%d", key)
}

// controlStreamFile plays with keys that skip and pause.
func (c *call) controlStreamFile(args []string) string {
	sound, stops := arg(args, 0), arg(args, 1)
	if c.isMissing(sound) {
		c.vars["CPLAYBACKSTATUS"] = "ERROR"
		return ok("-1 endpos=0")
	}
	skip := cmpOr(millis(arg(args, 2)), 3*time.Second)
	forward, rewind, pause := cmpOr(arg(args, 3), "#"), cmpOr(arg(args, 4), "*"), arg(args, 5)
	at := millis(arg(args, 6))
	length := c.soundLength(sound)
	c.hear(sound, at, stops)
	last, paused := c.clock.now(), false
	for {
		end := last + length - at
		if paused {
			end = last + longTime
		}
		key, heard := c.listen(end, stops+forward+rewind+pause)
		if !heard {
			return c.gone()
		}
		if now := c.clock.now(); !paused {
			at, last = at+now-last, now
		} else {
			last = now
		}
		switch k := string(key); {
		case key == 0:
			c.vars["CPLAYBACKSTATUS"] = "SUCCESS"
			return ok("0 endpos=%d", at.Milliseconds())
		case strings.Contains(stops, k):
			c.vars["CPLAYBACKSTATUS"], c.vars["CPLAYBACKSTOPKEY"] = "USERSTOPPED", k
			return ok("%d endpos=%d", key, at.Milliseconds())
		case strings.Contains(forward, k):
			at = min(at+skip, length)
		case strings.Contains(rewind, k):
			at = max(at-skip, 0)
		default:
			paused = !paused
		}
	}
}

// recordFile records until a key, a silence or the time ends it.
func (c *call) recordFile(args []string) string {
	file, keys := arg(args, 0), arg(args, 2)
	start := c.clock.now()
	limit := millis(arg(args, 3))
	if c.isMissing(file) {
		return ok("-1 (writefile)")
	}
	it, last := c.happens(&event{kind: "record", what: []string{file}, command: c.commands})
	end := start + limit
	listens := slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "s=") })
	if it != nil && it.media.Wait != nil && listens {
		end = min(end, start+*it.media.Wait) // the caller has been silent for long enough
	}
	c.during(it, last, start, start, keys)
	key, heard := c.listen(end, keys)
	switch pos := samples(c.clock.now() - start); {
	case c.dead.Load():
		return ok("-1 (hangup) endpos=%d", pos)
	case !heard:
		return ""
	case key != 0:
		return ok("%d (dtmf) endpos=%d", key, pos)
	default:
		return ok("0 (timeout) endpos=%d", pos)
	}
}

// say says something, in no time.
func say(how string) func(*call, []string) string {
	return func(c *call, args []string) string {
		start := c.clock.now()
		what, keys := arg(args, 0), arg(args, 1)
		if c.cannotSay(what) {
			return ok("-1")
		}
		how := how
		if how == "date" || how == "time" || how == "datetime" {
			how = cmpOr(said(arg(args, 2)), how)
			what = c.dateText(how, what, arg(args, 3))
		}
		it, last := c.happens(&event{kind: "say", what: []string{what}, how: how, command: c.commands})
		c.during(it, last, start, start, keys)
		key, heard := c.listen(start, keys)
		if !heard {
			return c.gone()
		}
		return ok("%d", key)
	}
}

// cannotSay reports whether Asterisk lacks a sound for one of the characters of a text,
// such as digits/1.
func (c *call) cannotSay(text string) bool {
	for _, char := range strings.ToLower(text) {
		for _, sound := range []string{"digits/" + string(char), "letters/" + string(char), "phonetic/" + string(char) + "_p"} {
			if c.isMissing(sound) {
				return true
			}
		}
	}
	return false
}

// said tells by the letters of a format what it says of a moment; "" if that is unknown.
func said(format string) string {
	var letters strings.Builder
	for i, part := range strings.Split(format, "'") {
		if i%2 == 0 { // the others are sounds
			letters.WriteString(part)
		}
	}
	date, clock := strings.ContainsAny(letters.String(), "AaBbdehYqQ"), strings.ContainsAny(letters.String(), "HIklMpPRS")
	switch {
	case date && clock:
		return "datetime"
	case date:
		return "date"
	case clock:
		return "time"
	}
	return ""
}

// dateText writes a moment as scripts have it, in the time zone in which it is said.
func (c *call) dateText(how, seconds, zone string) string {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return seconds
	}
	at := time.Unix(n, 0).In(c.clock.start.Location())
	if location, err := time.LoadLocation(zone); zone != "" && err == nil {
		at = at.In(location)
	}
	return at.Format(map[string]string{"date": time.DateOnly, "time": "15:04", "datetime": "2006-01-02 15:04"}[how])
}

// music switches music on hold.
func (c *call) music(args []string) string {
	c.happens(&event{kind: "music", what: []string{musicOf(args)}, command: c.commands})
	return ok("0")
}

// musicOf is the class of the music that SET MUSIC switches on; on or off without.
func musicOf(args []string) string {
	if class := arg(args, 1); class != "" && strings.EqualFold(arg(args, 0), "on") {
		return class
	}
	return arg(args, 0)
}
