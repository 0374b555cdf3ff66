package flows

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Hours are named opening hours.
type Hours struct {
	Timezone Zone                  `yaml:"timezone" default:"Local" doc:"The time zone, such as Europe/Zurich; the server's own if left out."`
	Open     map[weekdays][]ranges `yaml:"open" doc:"Opening times by weekday: mon-fri, sat, or mon,wed."`
	Closed   []date                `yaml:"closed" doc:"Days, such as 2026-12-25, that are closed whatever the weekday."`
	Also     map[date][]ranges     `yaml:"also" doc:"Days with opening times of their own, which win over the weekday and over closed."`
}

// HoursInfo is what expressions read of opening hours.
type HoursInfo struct {
	Open bool `expr:"open" doc:"whether it is open now"`
}

// IsOpen reports whether the hours are open at t. A range past midnight, such as
// 22:00-02:00, belongs to the day on which it begins.
func (h *Hours) IsOpen(t time.Time) bool {
	if h.Timezone.location != nil {
		t = t.In(h.Timezone.location)
	}
	minute := t.Hour()*60 + t.Minute()
	return h.opens(t, minute) || h.opens(t.AddDate(0, 0, -1), minute+24*60)
}

// opens reports whether the ranges of t's day cover a minute, counted from that
// day's midnight.
func (h *Hours) opens(t time.Time, minute int) bool {
	day := date(t.Format(time.DateOnly))
	within := func(rs []ranges) bool {
		return slices.ContainsFunc(rs, func(r ranges) bool { return r.from <= minute && minute < r.to })
	}
	if also, ok := h.Also[day]; ok {
		return within(also)
	}
	if slices.Contains(h.Closed, day) {
		return false
	}
	for days, rs := range h.Open {
		if days.has(t.Weekday()) && within(rs) {
			return true
		}
	}
	return false
}

// CheckYAML checks the keys of the mappings, which are decoded as plain text.
func (h *Hours) CheckYAML(d *lang.Decoder, n lang.Node) {
	for _, pair := range n.Lookup("open").Pairs() {
		if _, err := parseWeekdays(pair.Key.Value); err != nil {
			d.Errorf(pair.Key, "wrong-type", "%v", err)
		}
	}
	for _, pair := range n.Lookup("also").Pairs() {
		var day date
		if err := day.UnmarshalText([]byte(pair.Key.Value)); err != nil {
			d.Errorf(pair.Key, "wrong-type", "%v", err).Hint("write 2026-12-25")
		}
	}
}

// Zone is a time zone by its name in the tz database.
type Zone struct{ location *time.Location }

// UnmarshalText looks the zone up.
func (z *Zone) UnmarshalText(b []byte) error {
	location, err := time.LoadLocation(string(b))
	if err != nil {
		return lang.Mistake(fmt.Sprintf("there is no time zone %q", b), "use a name such as Europe/Zurich")
	}
	z.location = location
	return nil
}

// LangType describes a zone for messages and editors.
func (Zone) LangType() (string, string) { return "a time zone such as Europe/Zurich", "" }

// weekdays is a set of days as written: "mon-fri", "sat", "mon,wed".
type weekdays string

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (w weekdays) has(day time.Weekday) bool {
	days, err := parseWeekdays(string(w))
	return err == nil && days[day]
}

func parseWeekdays(text string) (days [7]bool, err error) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		from, to := slices.Index(dayNames, first), slices.Index(dayNames, last)
		if from < 0 || to < 0 {
			return days, fmt.Errorf("%q is no weekday: write mon-fri, sat or mon,wed", part)
		}
		for day := from; ; day = (day + 1) % 7 {
			days[day] = true
			if day == to {
				break
			}
		}
	}
	return days, nil
}

// ranges is one opening time of a day in minutes since its midnight; to may lie
// past 24:00.
type ranges struct{ from, to int }

var rangePattern = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)-(?:([01]?\d|2[0-3]):([0-5]\d)|24:00)$`)

// UnmarshalText reads 08:30-12:00; 24:00 is midnight at the day's end.
func (r *ranges) UnmarshalText(b []byte) error {
	m := rangePattern.FindSubmatch(b)
	if m == nil {
		return lang.Mistake(fmt.Sprintf("%q is no opening time", b), "write "+guessRange(string(b)))
	}
	minutes := func(h, m []byte) int {
		hours, _ := strconv.Atoi(string(h)) // the pattern admits only digits
		mins, _ := strconv.Atoi(string(m))
		return hours*60 + mins
	}
	r.from, r.to = minutes(m[1], m[2]), 24*60
	if m[3] != nil {
		r.to = minutes(m[3], m[4])
	}
	if r.to <= r.from {
		r.to += 24 * 60 // past midnight
	}
	return nil
}

var loosePattern = regexp.MustCompile(`(?i)^(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?\s*-\s*(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?$`)

// guessRange writes what is likely meant by an opening time that is none, or an example.
func guessRange(text string) string {
	m := loosePattern.FindStringSubmatch(text)
	if m == nil {
		return "08:30-12:00"
	}
	at := func(hour, minute, half string) string {
		h, _ := strconv.Atoi(hour) // the pattern admits only digits
		switch {
		case strings.EqualFold(half, "pm") && h < 12:
			h += 12
		case strings.EqualFold(half, "am") && h == 12:
			h = 0
		}
		return fmt.Sprintf("%02d:%s", h, cmp.Or(minute, "00"))
	}
	guess := at(m[1], m[2], m[3]) + "-" + at(m[4], m[5], m[6])
	if !rangePattern.MatchString(guess) {
		return "08:30-12:00"
	}
	return guess
}

// LangType describes an opening time for messages and editors.
func (ranges) LangType() (string, string) {
	return "an opening time such as 08:30-12:00", rangePattern.String()
}

// date is a day, such as 2026-12-25.
type date string

// UnmarshalText reads a day of the calendar.
func (d *date) UnmarshalText(b []byte) error {
	if _, err := time.Parse(time.DateOnly, string(b)); err != nil {
		return lang.Mistake(fmt.Sprintf("%q is no day", b), "write 2026-12-25")
	}
	*d = date(b)
	return nil
}

// LangType describes a day for messages and editors.
func (date) LangType() (string, string) {
	return "a day such as 2026-12-25", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
}
