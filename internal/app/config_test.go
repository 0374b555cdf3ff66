package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/internal/app"
)

func TestResolve(t *testing.T) {
	defaults := app.Settings{AGIListen: ":4573", LogLevel: "info"}
	for name, test := range map[string]struct {
		config string
		env    map[string]string
		want   app.Settings
	}{
		"empty":    {"", nil, defaults},
		"comments": {"agi:\n#  listen: :1\nhttp:\nlog:\nasterisk:\n", nil, defaults},
		"other keys": {
			"agi: { max_sessions: 5 }\nlog: { json: true }", nil,
			app.Settings{AGIListen: ":4573", MaxSessions: 5, LogLevel: "info", LogJSON: true},
		},
		"all": {`
agi: { listen: 127.0.0.1:1, max_sessions: 0 }
http: { listen: "[::1]:2" }
asterisk:
  two: { address: "pbx2:5038", username: "${env.USER}", secret: "a${env.SECRET}b" }
  one: { address: "${env.HOST}:5038", username: u, secret: "${env.SECRET}" }
log: { level: debug }
`, map[string]string{"USER": "pbxflow", "SECRET": "?", "HOST": "10.0.0.1"}, app.Settings{
			AGIListen: "127.0.0.1:1", HTTPListen: "[::1]:2", LogLevel: "debug",
			Asterisk: []app.Asterisk{
				{Name: "one", Address: "10.0.0.1:5038", Username: "u", Secret: "?"},
				{Name: "two", Address: "pbx2:5038", Username: "pbxflow", Secret: "a?b"},
			},
		}},
		"no HTTP by environment": {`http: { listen: "${env.HTTP}" }`, map[string]string{"HTTP": ""}, defaults},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustLoad(t, folder(map[string]string{"pbxflow.yaml": test.config, "a.yaml": ""}))
			got, err := a.Resolve("", test.env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("settings differ (-want +got):\n%s", diff)
			}
		})
	}
}

// An app without pbxflow.yaml has the defaults too.
func TestResolveWithoutConfig(t *testing.T) {
	got, err := mustLoad(t, folder(map[string]string{"a.yaml": ""})).Resolve("", nil)
	if want := (app.Settings{AGIListen: ":4573", LogLevel: "info"}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestResolveErrors(t *testing.T) {
	for name, test := range map[string]struct {
		config, other string
		env           map[string]string
		want          string
	}{
		"unset": {
			`asterisk: { a: { address: ":1", username: u, secret: "${env.AMI_SECRET}" } }`, "", nil,
			`pbxflow.yaml:1:57: the environment variable AMI_SECRET is not set`,
		},
		"unset in text": {
			`agi: { listen: "${env.HOST}:4573" }`, "", nil,
			`pbxflow.yaml:1:19: the environment variable HOST is not set`,
		},
		"unset in brackets": {
			`agi: { listen: "${env['HOST']}" }`, "", nil,
			`pbxflow.yaml:1:19: the environment variable HOST is not set`,
		},
		"the unset of two": {
			`agi: { listen: "${env.HOST + env.PORT}" }`, "",
			map[string]string{"HOST": "a"},
			`pbxflow.yaml:1:19: the environment variable PORT is not set`,
		},
		"bad address": {
			`agi: { listen: "${env.ADDR}" }`, "",
			map[string]string{"ADDR": "4573"},
			`pbxflow.yaml:1:19: wants an address as host:port, not "4573"`,
		},
		"empty address": {
			`agi: { listen: "${env.ADDR}" }`, "",
			map[string]string{"ADDR": ""},
			`pbxflow.yaml:1:19: wants an address as host:port, not ""`,
		},
		"bad address in text": {
			`agi: { listen: "${env.HOST}:${env.PORT}" }`, "",
			map[string]string{"HOST": "a", "PORT": "x"},
			`pbxflow.yaml:1:16: wants an address as host:port, not "a:x"`,
		},
		"all at once": {
			`asterisk: { a: { address: "${env.A}", username: "${env.B}", secret: "${env.C}" } }`,
			`notify: { one: { webhook: "${env.ONE}" }, two: { webhook: "${env.TWO}" } }`,
			map[string]string{"TWO": "ftp://x"},
			"a.yaml:1:30: the environment variable ONE is not set\n" +
				`a.yaml:1:59: "ftp://x" is not a web address` + "\n" +
				"pbxflow.yaml:1:30: the environment variable A is not set\n" +
				"pbxflow.yaml:1:52: the environment variable B is not set\n" +
				"pbxflow.yaml:1:72: the environment variable C is not set",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustLoad(t, folder(map[string]string{"pbxflow.yaml": test.config, "a.yaml": test.other}))
			_, err := a.Resolve("", test.env)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
