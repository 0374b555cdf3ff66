package agi

import (
	"context"
	"strconv"
	"time"
)

// The SAY commands read something to the caller in the channel's language, until
// they are through or the caller presses one of escapeDigits, and return the key,
// "" for none. The error is [ErrHangup] when the caller hung up, and an [*Error]
// with code 200 when a sound file is missing. They go on when ctx ends.

// SayDigits says the digits one by one; # and * are said too.
func (s *Session) SayDigits(ctx context.Context, digits, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY DIGITS", digits, escapeDigits)
}

// SayNumber says a number.
func (s *Session) SayNumber(ctx context.Context, n int, escapeDigits string) (digit string, err error) {
	return s.say(ctx, "SAY NUMBER", strconv.Itoa(n), escapeDigits)
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

// SayDateTime says t in a format and a time zone. Format "" is the language's own
// and zone "" the one of Asterisk; both are described in voicemail.conf.
func (s *Session) SayDateTime(ctx context.Context, t time.Time, escapeDigits, format, zone string) (digit string, err error) {
	args := append([]string{strconv.FormatInt(t.Unix(), 10), escapeDigits}, trim(format, zone)...)
	return s.say(ctx, "SAY DATETIME", args...)
}

func (s *Session) say(ctx context.Context, command string, args ...string) (string, error) {
	r, err := s.run(ctx, command, args...)
	if err != nil {
		return "", err
	}
	return r.digit()
}
