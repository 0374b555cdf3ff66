package catalog_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// streamConfig is a server on which much happens.
var streamConfig = asterisktest.Config{
	ManagerRead: "all", ManagerWrite: "all",
	Queues: `[answered]
strategy=ringall
timeout=5
autopause=no
member => Local/answers@phones

[ringing]
strategy=ringall
timeout=1
retry=1
member => Local/silent@phones

[waiting]
strategy=ringall
`,
	Files: map[string]string{
		"modules.conf":       everyModule,
		"sip.conf":           everyFile["sip.conf"],
		"iax.conf":           everyFile["iax.conf"],
		"cel.conf":           "[general]\nenable=yes\napps=all\nevents=all\n[manager]\nenabled=yes\n",
		"manager_local.conf": "[poor]\nsecret=poor\nread=system\nwrite=reporting\n[denied]\nsecret=denied\ndeny=0.0.0.0/0\n",
		"agents.conf":        "[general]\n[1001]\nfullname=Ann\n",
		"res_parking.conf":   "[general]\n[default]\nparkpos=>701-720\nparkext=>700\ncontext=parkedcalls\nparkingtime=2\ncomebacktoorigin=no\ncomebackcontext=main\n",
		"pjsip_local.conf": `[self]
type=aor
qualify_frequency=1
[gone]
type=aor
qualify_frequency=1
qualify_timeout=0.5
[me]
type=endpoint
aors=self
context=main
[other]
type=endpoint
aors=gone
context=main
auth=account
[account]
type=auth
auth_type=userpass
username=gone
password=secret
[upstream]
type=registration
server_uri=sip:127.0.0.1:9
client_uri=sip:gone@127.0.0.1
retry_interval=1
[friends]
type=resource_list
event=presence
list_item=ann
list_item=bob
`,
	},
	Dialplan: `[main]
exten => queue,1,Answer()
 same => n,Queue(answered,,,,10)
exten => unanswered,1,Answer()
 same => n,Queue(ringing,,,,5)
exten => abandoned,1,Answer()
 same => n,Queue(waiting)
exten => park,1,Answer()
 same => n,Park()
exten => conference,1,Answer()
 same => n,Set(CONFBRIDGE(user,talk_detection_events)=yes)
 same => n,ConfBridge(1)
exten => moh,1,Answer()
 same => n,MusicOnHold(default,1)
exten => mix,1,Answer()
 same => n,MixMonitor(mix.wav)
 same => n,Wait(4)
 same => n,StopMixMonitor()
exten => keys,1,Answer()
 same => n,Read(KEYS,,3,,,5)
exten => handlers,1,Set(CHANNEL(hangup_handler_push)=main,hangup,1)
 same => n,Set(CHANNEL(hangup_handler_push)=main,hangup,1)
 same => n,Set(CHANNEL(hangup_handler_pop)=)
 same => n,Answer()
 same => n,Wait(1)
exten => hangup,1,NoOp()
 same => n,Return()
exten => talk,1,Answer()
 same => n,Set(TALK_DETECT(set)=50)
 same => n,Wait(20)
exten => agi,1,Answer()
 same => n,AGI(agi:async)
exten => agent,1,Answer()
 same => n,AgentLogin(1001)
exten => dial,1,Dial(Local/speaker@phones/n,10)
exten => transferred,1,Dial(Local/stays@phones/n,10)
exten => optimized,1,Dial(Local/dial@main,10)
exten => busy,1,Dial(Local/busy@phones,10)
exten => picked,1,Dial(Local/ring@phones,10)
exten => pick,1,Answer()
 same => n,PickupChan(Local/ring,p)
exten => spy,1,Answer()
 same => n,ChanSpy(Local/stays,q)
exten => states,1,Set(DEVICE_STATE(Custom:lamp)=INUSE)
 same => n,Set(PRESENCE_STATE(CustomPresence:ann)=away,lunch,back soon)
 same => n,Set(CHANNEL(accountcode)=acme)
 same => n,Set(CALLERID(all)="O'Brien" <55501>)
 same => n,Set(CONNECTEDLINE(all)="Ann" <55502>)
 same => n,UserEvent(Lamp,Colour: red)
 same => n,Answer()
 same => n,Wait(1)
exten => voicemail,1,Answer()
 same => n,VoiceMail(1234@default,s)
exten => lamp,hint,Custom:lamp,CustomPresence:ann
exten => cel,1,Answer()
 same => n,CELGenUserEvent(mine,stuff)
 same => n,Set(CHANNEL(tenantid)=acme)
 same => n,CELGenUserEvent(mine,stuff)
exten => pattern,1,Answer()
 same => n,Wait(60)
exten => unpark,1,Answer()
 same => n,ParkedCall(default,701)

[from-carrier]
exten => sip,1,Answer()
 same => n,Echo()
` + asterisktest.Phone("answers", asterisktest.Answer(), asterisktest.Wait(3*time.Second)) +
		asterisktest.Phone("stays", asterisktest.Answer(), asterisktest.Wait(time.Hour)) +
		asterisktest.Phone("silent", asterisktest.Ring(time.Minute)) +
		asterisktest.Phone("presser", asterisktest.Answer(), asterisktest.Wait(time.Second), asterisktest.Press("12#"), asterisktest.Wait(2*time.Second)) +
		asterisktest.Phone("speaker", asterisktest.Answer(), asterisktest.Wait(time.Second), // until they listen
			asterisktest.Play("hello-world"), asterisktest.Wait(time.Second), asterisktest.Play("hello-world"), asterisktest.Wait(time.Second)) +
		asterisktest.Phone("impatient", asterisktest.Answer(), asterisktest.Wait(time.Second)),
}

// scenario makes a server raise events.
type scenario struct {
	pbx    *asterisktest.Instance
	client *ami.Client
	events *recorder
}

// run makes calls and sends actions, waits until those events were seen, each with
// some fields, and returns when all is over.
func (s scenario) run(ctx context.Context, t *testing.T, seen [][]string) {
	var calls sync.WaitGroup
	var dial sync.Mutex // a burst of calls would be refused by the manager's port
	for _, call := range []struct{ channel, exten string }{
		{"answers", "queue"},
		{"impatient", "abandoned"},
		{"stays", "unanswered"},
		{"answers", "park"},
		{"impatient", "park"},
		{"stays", "conference"},
		{"speaker", "conference"},
		{"answers", "moh"},
		{"stays", "mix"},
		{"presser", "keys"},
		{"answers", "handlers"},
		{"speaker", "talk"},
		{"stays", "agi"},
		{"answers", "agent"},
		{"answers", "dial"},
		{"stays", "optimized"},
		{"stays", "transferred"},
		{"answers", "busy"},
		{"answers", "picked"},
		{"answers", "spy"},
		{"answers", "states"},
		{"speaker", "voicemail"},
		{"answers", "cel"},
		{"stays", "pattern"},
	} {
		calls.Go(func() {
			dial.Lock()
			defer dial.Unlock()
			_, err := s.pbx.Originate(ctx, asterisktest.Call{Channel: "Local/" + call.channel + "@phones/n", Context: "main", Exten: call.exten})
			if err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	defer calls.Wait()
	calls.Go(func() {
		if _, err := s.pbx.SIPp(ctx, asterisktest.SIPCall{Exten: "sip", Digits: "1", Hold: 6 * time.Second}); err != nil {
			t.Error(err)
		}
	})
	s.askAll(ctx, t)
	s.actions(ctx, t)
	for _, e := range seen {
		if _, err := s.events.wait(ctx, e[0], e[1:]...); err != nil {
			t.Error(err)
		}
	}
	s.askMailbox(ctx, t)
	// Those who stay do so for as long as somebody needs them.
	if _, err := s.pbx.Console(ctx, "channel request hangup all"); err != nil {
		t.Error(err)
	}
	calls.Wait()
	if err := s.pbx.WaitIdle(ctx); err != nil {
		t.Error(err)
	}
}

// actions sends those that raise events. One may fail: the call is over.
func (s scenario) actions(ctx context.Context, t *testing.T) {
	do := func(name string, fields ...string) {
		a := ami.Action{Name: name}
		for i := 0; i < len(fields); i += 2 {
			a = a.With(fields[i], fields[i+1])
		}
		if _, err := s.client.Do(ctx, a); err != nil {
			t.Logf("%s: %v", name, err)
		}
	}
	do("QueueAdd", "Queue", "answered", "Interface", "Local/later@phones", "MemberName", "Later", "Paused", "true")
	do("QueuePause", "Queue", "answered", "Interface", "Local/later@phones", "Paused", "false", "Reason", "back")
	do("QueuePenalty", "Interface", "Local/later@phones", "Penalty", "3")
	do("QueueMemberRingInUse", "Interface", "Local/later@phones", "RingInUse", "no")
	do("QueueRemove", "Queue", "answered", "Interface", "Local/later@phones")
	do("UserEvent", "UserEvent", "Lamp", "Colour", "green")
	do("Originate", "Channel", "Local/none@nowhere", "Context", "main", "Exten", "moh", "Priority", "1", "Async", "true")
	do("ModuleLoad", "Module", "app_chanisavail.so", "LoadType", "unload")
	do("ModuleLoad", "Module", "app_chanisavail.so", "LoadType", "load")
	do("Reload", "Module", "app_queue.so")
	do("UpdateConfig", "SrcFilename", "pjsip_local.conf", "DstFilename", "pjsip_local.conf", "Reload", "res_pjsip.so",
		"Action-000000", "Append", "Cat-000000", "self", "Var-000000", "contact", "Value-000000", "sip:"+s.pbx.SIP,
		"Action-000001", "Append", "Cat-000001", "gone", "Var-000001", "contact", "Value-000001", "sip:127.0.0.1:9")
	do("LoggerRotate")
	do("Command", "Command", "logger reload")
	do("ConfbridgeLock", "Conference", "1")
	do("ConfbridgeUnlock", "Conference", "1")
	do("ConfbridgeMute", "Conference", "1", "Channel", "all")
	do("ConfbridgeUnmute", "Conference", "1", "Channel", "all")
	do("ConfbridgeStartRecord", "Conference", "1", "RecordFile", "conference.wav")
	do("ConfbridgeStopRecord", "Conference", "1")
	if e, err := s.events.wait(ctx, "MixMonitorStart"); err == nil {
		do("MixMonitorMute", "Channel", e.Get("Channel"), "Direction", "both", "State", "1")
	}
	if e, err := s.events.wait(ctx, "AsyncAGIStart"); err == nil {
		do("AGI", "Channel", e.Get("Channel"), "Command", "EXEC NoOp hello", "CommandID", "1")
		do("AGI", "Channel", e.Get("Channel"), "Command", "ASYNCAGI BREAK", "CommandID", "2")
	}
	for _, exten := range []string{"pick", "unpark"} {
		do("Originate", "Channel", "Local/impatient@phones/n", "Context", "main", "Exten", exten, "Priority", "1", "Async", "true")
	}
	if e, err := s.events.wait(ctx, "BridgeEnter", "Exten", "transferred"); err == nil {
		do("BlindTransfer", "Channel", e.Get("Channel"), "Context", "main", "Exten", "moh")
	}
	if _, err := s.events.wait(ctx, "PeerStatus", "Peer", "PJSIP/me", "PeerStatus", "Reachable"); err == nil {
		do("UpdateConfig", "SrcFilename", "pjsip_local.conf", "DstFilename", "pjsip_local.conf", "Reload", "res_pjsip.so",
			"Action-000000", "Update", "Cat-000000", "self", "Var-000000", "contact", "Value-000000", "sip:127.0.0.1:9")
	}
	for _, o := range []ami.Options{
		{Username: s.pbx.AMIUser, Secret: "wrong"},
		{Username: s.pbx.AMIUser, Secret: "wrong", PlainLogin: true},
		{Username: "nobody", Secret: "wrong"},
		{Username: "denied", Secret: "denied"},
	} {
		o.Addr = s.pbx.AMI
		if err := ami.New(o).Run(ctx); !errors.Is(err, ami.ErrLoginRefused) {
			t.Errorf("login as %s with %s: %v", o.Username, o.Secret, err)
		}
	}
}
