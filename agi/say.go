package agi

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
)

// The SAY commands read something to the caller in the channel's language, until
// they are through or the caller presses one of escapeDigits, and return the key,
// "" for none. The error is [ErrHangup] when the caller hung up, and an [*Error]
// with code 200 when a sound file is missing. They go on when ctx ends.

// SayDigits says the digits one by one; # and * are said too, other characters are
// left out. Asterisk wants a number at the start: the error is an [*Error] with code 520
// when there is none, as in "*1".
func (s *Session) SayDigits(ctx context.Context, digits, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY DIGITS", digits, escapeDigits)
}

// SayNumber says a number, with the grammatical gender ("f", "m", "n", "c") that some
// languages want to know; "" is the language's own. A number that does not fit into 32
// bits, of which Asterisk would say something else, is refused with [ErrBadArgument].
func (s *Session) SayNumber(ctx context.Context, n int, escapeDigits, gender string) (digit string, err error) {
	if n > math.MaxInt32 || n < math.MinInt32 {
		return "", fmt.Errorf("%w: SAY NUMBER cannot say %d", ErrBadArgument, n)
	}
	args := append([]string{strconv.Itoa(n), escapeDigits}, trim(gender)...)
	return s.say(ctx, "SAY NUMBER", args...)
}

// SayAlpha says the characters of a text one by one.
func (s *Session) SayAlpha(ctx context.Context, text, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY ALPHA", text, escapeDigits)
}

// SayPhonetic says a text in the phonetic alphabet.
func (s *Session) SayPhonetic(ctx context.Context, text, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY PHONETIC", text, escapeDigits)
}

// SayDate says the date of t, in the time zone of Asterisk.
func (s *Session) SayDate(ctx context.Context, t time.Time, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY DATE", strconv.FormatInt(t.Unix(), 10), escapeDigits)
}

// SayTime says the time of day of t, in the time zone of Asterisk.
func (s *Session) SayTime(ctx context.Context, t time.Time, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY TIME", strconv.FormatInt(t.Unix(), 10), escapeDigits)
}

// SayDateTime says t in a format, which voicemail.conf describes, and a time zone such
// as "Europe/Prague". Zone "" is Asterisk's own; format "" is the language's own then,
// and otherwise day, date and time in English order. An unknown zone is UTC, without an
// error.
func (s *Session) SayDateTime(ctx context.Context, t time.Time, escapeDigits, format, zone string) (digit string, err error) {
	if format == "" && zone != "" {
		format = dateTimeFormat // Asterisk takes an empty one as it is and says nothing
	}
	args := append([]string{strconv.FormatInt(t.Unix(), 10), escapeDigits}, trim(format, zone)...)
	return s.say(ctx, "SAY DATETIME", args...)
}

// dateTimeFormat is Asterisk's own for most languages.
const dateTimeFormat = "ABdY 'digits/at' IMp"

func (s *Session) say(ctx context.Context, command string, args ...string) (string, error) {
	r, err := s.run(ctx, command, args...)
	if err != nil {
		return "", err
	}
	return r.digit()
}
