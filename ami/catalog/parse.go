package catalog

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Parse turns what an event holds into the Go type of the field's kind. A LocalTime is
// taken to be in the zone of this process. An empty text, and the words by which
// Asterisk says that there is nothing ("N/A", "<unknown>"), are the zero value of the
// type, as is an Epoch of 0. An error names the field; the value is then nil.
func (f Field) Parse(text string) (any, error) { return f.ParseIn(text, time.Local) }

// ParseIn is Parse for a server in another time zone.
func (f Field) ParseIn(text string, zone *time.Location) (any, error) {
	v, err := f.Kind.parse(text, zone)
	if err != nil {
		return nil, fmt.Errorf("catalog: %s: %q is not of kind %s", f.Name, text, f.Kind)
	}
	return v, nil
}

func (k Kind) parse(text string, zone *time.Location) (any, error) {
	if k == Text {
		return text, nil
	}
	text = strings.TrimSpace(text)
	none := text == "" || text == "N/A" || text == "<unknown>"
	switch k {
	case Int:
		if none {
			return 0, nil
		}
		return strconv.Atoi(text)
	case Float:
		if none {
			return 0.0, nil
		}
		return strconv.ParseFloat(text, 64)
	case Bool:
		return parseBool(text, none)
	case Seconds, Milliseconds, Microseconds:
		if none {
			return time.Duration(0), nil
		}
		return parseDuration(text, unit[k])
	case Clock:
		if none {
			return time.Duration(0), nil
		}
		return parseClock(text)
	case Epoch, LocalTime, ZonedTime:
		if none {
			return time.Time{}, nil
		}
		return k.parseTime(text, zone)
	case ChannelStates:
		if none {
			return ChannelDown, nil
		}
		n, err := strconv.Atoi(text)
		return ChannelState(n), err
	case DeviceStates:
		if none {
			return DeviceUnknown, nil
		}
		return parseDeviceState(text)
	default:
		return nil, strconv.ErrSyntax
	}
}

// unit is what a number counts.
var unit = map[Kind]time.Duration{
	Seconds: time.Second, Milliseconds: time.Millisecond, Microseconds: time.Microsecond,
}

func parseBool(text string, none bool) (bool, error) {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "on":
		return true, nil
	case "0", "no", "false", "off":
		return false, nil
	}
	if none {
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// parseDuration reads a number, whole or not, of units. A number near 2^64 is one that
// Asterisk counted below zero: ParkingTimeout of ParkedCallTimeOut in 22.10 may be -1.
func parseDuration(text string, unit time.Duration) (time.Duration, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if below, failed := strconv.ParseUint(text, 10, 64); err != nil && failed == nil {
		n, err = int64(below), nil
	}
	if err == nil {
		if n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
			return 0, strconv.ErrRange
		}
		return time.Duration(n) * unit, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	x *= float64(unit)
	if err != nil || math.IsNaN(x) || math.Abs(x) >= math.MaxInt64 {
		return 0, strconv.ErrSyntax
	}
	return time.Duration(math.Round(x)), nil
}

// parseClock reads 00:01:30; hours may be more than 23.
func parseClock(text string) (time.Duration, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return 0, strconv.ErrSyntax
	}
	total := time.Duration(0)
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 20)
		if err != nil || i > 0 && n > 59 {
			return 0, strconv.ErrSyntax
		}
		total = total*60 + time.Duration(n)
	}
	return total * time.Second, nil
}

func (k Kind) parseTime(text string, zone *time.Location) (time.Time, error) {
	switch k {
	case LocalTime:
		return time.ParseInLocation(time.DateTime, text, zone)
	case ZonedTime:
		return time.Parse("2006-01-02T15:04:05.999999999Z0700", text)
	default: // a float64 has too few digits for microseconds
		whole, fraction, _ := strings.Cut(text, ".")
		seconds, err := strconv.ParseInt(whole, 10, 64)
		if err != nil || seconds == 0 && fraction == "" {
			return time.Time{}, err
		}
		nanos, err := strconv.ParseUint((fraction + "000000000")[:9], 10, 64)
		return time.Unix(seconds, int64(nanos)), err
	}
}
