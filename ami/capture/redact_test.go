package capture_test

import (
	"bytes"
	"errors"
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
		"Event: ChallengeResponseFailed|Response: abc|Challenge: 1":     "Event: ChallengeResponseFailed|Response: ***|Challenge: ***",
		"Response: Success|Message: token ring: up":                     "Response: Success|Message: token ring: up",

		// Names.
		"Event: AuthDetail|Md5Cred: 0123":                  "Event: AuthDetail|Md5Cred: ***",
		"Event: VarSet|Variable: DBPASS|Value: x":          "Event: VarSet|Variable: DBPASS|Value: ***",
		"Event: VarSet|Variable: BYPASS|Value: 1":          "Event: VarSet|Variable: BYPASS|Value: 1",
		"Event: VarSet|Variable: SIP_PWD|Value: x":         "Event: VarSet|Variable: SIP_PWD|Value: ***",
		"Event: VarSet|Variable: ACCESS_CODE|Value: 1":     "Event: VarSet|Variable: ACCESS_CODE|Value: ***",
		"Event: VarSet|Variable: AREA_CODE|Value: 1":       "Event: VarSet|Variable: AREA_CODE|Value: 1",
		"Event: VarSet|Variable: OTP|Value: 1":             "Event: VarSet|Variable: OTP|Value: ***",
		"Event: UserEvent|X-API-Key: 1":                    "Event: UserEvent|X-API-Key: ***",
		"Event: UserEvent|Authorization: Basic Zm9v":       "Event: UserEvent|Authorization: ***",
		"Response: Success|Variable: DB(a/pin)|Value: 1":   "Response: Success|Variable: DB(a/pin)|Value: ***",
		"Response: Success|Variable: DB(a/mypin)|Value: 1": "Response: Success|Variable: DB(a/mypin)|Value: ***",
		"Event: VarSet|Variable: PinNumber|Value: 1":       "Event: VarSet|Variable: PinNumber|Value: ***",
		"Event: DBGetResponse|Family: a|Key: pin|Val: 1":   "Event: DBGetResponse|Family: a|Key: pin|Val: ***",
		"Event: DBGetResponse|Family: pin|Key: ann|Val: 1": "Event: DBGetResponse|Family: pin|Key: ann|Val: ***",
		"Event: DBGetTreeResponse|Key: /a/pin|Val: 1":      "Event: DBGetTreeResponse|Key: /a/pin|Val: ***",

		// Assignments.
		"Event: Newexten|Application: Set|AppData: CONFBRIDGE(user,pin)=12":        "Event: Newexten|Application: Set|AppData: CONFBRIDGE(user,pin)=***",
		"Event: Newexten|Application: Set|AppData: DB(a/userpin)=12":               "Event: Newexten|Application: Set|AppData: DB(a/userpin)=***",
		"Event: Newexten|Application: Set|AppData: CURLOPT(userpwd)=a:b":           "Event: Newexten|Application: Set|AppData: CURLOPT(userpwd)=***",
		"Event: Newexten|Application: Set|AppData: PASSWORD=two words, and more":   "Event: Newexten|Application: Set|AppData: PASSWORD=***",
		"Event: Newexten|Application: Set|AppData: X=${IF($[1]?a:b)}":              "Event: Newexten|Application: Set|AppData: X=${IF($[1]?a:b)}",
		"Event: Newexten|Application: Set|AppData: H(h)=Authorization: Bearer a.b": "Event: Newexten|Application: Set|AppData: H(h)=Authorization: ***",
		"Event: Newexten|Application: X|AppData: --password=a --user=b":            "Event: Newexten|Application: X|AppData: --password=*** --user=b",
		"Event: Status|Variable: PIN=1,2":                                          "Event: Status|Variable: PIN=***",
		"Event: Hangup|ChanVariable: PIN=1,2":                                      "Event: Hangup|ChanVariable: PIN=***",
		`Event: UserEvent|Body: {"password": "x y", "n": 1}`:                       `Event: UserEvent|Body: {"password": "***", "n": 1}`,
		`Event: UserEvent|Body: {"password": "x\" y", "n": 1}`:                     `Event: UserEvent|Body: {"password": "***", "n": 1}`,
		`Event: UserEvent|Body: password='x y', n`:                                 `Event: UserEvent|Body: password='***', n`,
		`Event: UserEvent|Body: pin="12`:                                           `Event: UserEvent|Body: pin="***`,

		// Arguments of applications, and what stands in addresses.
		"Event: Newexten|Application: MYSQL|AppData: Connect id host user pw db": "Event: Newexten|Application: MYSQL|AppData: Connect id host user *** db",
		"Event: Newexten|Application: Dial|AppData: SIP/ann:pw@host/12,30":       "Event: Newexten|Application: Dial|AppData: SIP/ann:***@host/12,30",
		"Event: AGIExecStart|Command: EXEC MySQL \"Connect id h u pw db\"":       "Event: AGIExecStart|Command: EXEC MySQL \"Connect id h u *** db\"",
		"Event: Newexten|Application: AGI|AppData: agi://u:p@w@h/x":              "Event: Newexten|Application: AGI|AppData: agi://u:***@h/x",
		"Event: Newexten|Application: Dial|AppData: SIP/a:p@h&SIP/b:q@h":         "Event: Newexten|Application: Dial|AppData: SIP/a:***@h&SIP/b:***@h",
		"Event: DialBegin|DialString: ann:pw:md5:auth@host":                      "Event: DialBegin|DialString: ann:***@host",
		"Event: Newexten|Application: Dial|AppData: PJSIP/a/sip:ann@h:5060":      "Event: Newexten|Application: Dial|AppData: PJSIP/a/sip:ann@h:5060",
		"Event: DeviceStateChange|Device: MWI:12@default":                        "Event: DeviceStateChange|Device: MWI:12@default",
		"Event: ExtensionStatus|Hint: park:701@parkedcalls&Custom:a@b":           "Event: ExtensionStatus|Hint: park:701@parkedcalls&Custom:a@b",
		"Event: ContactStatus|URI: sip:ann:pw@10.0.0.1:5060":                     "Event: ContactStatus|URI: sip:ann:***@10.0.0.1:5060",
		"Event: Newexten|Application: AGI|AppData: agi://u:pw@h/x":               "Event: Newexten|Application: AGI|AppData: agi://u:***@h/x",
		"Event: AGIExecStart|Command: SET VARIABLE PIN \"1 2\"":                  "Event: AGIExecStart|Command: SET VARIABLE PIN ***",
		"Event: AGIExecStart|Command: set\tvariable  PIN\t12":                    "Event: AGIExecStart|Command: set\tvariable  PIN\t***",
		"Event: AGIExecStart|Command: SET VARIABLE A 12":                         "Event: AGIExecStart|Command: SET VARIABLE A 12",
		"Event: AGIExecStart|Command: database put a/pin ann 12":                 "Event: AGIExecStart|Command: database put a/pin ann ***",
		"Event: AGIExecStart|Command: EXEC Authenticate 12,j":                    "Event: AGIExecStart|Command: EXEC Authenticate ***,j",
		"Event: AGIExecStart|Command: EXEC Set PIN=12,3":                         "Event: AGIExecStart|Command: EXEC Set PIN=***",

		// Files and the console.
		"Response: Success|Line-000000-000001: secret=a;b c":                            "Response: Success|Line-000000-000001: secret=***",
		"Response: Success|Line-000000-000001: register=ann:pw@host/12":                 "Response: Success|Line-000000-000001: register=ann:***@host/12",
		"Response: Success|Line-000000-000001: 12=4242,Ann,ann@x.org":                   "Response: Success|Line-000000-000001: 12=***,Ann,ann@x.org",
		"Response: Success|Line-000000-000001: conf=12,42,43":                           "Response: Success|Line-000000-000001: conf=12,***",
		"Response: Success|Line-000000-000001: exten=12,1,Authenticate(42)":             "Response: Success|Line-000000-000001: exten=12,1,Authenticate(***)",
		`Response: Success|JSON: {"default":{"12":"4242,Ann","a":"5,b"}}`:               `Response: Success|JSON: {"default":{"12":"***,Ann","a":"5,b"}}`,
		"Response: Success|Output:   '12' => 1. Authenticate(42,j)  [pbx_config]":       "Response: Success|Output:   '12' => 1. Authenticate(***,j)  [pbx_config]",
		"Response: Success|Output:  3. Authenticate(42) ! [pbx_config]":                 "Response: Success|Output:  3. Authenticate(***) ! [pbx_config]",
		`Response: Success|JSON: {"rooms":{"conf":"12,4,5"}}`:                           `Response: Success|JSON: {"rooms":{"conf":"12,***"}}`,
		"Response: Success|Output:  3. Set(GLOBAL(PIN)=a, b)      [pbx_config]":         "Response: Success|Output:  3. Set(GLOBAL(PIN)=***)      [pbx_config]",
		"Response: Success|Line-000000-000001: same=n,Set(PIN=a, b)":                    "Response: Success|Line-000000-000001: same=n,Set(PIN=***)",
		"Response: Success|Output: SIP/a  12 Up Authenticate 42   00:00:00":             "Response: Success|Output: SIP/a  12 Up Authenticate ***   00:00:00",
		"Response: Success|Output: SIP/a!12!Up!MeetMe!1,x,42!!":                         "Response: Success|Output: SIP/a!12!Up!MeetMe!1,x,***!!",
		"Response: Success|Output: Authenticate a caller":                               "Response: Success|Output: Authenticate a caller",
		"Response: Success|Output: level 1: lastapp=DISA|Output: level 1: lastdata=4":   "Response: Success|Output: level 1: lastapp=DISA|Output: level 1: lastdata=***",
		"Response: Success|Output: 1. MeetMe(12,x,42)":                                  "Response: Success|Output: 1. MeetMe(12,x,***)",
		"Response: Success|Output:  Application: Authenticate|Output:         Data: 42": "Response: Success|Output:  Application: Authenticate|Output:         Data: ***",
		"Response: Success|Output: /users/ann/pin             : 42":                     "Response: Success|Output: /users/ann/pin             : ***",
		"Response: Success|Output:  password   : a b, c":                                "Response: Success|Output:  password   : ***",
		"Response: Success|Output:             secret  a b":                             "Response: Success|Output:             secret  ***",
		"Event: X|CallerIDNum: 5550100":                                                 "Event: X|CallerIDNum: 5550100",
	} {
		m := capture.NewRedactor(false).Message(message(in))
		if diff := cmp.Diff(strings.Split(want, "|"), strings.Split(strings.TrimSpace(m.String()), "\n")); diff != "" &&
			strings.TrimSpace(want) != strings.ReplaceAll(strings.TrimSpace(m.String()), "\n", "|") {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}

// TestSecretsEscaped has values as they come on the wire, with a stroke before each quote.
func TestSecretsEscaped(t *testing.T) {
	for in, want := range map[string]string{
		`Event: VarSet|Variable: BODY|Value: {\"password\": \"x y\", \"n\": 1}`: `Event: VarSet|Variable: BODY|Value: {\"password\": \"***\", \"n\": 1}`,
		`Event: VarSet|Variable: BODY|Value: pin=\'12\'`:                        `Event: VarSet|Variable: BODY|Value: pin=\'***\'`,
	} {
		var out bytes.Buffer
		w := capture.NewWriter(&out, capture.Options{})
		if err := errors.Join(w.Write(capture.Record{Raw: wire(in + "||")}), w.Close()); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(out.String(), "\r\nCaptureTime"); got != strings.ReplaceAll(want, "|", "\r\n") {
			t.Errorf("%s became %s", in, got)
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
	for _, person := range [][3]string{ // who stands where no caller ID does
		{"CEL", "CallerIDname", "Ann"},
		{"QueueMember", "Name", "Ann"},
		{"Agents", "Name", "Ann"},
		{"VoicemailUserEntry", "Fullname", "Ann"},
		{"VoicemailUserEntry", "Email", "Ann@example.org"},
		{"EndpointDetail", "Callerid", `"Ann" <200>`},
	} {
		if got := r.Message(ami.NewMessage("Event", person[0], person[1], person[2])).Get(person[1]); strings.Contains(got, "Ann") || got == "" {
			t.Errorf("%s %s: %s became %q", person[0], person[1], person[2], got)
		}
	}
	for _, key := range [][3]string{ // what Debian's Asterisk tells of the keys in a mailbox
		{"DTMF", "7", "0"},
		{"Message", "User pressed 7", "User pressed 0"},
	} {
		if got := r.Message(ami.NewMessage("Event", "TestEvent", key[0], key[1])).Get(key[0]); got != key[2] {
			t.Errorf("%s: %s became %s", key[0], key[1], got)
		}
	}
	if got := r.Message(ami.NewMessage("Event", "Parkinglot", "Name", "default")).Get("Name"); got != "default" {
		t.Errorf("a parking lot became %q", got)
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
