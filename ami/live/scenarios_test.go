package live_test

import (
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// scenarioConfig is the Asterisk on which the scenarios are played.
func scenarioConfig() asterisktest.Config {
	return asterisktest.Config{
		Dialplan: `
[main]
exten => attended,1,Set(__TRANSFER_CONTEXT=main)
 same => n,Dial(Local/boss@phones/n,,Tt)
exten => blind,1,Set(__TRANSFER_CONTEXT=main)
 same => n,Dial(Local/blinder@phones/n,,Tt)
exten => 300,1,Dial(Local/carol@phones/n)
exten => dial,1,Dial(Local/friend@phones/n)
exten => rings,1,Dial(Local/lazy@phones/n)
exten => speaks,1,Dial(Local/loud@phones/n)
exten => pickup,1,PickupChan(${TARGET})
exten => park,1,Answer()
 same => n,Park(default)
exten => parkshort,1,Answer()
 same => n,Park(short)
 same => n,Wait(1)
exten => get,1,ParkedCall(default,701)
exten => conf,1,Answer()
 same => n,ConfBridge(77,,quiet)
exten => spy,1,ChanSpy(${TARGET},uqE)
exten => heard,1,Answer()
 same => n,Wait(20)
exten => extenspy,1,ExtenSpy(heard@main,qE)
exten => rec,1,Answer()
 same => n,MixMonitor(live.wav)
 same => n,Wait(20)
exten => vm,1,Answer()
 same => n,Wait(0.5)
 same => n,VoiceMail(100@default,s)
exten => support,1,Queue(support)
exten => refused,1,Queue(strict)
 same => n,Wait(1)
exten => careful,1,Queue(careful)
exten => busy,1,Queue(busy)
exten => local,1,Answer()
 same => n,Dial(Local/busy@main)
exten => _keys.,1,SendDTMF(${EXTEN:4})
 same => n,Wait(20)
[accept]
exten => s,1,Wait(2.5)
 same => n,Return()
[from-phone]
exten => 300,1,Answer()
 same => n,Dial(Local/friend@phones/n)
` +
			asterisktest.Phone("boss", asterisktest.Answer(), asterisktest.Wait(20*time.Second)) +
			asterisktest.Phone("blinder", asterisktest.Answer(), asterisktest.Wait(20*time.Second)) +
			asterisktest.Phone("carol", "Ringing()", asterisktest.Wait(300*time.Millisecond), asterisktest.Answer(), asterisktest.Wait(4*time.Second)) +
			asterisktest.Phone("friend", asterisktest.Answer(), asterisktest.Wait(20*time.Second)) +
			asterisktest.Phone("caller", asterisktest.Answer(), asterisktest.Wait(30*time.Second)) +
			asterisktest.Phone("briefly", asterisktest.Answer(), asterisktest.Wait(2*time.Second)) +
			asterisktest.Phone("agent", "Ringing()", asterisktest.Wait(300*time.Millisecond), asterisktest.Answer(), asterisktest.Wait(2*time.Second)) +
			asterisktest.Phone("lazy", "Ringing()", asterisktest.Wait(20*time.Second)) +
			asterisktest.Phone("loud", asterisktest.Answer(), "Milliwatt()") +
			asterisktest.Phone("talker", asterisktest.Answer(), asterisktest.HangupAfter(5*time.Second), "Milliwatt()"),
		Queues: "[support]\nstrategy=linear\ntimeout=1\nretry=1\nautofill=yes\njoinempty=yes\n[sales]\njoinempty=yes\n[strict]\njoinempty=no\n" +
			"[careful]\njoinempty=yes\nmembergosub=accept\n[busy]\nautofill=yes\njoinempty=yes\n",
		Files: map[string]string{
			"features.conf":   "[general]\nfeaturedigittimeout = 20000\ntransferdigittimeout = 20\n[featuremap]\nblindxfer => #1\natxfer => *2\n",
			"confbridge.conf": "[general]\n[quiet]\ntype=user\nquiet=yes\n",
			"res_parking.conf": "[general]\n[default]\nparkext => 700\nparkpos => 701-720\ncontext => parkedcalls\nparkingtime => 45\n" +
				"[short]\nparkext => 800\nparkpos => 801-820\ncontext => parkedcalls2\nparkingtime => 2\ncomebacktoorigin = no\ncomebackcontext = main\n",
			"voicemail.conf": "[general]\nformat=wav\nminsecs=0\nmaxsilence=10\n[default]\n100 => ,Ann\n",
			"pjsip_local.conf": "[gone]\ntype=endpoint\naors=gone\ncontext=from-phone\n[gone]\ntype=aor\ncontact=sip:gone@127.0.0.1:9\n" +
				"qualify_frequency=1\nqualify_timeout=0.2\n",
		},
		ManagerRead: "all", ManagerWrite: "all",
	}
}

var (
	calls     = []string{live.CallStarted, live.CallRinging, live.CallAnswered, live.CallHeld, live.CallUnheld, live.CallTransferred, live.CallEnded}
	parking   = []string{live.ParkParked, live.ParkTimeout, live.ParkRetrieved, live.ParkAbandoned}
	listening = []string{live.SpyStarted, live.SpyStopped}
)

var scenarios = []scenario{
	{
		name: "attended", events: calls,
		play: func(d *desk) {
			d.call("caller", "attended")
			d.talk(1)
			d.press("Local/boss", "*2")
			d.await(live.CallHeld)
			d.press("Local/boss", "300")
			d.talk(2) // boss and a Local channel, that and the phone
			d.hangup(d.channel("Local/boss").Name)
			d.await(live.CallTransferred)
			d.fence()
			d.late()
		},
		want: []string{
			"call.started 5550100>caller", "call.answered 5550100>caller",
			"call.held 5550100>caller leg Local/boss@phones;1 dialled 0s",
			"call.transferred 5550100>caller 1 attended by attended Local/boss@phones;1: 5550100 Local/caller@phones;1 to Local/300@main;1",
			"call.unheld 5550100>caller leg Local/boss@phones;1 dialled 4s",
			"call.ended 5550100>caller",
		},
	},
	{
		name: "blind", events: calls,
		play: func(d *desk) {
			d.call("caller", "blind")
			d.talk(1)
			d.press("Local/blinder", "#1")
			d.await(live.CallHeld)
			d.press("Local/blinder", "300")
			d.await(live.CallTransferred)
		},
		want: []string{
			"call.started 5550100>caller", "call.answered 5550100>caller",
			"call.held 5550100>caller leg Local/blinder@phones;1 dialled 0s",
			"call.unheld 5550100>caller leg Local/blinder@phones;1 dialled 2s",
			"call.transferred 5550100>caller 1 blind by blind Local/blinder@phones;1: 5550100 Local/caller@phones;1 to 300",
			"call.ended 5550100>caller",
		},
	},
	{
		name: "merge", events: calls,
		play: func(d *desk) {
			first := d.call("caller", "dial")
			d.await(live.CallAnswered)
			second := d.call("caller", "dial")
			d.await(live.CallAnswered)
			one, other := "", ""
			for _, ch := range d.model.Channels() {
				switch ch.Uniqueid {
				case first:
					one = ch.Name
				case second:
					other = ch.Name
				}
			}
			d.talk(2) // who is still on the way into a bridge would be taken out of Dial
			d.do("Bridge", "Channel1", one, "Channel2", other)
			d.fence()
			d.late()
		},
		want: []string{
			"call.started 5550100>caller", "call.answered 5550100>caller", "call.started 5550100>caller", "call.answered 5550100>caller",
			"call.ended 5550100>caller", "call.ended 5550100>caller",
		},
	},
	{
		name: "ringing", events: calls,
		play: func(d *desk) { d.call("caller", "300"); d.await(live.CallAnswered); d.late() },
		want: []string{
			"call.started 5550100>caller", "call.ringing 5550100>caller leg Local/carol@phones;1 dialled 0s",
			"call.answered 5550100>caller", "call.ended 5550100>caller",
		},
	},
	{
		name: "pickup", events: calls, sorted: true,
		play: func(d *desk) {
			d.call("caller", "rings")
			d.await(live.CallRinging)
			d.call("caller", "pickup", "TARGET", d.channel("Local/lazy").Name)
			d.await(live.CallAnswered)
			d.until(func() bool { return len(d.model.Channels()) == 4 })
			d.hangup(d.channel("Local/caller").Name)
			d.await(live.CallEnded)
		},
		want: []string{
			"call.answered 5550100>caller", "call.ended 5550100>caller", "call.ended 5550100>caller",
			"call.ringing 5550100>caller leg Local/lazy@phones;1 dialled 0s", "call.started 5550100>caller", "call.started 5550100>caller",
		},
	},
	{
		name: "park", events: parking,
		play: func(d *desk) {
			d.call("caller", "park")
			d.await(live.ParkParked)
			d.fence()
			d.late()
			d.call("briefly", "get")
			d.await(live.ParkRetrieved)
		},
		want: []string{
			"park.parked 5550100>caller default 701 45s by Local/caller@phones",
			"park.retrieved 5550100>caller default 701 45s by Local/caller@phones to Local/briefly@phones;1",
		},
	},
	{
		name: "park-timeout", events: parking,
		play: func(d *desk) { d.call("caller", "parkshort"); d.await(live.ParkTimeout) },
		want: []string{
			"park.parked 5550100>caller short 801 2s by Local/caller@phones",
			"park.timeout 5550100>caller short 801 2s by Local/caller@phones",
		},
	},
	{
		name: "park-abandoned", events: parking,
		play: func(d *desk) { d.call("briefly", "park"); d.await(live.ParkAbandoned) },
		want: []string{
			"park.parked 5550100>briefly default 701 45s by Local/briefly@phones",
			"park.abandoned 5550100>briefly default 701 45s by Local/briefly@phones",
		},
	},
	{
		name: "spy", events: listening,
		play: func(d *desk) {
			d.call("caller", "dial")
			d.await(live.CallAnswered)
			d.call("caller", "spy", "TARGET", d.channel("Local/friend").Name)
			d.await(live.SpyStarted)
			if l := d.model.ListenIns(); len(l) != 1 || !strings.HasPrefix(l[0].Target, "Local/friend") {
				d.t.Errorf("listen-ins %+v", l)
			}
			d.fence()
			d.late()
			d.do("Hangup", "Channel", d.channel("Local/friend").Name)
			d.await(live.SpyStopped)
		},
		want: []string{
			"spy.started 5550100>caller Local/caller@phones;1 hears Local/friend@phones;1",
			"spy.stopped 5550100>caller Local/caller@phones;1 hears Local/friend@phones;1",
		},
	},
	{
		name: "exten-spy", events: listening,
		play: func(d *desk) {
			d.call("caller", "heard")
			d.call("caller", "extenspy")
			d.await(live.SpyStarted)
			d.fence()
			d.late()
			d.hangup(d.channel("Local/caller").Name)
			d.await(live.SpyStopped)
		},
		want: []string{
			"spy.started 5550100>caller Local/caller@phones;1 hears Local/caller@phones;1",
			"spy.stopped 5550100>caller Local/caller@phones;1 hears Local/caller@phones;1",
		},
	},
	{
		name: "hold", events: calls,
		play: func(d *desk) {
			phone := newSIPPhone(d.t, d.pbx.SIP, "phone")
			phone.call("300")
			d.await(live.CallAnswered)
			phone.hold("300", true)
			held := d.await(live.CallHeld)
			if !held.Call.Held || held.Leg.Role != live.RoleCaller {
				d.t.Errorf("held %+v", held.Call)
			}
			phone.hold("300", false)
			d.await(live.CallUnheld)
			phone.hold("300", true)
			d.await(live.CallHeld)
			phone.hangup("300")
			d.await(live.CallEnded)
		},
		want: []string{
			"call.started phone>300", "call.answered phone>300",
			"call.held phone>300 leg PJSIP/phone caller 0s", "call.unheld phone>300 leg PJSIP/phone caller 0s",
			"call.held phone>300 leg PJSIP/phone caller 0s", "call.unheld phone>300 leg PJSIP/phone caller 0s",
			"call.ended phone>300",
		},
	},
	{
		name: "conference", events: calls,
		play: func(d *desk) {
			for range 2 {
				d.call("caller", "conf")
				d.await("ConfbridgeJoin")
			}
			d.do("ConfbridgeMute", "Conference", "77", "Channel", d.channel("Local/caller").Name)
			d.await("ConfbridgeMute")
			d.until(func() bool { // a ConfbridgeJoin may have overtaken its channel, and waits for that
				c := d.model.Conferences()
				return len(c) == 1 && len(c[0].Participants) == 2 && c[0].Participants[0].Muted
			})
			d.late()
		},
		want: []string{
			"call.started 5550100>caller", "call.started 5550100>caller", "call.ended 5550100>caller", "call.ended 5550100>caller",
		},
	},
	{
		name: "recording", events: calls,
		play: func(d *desk) {
			d.call("caller", "rec")
			d.await("MixMonitorStart")
			d.until(func() bool {
				r := d.model.Recordings()
				return len(r) == 1 && strings.HasSuffix(r[0].File, "/live.wav")
			})
			caller := d.channel("Local/caller").Name
			d.do("StopMixMonitor", "Channel", caller)
			d.until(func() bool { return len(d.model.Recordings()) == 0 })
			d.hangup(caller)
			d.await(live.CallEnded)
		},
		want: []string{"call.started 5550100>caller", "call.ended 5550100>caller"},
	},
	{
		// Debian's Asterisk 16 has another module for it, which we do not load.
		name: "voicemail", events: []string{live.VoicemailLeft, live.CDRWritten}, sorted: true, only: "22",
		play: func(d *desk) { d.call("talker", "vm"); d.await(live.VoicemailLeft) },
		want: []string{
			"cdr.written 5550100>talker Milliwatt ANSWERED", "cdr.written 5550100>vm VoiceMail ANSWERED",
			"voicemail.left 100@default new=1 from 5550100",
		},
	},
	{
		name: "endpoint", events: []string{live.EndpointChanged},
		play: func(d *desk) {
			phone := newSIPPhone(d.t, d.pbx.SIP, "phone")
			phone.register(60)
			d.await(live.EndpointChanged)
			d.late()
			phone.register(0)
			d.await(live.EndpointChanged)
		},
		want: []string{"endpoint.changed PJSIP/phone registered 1", "endpoint.changed PJSIP/phone offline 0"},
	},
}
