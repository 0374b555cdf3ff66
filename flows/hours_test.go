package flows_test

import (
	"testing"
	"time"
)

func TestHours(t *testing.T) {
	a := load(t, `
hours:
  office:
    timezone: Europe/Zurich
    open:
      mon-fri: [08:30-12:00, 13:15-17:30]
      sat: 09:00-12:00
    closed: [2026-12-25, 2026-12-28]
    also: { 2026-12-28: 10:00-11:00, 2026-12-27: [10:00-11:00] }
  bar:
    timezone: Europe/Zurich
    open: { fri-sat: 22:00-02:00, "mon,wed": 20:00-24:00 }
    closed: [2026-11-28]
  always: { timezone: UTC, open: { mon-sun: 00:00-24:00 } }
  weekend: { timezone: UTC, open: { sat-mon: 10:00-11:00 } }
  night: { timezone: America/New_York, open: { sun: 01:00-03:00 } }
  never: {}
`)
	for _, test := range []struct {
		name, at string
		want     bool
	}{
		// Monday 23 November 2026, Zurich is UTC+1.
		{"office", "2026-11-23T08:29:59+01:00", false},
		{"office", "2026-11-23T08:30:00+01:00", true},
		{"office", "2026-11-23T07:30:00Z", true},
		{"office", "2026-11-23T11:59:59+01:00", true},
		{"office", "2026-11-23T12:00:00+01:00", false},
		{"office", "2026-11-23T13:15:00+01:00", true},
		{"office", "2026-11-23T17:30:00+01:00", false},
		{"office", "2026-11-28T09:00:00+01:00", true}, // Saturday
		{"office", "2026-11-29T10:00:00+01:00", false},
		{"office", "2026-12-25T10:00:00+01:00", false}, // Friday, but Christmas
		{"office", "2026-12-28T09:00:00+01:00", false}, // also wins over closed and Monday
		{"office", "2026-12-28T10:30:00+01:00", true},
		{"office", "2026-12-27T10:30:00+01:00", true}, // Sunday
		// A range past midnight belongs to the day on which it begins.
		{"bar", "2026-11-27T23:00:00+01:00", true}, // Friday
		{"bar", "2026-11-28T01:59:00+01:00", true},
		{"bar", "2026-11-28T02:00:00+01:00", false},
		{"bar", "2026-11-28T22:30:00+01:00", false}, // closed that Saturday
		{"bar", "2026-11-29T01:00:00+01:00", false},
		{"bar", "2026-11-27T01:00:00+01:00", false}, // nothing begins on Thursday
		{"bar", "2026-11-23T23:59:59+01:00", true},
		{"bar", "2026-11-24T00:00:00+01:00", false},
		{"always", "2026-11-23T00:00:00Z", true},
		{"always", "2026-11-23T23:59:59Z", true},
		{"weekend", "2026-11-23T10:30:00Z", true}, // Monday: days may go round the week
		{"weekend", "2026-11-24T10:30:00Z", false},
		{"never", "2026-11-23T10:30:00Z", false},
		// Clocks go back in New York on 1 November 2026 at 2:00: the hour comes twice.
		{"night", "2026-11-01T05:30:00Z", true}, // 1:30, the first one
		{"night", "2026-11-01T06:30:00Z", true}, // 1:30, the second one
		{"night", "2026-11-01T07:59:00Z", true}, // 2:59
		{"night", "2026-11-01T08:00:00Z", false},
		// Clocks go forward on 14 March 2027 at 2:00: there is no 2:30.
		{"night", "2027-03-14T06:00:00Z", true}, // 1:00
		{"night", "2027-03-14T06:59:00Z", true},
		{"night", "2027-03-14T07:00:00Z", false}, // 3:00
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Program.Hours[test.name].IsOpen(at); got != test.want {
			t.Errorf("%s at %s: got %v, want %v", test.name, test.at, got, test.want)
		}
	}
}

// TestHoursInFlows reads the engine's clock, which a bubble starts at midnight on
// Saturday, 1 January 2000, UTC.
func TestHoursInFlows(t *testing.T) {
	conversation{
		flow: `
			- log: ${hours.late.open}
			- play: a
			- log: ${hours.late.open} after ${call.duration}`,
		top: `hours: { late: { timezone: UTC, open: { fri: 23:00-00:01 } } }` + "\n",
		asterisk: `
			> STREAM FILE "a" ""
			. 1m30s
			< 200 result=0 endpos=1`,
		want: "log true\nplay\nlog false after 1m30s\nDONE by dialplan",
	}.run(t)
}
