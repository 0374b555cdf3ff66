package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/xmldoc"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// everyModule loads what Debian builds, except what wants hardware or a server, or
// listens on a port that other instances want too.
const everyModule = `[modules]
autoload=yes
noload => app_voicemail_imap.so
noload => app_voicemail_odbc.so
noload => cel_odbc.so
noload => chan_alsa.so
noload => chan_console.so
noload => chan_mgcp.so
noload => chan_oss.so
noload => chan_phone.so
noload => chan_skinny.so
noload => chan_unistim.so
noload => chan_vpb.so
noload => pbx_dundi.so
noload => res_corosync.so
noload => res_timing_dahdi.so
`

// everyFile are the files that its modules need.
var everyFile = map[string]string{
	"modules.conf": everyModule,
	"sip.conf":     "[general]\nudpbindaddr=127.0.0.1:0\nregister => a:b@127.0.0.1:9\n[peer]\ntype=peer\nhost=127.0.0.1\nport=9\nqualify=yes\n",
	"iax.conf":     "[general]\nbindaddr=127.0.0.1\nbindport=0\nregister => a:b@127.0.0.1:9\n[peer]\ntype=peer\nhost=127.0.0.1\nport=9\n",
}

// notThere names, per sort, what is documented and the servers of these tests have not:
// a module that Debian does not build, packs elsewhere or that everyModule leaves out. A
// name may end with a star.
var notThere = map[string]string{
	"action": "DAHDI* PRI* SKINNY* Meetme* " + // hardware, or a fixed port
		"JabberSend MWI* Voicemail*",
	"application": "DAHDI* Flash MeetMe* SLA* AlarmReceiver Festival " +
		"AELSub IVRDemo Jabber* MailboxExists ODBCFinish OSP* SayCountedAdj SayCountedNoun SkelGuessNumber StatsD " +
		"VMAuthenticate VMSayName VoiceMail*",
	"function": "DAHDI_CHANNEL POLARITY MEETME_INFO DUNDI* " +
		"CALENDAR_* JABBER_* MAILBOX_EXISTS ODBC_FETCH PP_EACH_* SQL_ESC* VM_INFO",
}

// once are arguments that the oldest version wants and newer ones do not.
var once = []string{"AOCMessage Channel", "AOCMessage ChargeType", "PJSIPNotify Variable"}

// connect runs a client until the test ends.
func connect(t *testing.T, pbx *asterisktest.Instance, handler func(ami.Event)) *ami.Client {
	t.Helper()
	up := make(chan struct{}, 1)
	c := ami.New(ami.Options{
		Name: "pbx", Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret,
		Handler: handler,
		Logger:  hclog.New(&hclog.LoggerOptions{Output: t.Output()}),
		OnState: func(s ami.State, _ error) {
			if s == ami.Connected {
				up <- struct{}{}
			}
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
	})
	select {
	case <-up:
	case <-time.After(time.Minute):
		t.Fatal("no session within a minute")
	}
	return c
}

// server is a running Asterisk and its version.
type server struct {
	*ami.Client
	version, minor int
}

// later reports whether a release that first had something is later than the server.
func (s server) later(added []string) bool {
	return slices.ContainsFunc(added, func(release string) bool {
		minor, ok := strings.CutPrefix(release, strconv.Itoa(s.version)+".")
		n, err := strconv.Atoi(strings.TrimSuffix(minor, ".0"))
		return ok && err == nil && n > s.minor
	})
}

// command returns the lines that a command of the console prints.
func (s server) command(t *testing.T, line string) []string {
	t.Helper()
	r, err := s.Do(t.Context(), ami.Action{Name: "Command"}.With("Command", line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r.Output()
}

// What running servers have, and what they say of it, is what the catalogue says.
func TestRealCatalogue(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		version, err := strconv.Atoi(v.Name)
		if err != nil {
			t.Fatal(err)
		}
		pbx := start(asterisktest.Config{
			ManagerRead: "all", ManagerWrite: "all",
			Files: everyFile,
		})
		s := server{connect(t, pbx, func(ami.Event) {}), version, 0}
		tree, err := asterisktest.Install(t.Context(), v, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscanf(tree.Full, "Asterisk "+v.Name+".%d.", &s.minor); err != nil {
			t.Fatal(err)
		}
		t.Run("actions", s.actions)
		t.Run("events", s.events)
		t.Run("applications", s.applications)
		t.Run("functions", s.functions)
		t.Run("AGI commands", s.commands)
	})
}

// compare reports what only the server or only the catalogue has.
func (s server) compare(t *testing.T, sort string, server, ours []string) {
	t.Helper()
	if len(server) < 40 {
		t.Fatalf("the server has only %d of sort %s: is its answer read rightly?", len(server), sort)
	}
	for _, name := range server {
		if !slices.Contains(ours, name) {
			t.Errorf("%s %s of the server is unknown", sort, name)
		}
	}
	var missing []string
	for _, name := range ours {
		if !slices.Contains(server, name) && !matches(notThere[sort], name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		t.Errorf("of sort %s the server has not: %s", sort, strings.Join(missing, " "))
	}
}

// matches reports whether one of the patterns is the name, or its beginning and a star.
func matches(patterns, name string) bool {
	for p := range strings.SplitSeq(patterns, " ") {
		if start, ok := strings.CutSuffix(p, "*"); p == name || ok && strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

var (
	priv   = regexp.MustCompile(`\(Priv: ([a-z,<>]+)\)$`)
	header = regexp.MustCompile(`^(\[?)([A-Za-z0-9_()-]+):\]? <value>$`)
)

// headers reads the lines that show the syntax of an action or an event. With an
// action stand the events with which it answers: they are left out.
func headers(first string, lines []string) (names []string, optional map[string]bool) {
	optional = map[string]bool{}
	start := slices.Index(lines, first)
	for _, line := range lines[start+1:] {
		if line == "" {
			break
		}
		if m := header.FindStringSubmatch(line); m != nil && m[2] != "ActionID" {
			names = append(names, m[2])
			optional[m[2]] = m[1] == "["
		}
	}
	return names, optional
}

func (s server) actions(t *testing.T) {
	r, err := s.Do(t.Context(), ami.Action{Name: "ListCommands"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, value := range r.All() {
		m := priv.FindStringSubmatch(value)
		if m == nil {
			continue
		}
		names = append(names, name)
		a, ok := catalog.LookupAction(name)
		if !ok {
			continue // compare tells
		}
		rights := slices.DeleteFunc(strings.Split(m[1], ","), func(r string) bool { return r == "all" || r == "<none>" })
		slices.Sort(rights)
		if ours := slices.Sorted(slices.Values(a.Rights)); !slices.Equal(ours, rights) {
			t.Errorf("%s needs %v, not %v", name, rights, a.Rights)
		}
		shown, optional := headers("Action: "+name, s.command(t, "manager show command "+name))
		for _, argument := range shown {
			g, ok := a.Argument(argument)
			if !ok || !g.Versions.Has(s.version) || g.Required == optional[argument] && !(s.version == 16 && slices.Contains(once, name+" "+argument)) {
				t.Errorf("%s %s (optional: %v) is %+v", name, argument, optional[argument], g)
			}
		}
		for _, g := range a.Arguments {
			if g.Versions.Has(s.version) && !slices.ContainsFunc(shown, func(n string) bool { return strings.EqualFold(n, g.Name) }) {
				t.Logf("%s shows no %s", name, g.Name)
			}
		}
	}
	s.compare(t, "action", names, catalog.CompleteAction("", s.version))
}

func (s server) events(t *testing.T) {
	var names []string
	for _, line := range s.command(t, "manager show events")[2:] {
		names = append(names, strings.Fields(line)...)
	}
	for i, name := range names {
		e, ok := catalog.LookupEvent(name)
		if !ok {
			continue
		}
		names[i] = e.Name // "NewExten"
		shown, _ := headers("Event: "+name, s.command(t, "manager show event "+name))
		for _, field := range shown {
			field = strings.Replace(field, "ReportX", "Report0", 1)
			if f, ok := e.Field(field); !ok || !f.Versions.Has(s.version) {
				t.Errorf("%s %s is %+v", name, field, f)
			}
		}
	}
	s.compare(t, "event", names, names) // the catalogue knows more than the documentation
}

func (s server) applications(t *testing.T) {
	var names []string
	for _, line := range s.command(t, "core show applications")[1:] {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			names = append(names, name)
		}
	}
	s.compare(t, "application", names, catalog.CompleteApplication("", s.version))
}

func (s server) functions(t *testing.T) {
	var names []string
	for _, line := range s.command(t, "core show functions")[2:] {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] != "custom" {
			name, _, _ := strings.Cut(fields[1], "(") // the first column is cut at 20 characters
			names = append(names, name)
		}
	}
	ours := catalog.CompleteFunction("", s.version)
	s.compare(t, "function", names, slices.DeleteFunc(ours, func(name string) bool {
		f, _ := catalog.LookupFunction(name)
		return s.later(f.Added)
	}))
}

func (s server) commands(t *testing.T) {
	row := regexp.MustCompile(`^\s*(Yes|No)\s+(\S.*?)   `)
	var names []string
	for _, line := range s.command(t, "agi show commands") {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := strings.ToUpper(m[2])
		names = append(names, name)
		if c, _ := catalog.LookupCommand(name); c.Dead != (m[1] == "Yes") {
			t.Errorf("%s works after the hangup: %v", name, m[1])
		}
	}
	s.compare(t, "AGI command", names, catalog.CompleteCommand("", s.version))
}

// newer are parts of the table that the newest release of a version documents, and the
// packages of the tests do not.
var newer = map[int]string{
	16: "action Login *|application AMD audioFile|application ReceiveFAX *|application SendFAX *|" +
		"event BridgeMerge|event ConfbridgeListRooms|event DTMF*|event DeadlockStart|event Flash|event LogChannel|" +
		"event Meetme*|event MessageWaiting|event Rename|event Wink|function EXPORT|function GEOLOC_PROFILE *|" +
		"function LTRIM|function RTRIM|function SRVRESULT field|function TRIM",
	22: "event TransportDetail ExternalSignalingHostname",
}

// The generator, fed with what the servers bring, has nothing to add.
func TestRealDocumentation(t *testing.T) {
	text, err := os.ReadFile("documented.txt")
	if err != nil {
		t.Fatal(err)
	}
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		version, err := strconv.Atoi(v.Name)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := asterisktest.Install(t.Context(), v, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(tree.Root, "usr/share/asterisk/documentation/core-en_US.xml"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		documentation, err := xmldoc.Read(f, version)
		if err != nil {
			t.Fatal(err)
		}
		before, err := table.Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		after, lacking := table.Merge(before, documentation, version)
		_, rows, _ := strings.Cut(string(text), "\naction")
		want, got := strings.Split("action"+rows, "\n"), strings.Split(table.Format(after), "\n")
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("the table lacks %q", line)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d lines, want %d", len(want), len(got))
		}
		for _, what := range lacking {
			if !slices.ContainsFunc(strings.Split(newer[version], "|"), func(p string) bool { return matchesOne(p, what) }) {
				t.Errorf("not documented: %s", what)
			}
		}
	})
}

func matchesOne(pattern, name string) bool {
	start, ok := strings.CutSuffix(pattern, "*")
	return pattern == name || ok && strings.HasPrefix(name, start)
}
