package pbxcheck_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
	"github.com/pbxflow/pbxflow/internal/pbxcheck"
)

func TestMain(m *testing.M) { asterisktest.Main(m) }

// wrong is an app that needs what the Asterisk below does not have, beside what it has.
const wrong = `
queues: { support: {}, suport: {} }
flows:
  main:
    - play: [hello, no-such-sound, /tmp/somewhere]
    - dial: [PJSIP/phone, PJSIP/phnoe, PJSIP/0441234567@carrier, PJSIP/1@trunk, Local/200@internal, Local/300@internal, Local/1@nowhere]
      music: calm
      on: { else: { goto: more } }
    - queue: support
      music: default
      announce: { position: 1m, hold_time: true, periodic: 30s }
      on: { else: hangup }
    - dialplan: internal,9911,1
  more:
    - dialplan: internl,100
      on: { missing: hangup }
  lonely:
    - park:
      on_error: hangup
    - conference: sales
      profile: leaders
      on: { else: { conference: all, profile: leader, on: { else: hangup } } }
rules:
  hangups: { on: Hangup, cooldown: 5m, do: { log: over } }
  varset: { on: VarSet, cooldown: 5m, do: { log: set } }
  kick: { on: Hold, cooldown: 5m, do: { hangup_channel: "${event.Channel}" } }
`

const realDialplan = `
[internal]
exten => 200,1,Answer()
exten => _99XX,1,Answer()
[main]
exten => 1,1,AGI(agi://127.0.0.1/main?x=1,arg)
 same => n,AGI(agi://127.0.0.1:4573/mian)
 same => n,AGI(agi://${HOST}/${FLOW})
 same => n,AGI(script.sh)
`

// realQueues has the settings of support in two templates, of which the second wins.
const realQueues = `
[calm](!)
announce-frequency = 90
announce-holdtime = once
[usual](!,calm)
announce-frequency = 60
[support](usual)
periodic-announce-frequency = 45
`

const configuration = "asterisk: { pbx1: { address: 'a:5038', username: tester, secret: '${env.S}' } }\n"

func load(t *testing.T, user string) *app.App {
	t.Helper()
	verbs, err := flows.NewVerbs()
	if err != nil {
		t.Fatal(err)
	}
	loaded, problems := app.Load(fstest.MapFS{
		"app.yaml": {Data: []byte(wrong)}, "pbxflow.yaml": {Data: []byte(strings.ReplaceAll(configuration, "tester", user))},
	}, verbs)
	if loaded == nil {
		t.Fatal(problems)
	}
	return loaded
}

func connect(t *testing.T, o ami.Options) *ami.Client {
	t.Helper()
	up := make(chan struct{}, 10)
	o.Name, o.Logger = "pbx1", hclog.New(&hclog.LoggerOptions{Output: t.Output()})
	o.OnState = func(s ami.State, _ error) {
		if s == ami.Connected {
			up <- struct{}{}
		}
	}
	client := ami.New(o)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- client.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the session ended with %v", err)
		}
	})
	select {
	case <-up:
	case <-time.After(time.Minute):
		t.Fatal("no session within a minute")
	}
	return client
}

func said(problems []string) string { return strings.Join(problems, "\n") }

// TestReal finds the mistakes of an app on a real Asterisk, once as a user who may do
// all and once as one who may do little.
func TestReal(t *testing.T) {
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		t.Parallel()
		pbx := start(asterisktest.Config{
			Dialplan: realDialplan, Queues: realQueues, ManagerRead: "call,agent", ManagerWrite: "system,command,reporting,config",
			Files: map[string]string{"confbridge.conf": "[leader]\ntype = user\nadmin = yes\n", "manager_local.conf": "[poor]\nsecret = poor\nread = call\nwrite = call\n"},
		})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		for user, want := range map[string]string{pbx.AMIUser: "rich", "poor": "poor"} {
			secret := pbx.AMISecret
			if user == "poor" {
				secret = "poor"
			}
			client := connect(t, ami.Options{Addr: pbx.AMI, Username: user, Secret: secret})
			problems, err := pbxcheck.Check(ctx, client, "pbx1", load(t, user))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(wants[want], said(got)); diff != "" {
				t.Errorf("as %s differs (-want +got):\n%s\n%s", want, diff, said(got))
			}
		}
	})
}

// wants are the problems, which are the same in all versions.
var wants = map[string]string{
	"rich": `app.yaml:2:24: there is no queue "suport" on pbx1 — did you mean "support"? If not, write into queues.conf: [suport] [pbx-queue]
app.yaml:5:21: warning: there is no sound "no-such-sound" in the index on pbx1 — put the file into the sound folder of a language, such as sounds/en; one that came after the start is found by: asterisk -rx 'module reload sounds' [pbx-sound]
app.yaml:5:36: warning: nobody can say whether there is a sound "/tmp/somewhere" on pbx1 — see that the file is there [pbx-not-asked]
app.yaml:6:27: there is no PJSIP endpoint "phnoe" on pbx1 — did you mean "phone"? If not, write into pjsip.conf: [phnoe] with type=endpoint [pbx-endpoint]
app.yaml:6:66: there is no PJSIP endpoint "trunk" on pbx1 — write into pjsip.conf: [trunk] with type=endpoint [pbx-endpoint]
app.yaml:6:101: the context internal has no extension 300 on pbx1 — write into extensions.conf, below [internal]: exten => 300,1,… [pbx-dialplan]
app.yaml:6:121: there is no context "nowhere" in the dialplan on pbx1 — write into extensions.conf: [nowhere] [pbx-dialplan]
app.yaml:7:14: there is no music class "calm" on pbx1 — write into musiconhold.conf: [calm] with mode=files and a directory [pbx-music]
app.yaml:9:7: this counts on periodic-announce-frequency=30, and queues.conf has periodic-announce-frequency=45 for the queue support on pbx1 — write into queues.conf, below [support]: periodic-announce-frequency=30 [pbx-announce]
app.yaml:15:17: there is no context "internl" in the dialplan on pbx1 — did you mean "internal"? If not, write into extensions.conf: [internl] [pbx-dialplan]
app.yaml:17:3: warning: nothing in the dialplan calls flow lonely on pbx1 — write into extensions.conf: same => n,AGI(agi://HOST/lonely) [pbx-not-called]
app.yaml:21:16: there is no profile "leaders" for those in a conference on pbx1 — did you mean "leader"? If not, write into confbridge.conf: [leaders] with type=user [pbx-profile]
app.yaml:25:11: the user does not get the event VarSet on pbx1 — write into manager.conf, in the user's section: read = dialplan [pbx-rights]
extensions.conf: main,1,2 calls AGI(agi://127.0.0.1:4573/mian), but there is no flow "mian" on pbx1 — did you mean "main"? If not, write the flow, or correct the address [pbx-flow]`,
	"poor": `app.yaml:2:24: there is no queue "suport" on pbx1 — did you mean "support"? If not, write into queues.conf: [suport] [pbx-queue]
pbxflow.yaml:1:13: warning: it was not asked which events the user gets on pbx1 — to have it asked, give the user in manager.conf: write = command [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked what queues announce on pbx1 — to have it asked, give the user in manager.conf: write = config [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked which PJSIP endpoints there are on pbx1 — to have it asked, give the user in manager.conf: write = system [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked what the dialplan holds on pbx1 — to have it asked, give the user in manager.conf: write = reporting [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked which applications there are on pbx1 — to have it asked, give the user in manager.conf: write = command [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked which music classes there are on pbx1 — to have it asked, give the user in manager.conf: write = command [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked which profiles conferences have on pbx1 — to have it asked, give the user in manager.conf: write = command [pbx-not-asked]
pbxflow.yaml:1:13: warning: it was not asked which sounds there are on pbx1 — to have it asked, give the user in manager.conf: write = command [pbx-not-asked]
pbxflow.yaml:1:13: the picture of what goes on needs the action CoreStatus, which the user may not use on pbx1 — write into manager.conf, in the user's section: write = system, or reporting [pbx-rights]
pbxflow.yaml:1:13: the picture of what goes on needs the action CoreShowChannels, which the user may not use on pbx1 — write into manager.conf, in the user's section: write = system, or reporting [pbx-rights]`,
}
