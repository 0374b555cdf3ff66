package rules

import (
	"fmt"
	"regexp"

	"github.com/adhocore/gronx"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// schedule is when a rule fires by the clock: a cron line.
type schedule struct{ cron string }

var timeOfDay = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):([0-5][0-9])$`)

// UnmarshalText reads a time of the day or a cron line with five fields.
func (s *schedule) UnmarshalText(b []byte) error {
	text := string(b)
	if m := timeOfDay.FindStringSubmatch(text); m != nil {
		s.cron = fmt.Sprintf("%s %s * * *", m[2], m[1])
		return nil
	}
	if len(regexp.MustCompile(`\S+`).FindAllString(text, -1)) != 5 || !gronx.IsValid(text) {
		return lang.Mistake(fmt.Sprintf("%q is no time", text), `write a time of the day such as "18:00", or a cron line such as "0 18 * * 1-5": minute, hour, day, month, weekday`)
	}
	s.cron = text
	return nil
}

// LangType describes it for messages and editors.
func (schedule) LangType() (string, string) {
	return `a time such as "18:00" or a cron line`, ""
}
