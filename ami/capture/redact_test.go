package capture_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/capture"
)

func TestSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"Action: Login|Username: x|Secret: y":                           "Action: Login|Username: x|Secret: ***",
		"Action: Login|Key: 0123":                                       "Action: Login|Key: ***",
		"Event: DBGetResponse|Key: a|Val: b":                            "Event: DBGetResponse|Key: a|Val: b",
		"Event: VarSet|Variable: PIN|Value: 1234":                       "Event: VarSet|Variable: PIN|Value: ***",
		"Event: VarSet|Variable: __USER_PASSWORD|Value: x":              "Event: VarSet|Variable: __USER_PASSWORD|Value: ***",
		"Event: VarSet|Variable: PIN|Value: ":                           "Event: VarSet|Variable: PIN|Value: ",
		"Event: VarSet|Variable: PING|Value: 1":                         "Event: VarSet|Variable: PING|Value: 1",
		"Event: VarSet|Variable: COMPASS|Value: 1":                      "Event: VarSet|Variable: COMPASS|Value: 1",
		"Event: Newexten|Application: Set|AppData: PIN=12":              "Event: Newexten|Application: Set|AppData: PIN=***",
		"Event: Newexten|Application: MSet|AppData: A=1,userpin=2,B=3":  "Event: Newexten|Application: MSet|AppData: A=1,userpin=***,B=3",
		"Event: Newexten|Application: AGI|AppData: agi://h/x?token=a&b": "Event: Newexten|Application: AGI|AppData: agi://h/x?token=***&b",
		"Event: Newexten|Application: Authenticate|AppData: 1234,j":     "Event: Newexten|Application: Authenticate|AppData: ***,j",
		"Event: Newexten|Application: MeetMe|AppData: 1,x,77":           "Event: Newexten|Application: MeetMe|AppData: 1,x,***",
		"Event: Newchannel|ChanVariable(SIP/a-1): api_key=q":            "Event: Newchannel|ChanVariable(SIP/a-1): api_key=***",
		`Event: UserEvent|Body: {"password": "x y", "n": 1}`:            `Event: UserEvent|Body: {"password": "*** y", "n": 1}`,
		"Event: ChallengeResponseFailed|Response: abc|Challenge: 1":     "Event: ChallengeResponseFailed|Response: ***|Challenge: ***",
		"Response: Success|Message: token ring: up":                     "Response: Success|Message: token ring: up",
		"Event: X|CallerIDNum: 5550100":                                 "Event: X|CallerIDNum: 5550100",
	} {
		m := capture.NewRedactor(false).Message(message(in))
		if diff := cmp.Diff(strings.Split(want, "|"), strings.Split(strings.TrimSpace(m.String()), "\n")); diff != "" &&
			strings.TrimSpace(want) != strings.ReplaceAll(strings.TrimSpace(m.String()), "\n", "|") {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

// message makes a message of lines.
func message(lines string) ami.Message {
	var pairs []string
	for line := range strings.SplitSeq(lines, "|") {
		name, value, _ := strings.Cut(line, ": ")
		pairs = append(pairs, name, value)
	}
	return ami.NewMessage(pairs...)
}

func TestNumbers(t *testing.T) {
	r := capture.NewRedactor(true)
	value := func(name, value string) string {
		return r.Message(ami.NewMessage("Event", "X", name, value)).Get(name)
	}
	for _, same := range [][2]string{ // what tells nothing of people
		{"Uniqueid", "1795229978.12"},
		{"Uniqueid", "pbx1-1795229978.12"},
		{"Exten", "1234"},
		{"Timestamp", "1795229978.373316"},
		{"LastCall", "1795229914"},
		{"Channel", "PJSIP/alice-00000001"},
		{"Channel", "Local/qagent@test-0000012a;1"},
		{"CallerIDName", "<unknown>"},
		{"CallerIDName", ""},
		{"Queue", "support"},
	} {
		if got := value(same[0], same[1]); got != same[1] {
			t.Errorf("%s: %s became %s", same[0], same[1], got)
		}
	}
	number := value("CallerIDNum", "5550100")
	if len(number) != 7 || number == "5550100" || strings.Trim(number, "0123456789") != "" {
		t.Errorf("the number became %q", number)
	}
	for name, test := range map[string][2]string{ // the same number in other places
		"Channel":      {"PJSIP/5550100-0000001a", "PJSIP/" + number + "-0000001a"},
		"AppData":      {"PJSIP/5550100@trunk,30", "PJSIP/" + number + "@trunk,30"},
		"CallerIDName": {"5550100", number},
		"CallerID":     {`<5550100>`, `<` + number + `>`},
		"X":            {"+5550100 and 12", "+" + number + " and 12"},
		"File":         {"1795229978.12-5550100.wav", "1795229978.12-" + number + ".wav"},
		"Digit":        {"7", "0"},
	} {
		if got := value(name, test[0]); got != test[1] {
			t.Errorf("%s: %s became %s, want %s", name, test[0], got, test[1])
		}
	}
	ann := value("DestCallerIDName", "Ann O\\'Hara")
	if ann != value("ConnectedLineName", "Ann O\\'Hara") || ann == value("CallerIDName", "Bob") || strings.Contains(ann, "Ann") {
		t.Errorf("Ann became %q", ann)
	}
	if got := value("CallerID", `"Ann O\'Hara" <5550100>`); got != `"`+ann+`" <`+number+`>` {
		t.Errorf("a caller ID became %q", got)
	}
	m := r.Message(ami.NewMessage("Event", "X", "ChanVariable(PJSIP/5550100-00000001)", "a=b"))
	if got := m.At(1).Name; got != "ChanVariable(PJSIP/"+number+"-00000001)" {
		t.Errorf("a header's name became %q", got)
	}
	if capture.NewRedactor(true).Message(ami.NewMessage("A", "5550100")).Get("A") == number {
		t.Error("two captures have the same replacements")
	}
}

// TestNumbersDiffer replaces so many numbers of five digits that by chance alone some
// would become the same one.
func TestNumbersDiffer(t *testing.T) {
	r := capture.NewRedactor(true)
	seen := make(map[string]bool)
	for n := range 5000 {
		number := string([]byte{'0' + byte(n/10_000), '0' + byte(n/1000%10), '0' + byte(n/100%10), '0' + byte(n/10%10), '0' + byte(n%10)})
		seen[r.Message(ami.NewMessage("A", number)).Get("A")] = true
	}
	if len(seen) != 5000 {
		t.Errorf("5,000 numbers became %d", len(seen))
	}
}

// TestNumbersHidden has no half of a number survive but by chance.
func TestNumbersHidden(t *testing.T) {
	r := capture.NewRedactor(true)
	survived := 0
	for n := range 1000 {
		number := strconv.Itoa(41791234 + 7919*n)
		got := r.Message(ami.NewMessage("A", number)).Get("A")
		if strings.Contains(got, number[:4]) || strings.Contains(got, number[4:]) {
			survived++
		}
	}
	if survived > 30 {
		t.Errorf("a half of %d of 1,000 numbers survived", survived)
	}
}
