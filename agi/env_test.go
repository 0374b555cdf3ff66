package agi

import (
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// asteriskEnv is what Asterisk 22 sends for AGI(agi://127.0.0.1/main/sales?lang=en&vip,first,).
const asteriskEnv = `agi_network: yes
agi_network_script: main/sales?lang=en&vip
agi_request: agi://127.0.0.1/main/sales?lang=en&vip
agi_channel: PJSIP/alice-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1763712000.1
agi_version: 22.10.1
agi_callerid: 5550100
agi_calleridname: Alice: "the" one
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: unknown
agi_rdnis: unknown
agi_context: default
agi_extension: s
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode: 
agi_threadid: 139882212259520
agi_arg_1: first
agi_arg_2: 

`

func newLineReader(r io.Reader) *lineReader {
	l := new(lineReader)
	l.init(r)
	return l
}

func nextReply(l *lineReader, hangup func()) (r Reply, err error) {
	err = l.reply(&r, hangup)
	return r, err
}

func parseEnv(t testing.TB, text string) (*Env, error) {
	t.Helper()
	l := newLineReader(strings.NewReader(text))
	defer l.release()
	env, err := readEnv(l)
	return &env, err
}

func TestEnv(t *testing.T) {
	env, err := parseEnv(t, asteriskEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, got, want string }{
		{"Request", env.Request(), "agi://127.0.0.1/main/sales?lang=en&vip"},
		{"Path", env.Path(), "/main/sales"},
		{"Channel", env.Channel(), "PJSIP/alice-00000001"},
		{"Language", env.Language(), "en"},
		{"Type", env.Type(), "PJSIP"},
		{"UniqueID", env.UniqueID(), "1763712000.1"},
		{"Version", env.Version(), "22.10.1"},
		{"CallerID", env.CallerID(), "5550100"},
		{"CallerIDName", env.CallerIDName(), `Alice: "the" one`},
		{"DNID", env.DNID(), ""},
		{"RDNIS", env.RDNIS(), ""},
		{"Context", env.Context(), "default"},
		{"Extension", env.Extension(), "s"},
		{"AccountCode", env.AccountCode(), ""},
		{"Get", env.Get("agi_rdnis"), "unknown"},
		{"Get nothing", env.Get("agi_nothing"), ""},
		{"Get arg", env.Get("agi_arg_1"), "first"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if got := env.Priority(); got != 2 {
		t.Errorf("got priority %d, want 2", got)
	}
	if d := cmp.Diff(env.Args(), []string{"first", ""}); d != "" {
		t.Errorf("args: got - want +\n%s", d)
	}
	if d := cmp.Diff(env.Query(), url.Values{"lang": {"en"}, "vip": {""}}); d != "" {
		t.Errorf("query: got - want +\n%s", d)
	}
	n := 0
	for range env.All() {
		n++
	}
	if n != 24 {
		t.Errorf("got %d values, want 24", n)
	}
}

func TestEnvOdd(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		key, want string
	}{
		{"newline in a value", "agi_arg_1: a\nb\nagi_x: y\n\n", "agi_arg_1", "a\nb"},
		{"newline in the last value", "agi_arg_1: a\nb\n\n", "agi_arg_1", "a\nb"},
		{"no space", "agi_a:b\n\n", "agi_a", "b"},
		{"no colon", "agi_a\n\n", "agi_a", ""},
		{"the first one counts", "agi_a: 1\nagi_a: 2\n\n", "agi_a", "1"},
		{"latin-1", "agi_calleridname: J\xfcrgen\n\n", "agi_calleridname", "J\xfcrgen"},
	} {
		env, err := parseEnv(t, tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		} else if got := env.Get(tt.key); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	var zero Env
	if zero.Path() != "/" || zero.Get("agi_channel") != "" || zero.Args() != nil || zero.Priority() != 0 || len(zero.Query()) != 0 {
		t.Error("the zero Env is not empty")
	}
}

func TestEnvPath(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"", "/"}, {"?a=b", "/"}, {"/x", "/x"}, {"a%20b", "/a b"}, {"a%zzb", "/a%zzb"}, {"a/b/", "/a/b/"},
	} {
		env, err := parseEnv(t, "agi_network_script: "+tt.script+"\n\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := env.Path(); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.script, got, tt.want)
		}
	}
}

func TestEnvRefused(t *testing.T) {
	tests := []struct {
		name, in string
		want     error
	}{
		{"web browser", "GET / HTTP/1.1\r\nHost: pbx\r\n\r\n", errBadEnv},
		{"short junk", "a: \n\n", errBadEnv},
		{"empty block", "\n\n", errBadEnv},
		{"too many lines", strings.Repeat("agi_x: y\n", maxEnvLines+1) + "\n", errBadEnv},
		{"too long", "agi_x: " + strings.Repeat("y", maxEnvBytes) + "\n\n", errLineTooLong},
		{"too much", strings.Repeat("agi_x: "+strings.Repeat("y", 1000)+"\n", 100) + "\n", errLineTooLong},
		{"closed at once", "", io.EOF},
		{"closed in between", "agi_x: y\n", io.EOF},
	}
	for _, tt := range tests {
		if _, err := parseEnv(t, tt.in); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// The many arguments that Asterisk can send are within the limits.
func TestEnvManyArgs(t *testing.T) {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(asteriskEnv, "agi_arg_1: first\nagi_arg_2: \n\n"))
	for i := range 127 {
		b.WriteString("agi_arg_" + strconv.Itoa(i+1) + ": x\n")
	}
	b.WriteString("\n")
	env, err := parseEnv(t, b.String())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(env.Args()); got != 127 {
		t.Errorf("got %d args, want 127", got)
	}
}
