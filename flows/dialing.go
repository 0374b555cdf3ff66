package flows

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Dialing says which numbers flows and rules may call through trunks. It is immutable
// once decoded; a nil Dialing allows every number.
type Dialing struct {
	Country region       `yaml:"country" doc:"The country to which national numbers belong, such as CH; the first country of allow if left out."`
	Allow   []numberRule `yaml:"allow" doc:"What may be called: countries (CH), numbers with * for the rest (+4144*), or kinds of numbers of the own country (mobile, toll_free). All valid numbers that deny does not name if left out. Short and other special numbers have to be allowed as they are."`
	Deny    []numberRule `yaml:"deny" doc:"What may not be called, whatever allow says: countries, numbers or kinds of numbers."`
}

// CheckYAML takes the first country of allow for the own one if need be. Without any,
// nobody could tell that 0900… is a premium number.
func (d *Dialing) CheckYAML(dec *lang.Decoder, n lang.Node) {
	for _, r := range d.Allow {
		if d.Country == "" && regionPattern.MatchString(string(r)) {
			d.Country = region(r)
		}
	}
	if d.Country == "" && n.Lookup("country").IsZero() {
		dec.Errorf(n, "missing-key", "it is not said to which country national numbers belong").Hint("write country: CH, or what it is")
	}
}

// kinds are the kinds of numbers that a rule can name.
var kinds = map[string]func(n *phonenumbers.PhoneNumber, home string) bool{
	"international": func(n *phonenumbers.PhoneNumber, home string) bool { return regionOf(n) != home },
	"national":      func(n *phonenumbers.PhoneNumber, home string) bool { return regionOf(n) == home },
	"premium":       ofType(phonenumbers.PREMIUM_RATE),
	"shared_cost":   ofType(phonenumbers.SHARED_COST),
	"toll_free":     ofType(phonenumbers.TOLL_FREE),
	"mobile":        ofType(phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE),
	"fixed":         ofType(phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE),
	"voip":          ofType(phonenumbers.VOIP),
	"personal":      ofType(phonenumbers.PERSONAL_NUMBER),
	"pager":         ofType(phonenumbers.PAGER),
	"company":       ofType(phonenumbers.UAN),
	"mailbox":       ofType(phonenumbers.VOICEMAIL),
}

func ofType(types ...phonenumbers.PhoneNumberType) func(*phonenumbers.PhoneNumber, string) bool {
	return func(n *phonenumbers.PhoneNumber, _ string) bool {
		return slices.Contains(types, phonenumbers.GetNumberType(n))
	}
}

func regionOf(n *phonenumbers.PhoneNumber) string { return phonenumbers.GetRegionCodeForNumber(n) }

// Check returns why a number may not be called; nil if it may. Emergency numbers of the
// own country always may, unless deny names them as they are.
func (d *Dialing) Check(number string) error {
	if d == nil {
		return nil
	}
	parsed, err := phonenumbers.Parse(number, string(d.Country))
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		parsed = nil
	}
	if r := d.find(d.Deny, number, parsed, true); r != "" {
		return fmt.Errorf("%s may not be called: dialing denies %s", number, r)
	}
	if d.Allow == nil && parsed != nil || d.find(d.Allow, number, parsed, false) != "" ||
		d.Country != "" && phonenumbers.IsEmergencyNumber(number, string(d.Country)) {
		return nil
	}
	if parsed == nil {
		return fmt.Errorf("%s may not be called: it is no valid number, and dialing does not allow it as it is", number)
	}
	return fmt.Errorf("%s may not be called: it belongs to %s, and dialing does not allow that", number, regionOf(parsed))
}

// find returns the first rule that takes a number. parsed is nil for what is no valid
// number, such as a short one: only a rule with the number itself takes that. A kind of
// numbers takes those of every country where that is said by abroad.
func (d *Dialing) find(rules []numberRule, number string, parsed *phonenumbers.PhoneNumber, abroad bool) numberRule {
	home := string(d.Country)
	for _, r := range rules {
		foreign := parsed != nil && kinds[string(r)] != nil && r != "international" && regionOf(parsed) != home
		if r.matches(number, parsed, home) && (abroad || !foreign) {
			return r
		}
	}
	return ""
}

// numberRule is a country, a kind of numbers, or a number in which * stands for any
// digits.
type numberRule string

var (
	regionPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	rulePattern   = regexp.MustCompile(`^\+?[0-9*#]+$`)
)

// UnmarshalText refuses countries and kinds that do not exist.
func (r *numberRule) UnmarshalText(b []byte) error {
	text := string(b)
	switch {
	case kinds[text] != nil, rulePattern.MatchString(text):
	case regionPattern.MatchString(strings.ToUpper(text)) && phonenumbers.GetSupportedRegions()[strings.ToUpper(text)]:
		text = strings.ToUpper(text)
	default:
		names := make([]string, 0, len(kinds))
		for name := range kinds {
			names = append(names, name)
		}
		slices.Sort(names)
		if near := lang.Nearest(text, names); near != "" {
			return lang.Mistake(fmt.Sprintf("there is no kind of numbers %q", text), fmt.Sprintf("did you mean %q?", near))
		}
		return lang.Mistake(fmt.Sprintf("%q is no country, number or kind of numbers", text),
			"write a country (CH), a number (+4144*), or one of "+strings.Join(names, ", "))
	}
	*r = numberRule(text)
	return nil
}

// LangType describes a rule for messages and editors.
func (numberRule) LangType() (string, string) {
	return "a country, a number or a kind of numbers", `^([A-Za-z]{2}|\+?[0-9*#]+|[a-z_]+)$`
}

func (r numberRule) matches(number string, parsed *phonenumbers.PhoneNumber, home string) bool {
	if rulePattern.MatchString(string(r)) {
		whole := ""
		if parsed != nil {
			whole = phonenumbers.Format(parsed, phonenumbers.E164)
		}
		return fits(string(r), number) || fits(string(r), whole)
	}
	if parsed == nil {
		return false
	}
	if kind := kinds[string(r)]; kind != nil {
		return kind(parsed, home)
	}
	return regionOf(parsed) == string(r)
}

// fits reports whether a number fits a pattern with * for any digits.
func fits(pattern, number string) bool {
	ok, err := path.Match(pattern, number)
	return err == nil && ok
}

// region is a country by its two letters.
type region string

// UnmarshalText refuses what is no country.
func (r *region) UnmarshalText(b []byte) error {
	name := strings.ToUpper(string(b))
	if !phonenumbers.GetSupportedRegions()[name] {
		return lang.Mistake(fmt.Sprintf("%q is no country", b), "write two letters, such as CH")
	}
	*r = region(name)
	return nil
}

// LangType describes a country for messages and editors.
func (region) LangType() (string, string) { return "a country such as CH", `^[A-Za-z]{2}$` }

// Outward is how an app calls outside: through which trunks, and which numbers.
type Outward struct {
	// Trunks are patterns of channels that lead outside.
	Trunks []string
	// Dialing is nil when every number may be called.
	Dialing *Dialing
}

// Check returns why a device may not be called; nil if it may, as may all that do not
// lead outside. A device is what Dial and Originate take, such as
// PJSIP/+41791234567@carrier.
func (o Outward) Check(device string) error {
	number, outside := o.number(device)
	if !outside || o.Dialing == nil {
		return nil
	}
	if number == "" {
		return errors.New(device + " may not be called: it is not to be seen which number that is")
	}
	return o.Dialing.Check(number)
}

// CheckTransfer returns why the call on a channel may not be transferred; nil if it may.
// Who came through a trunk is sent on by it, which costs what calling there does. The
// phones of the house call this Asterisk, whose dialplan decides.
func (o Outward) CheckTransfer(channel, target string) error {
	if err := o.Check(target); err != nil || o.Dialing == nil {
		return err
	}
	if i := strings.LastIndexByte(channel, '-'); i >= 0 {
		channel = channel[:i]
	}
	if _, outside := o.number(channel); !outside {
		return nil
	}
	return o.Dialing.Check(transferNumber(target))
}

// transferNumber is the number in a target of Transfer: a number, or an address such as
// PJSIP/sip:+41791234567@carrier.example.
func transferNumber(target string) string {
	number := target[strings.LastIndexByte(target, '/')+1:]
	number = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(number, "sip:"), "sips:"), "tel:")
	number, _, _ = strings.Cut(number, "@")
	number, _, _ = strings.Cut(number, ";")
	return number
}

// mayCall reports whether a device may be called, and says in the log and the trace why
// not.
func (c *Call) mayCall(device string) bool { return c.allowed(c.Program.Outward.Check(device)) }

// allowed reports whether nothing speaks against a call, and says in the log and the
// trace what does.
func (c *Call) allowed(reason error) bool {
	if reason == nil {
		return true
	}
	c.Logger.Warn("number is not allowed", "reason", reason)
	c.TraceValue("forbidden", reason.Error())
	return false
}

// number returns the number in a device that leads outside.
func (o Outward) number(device string) (number string, outside bool) {
	tech, rest, _ := strings.Cut(device, "/")
	rest, _, _ = strings.Cut(rest, ";")
	endpoint := rest
	if first, last, ok := strings.Cut(rest, "/"); ok { // PJSIP/carrier/sip:number@host
		endpoint = first
		number, _, _ = strings.Cut(last[strings.LastIndexByte(last, '/')+1:], "@")
		number = strings.TrimPrefix(strings.TrimPrefix(number, "sip:"), "sips:")
	} else if before, after, ok := strings.Cut(rest, "@"); ok { // PJSIP/number@carrier
		number, endpoint = before, after
	}
	// A pattern is one of channels, whose names go on behind the endpoint.
	for _, pattern := range o.Trunks {
		if fits(pattern, tech+"/"+endpoint) || fits(pattern, tech+"/"+endpoint+"-00000001") {
			return number, true
		}
	}
	return "", false
}

// checkDevice reports a device that may not be called, and one of which nothing bounds
// the number.
func checkDevice[T DialString | TransferTarget](d *lang.Decoder, device lang.Value[T]) {
	outward := namesOf(d).Outward
	if name, ok := device.Constant(); ok {
		if err := outward.Check(string(name)); err != nil {
			d.ErrorAt(device.Pos(), "forbidden-number", "%v", err)
		}
		return
	}
	if _, outside := outward.number(device.Sample("1")); outside && outward.Dialing == nil {
		d.WarnAt(device.Pos(), "unbounded-dialling", "nothing bounds which numbers this calls, and so what it costs").
			Hint("say under dialing which may be called, such as allow: [CH]")
	}
}
