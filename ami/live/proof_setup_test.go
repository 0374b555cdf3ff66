package live_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

const (
	proofAgents = 24 // who take calls, and talk until somebody hangs up
	proofLazy   = 6  // who let it ring, and are paused for it
	proofPhones = 4  // of SIP
)

// proofQueues are those of the proof, but for the one that lets nobody in.
var proofQueues = []string{"support", "sales", "vip"}

// proofTrunks lead outside, as far as the model is told.
var proofTrunks = []string{"Local/briefly@*"}

// proofConfig is the Asterisk of the proof. All that goes on in it comes to rest when
// nobody does anything: calls wait for an hour, and who does not answer is paused.
func proofConfig() asterisktest.Config {
	second := asterisktest.Wait(time.Second)
	var dialplan, pjsip strings.Builder
	dialplan.WriteString(`
[main]
exten => _s[ua]!,1,Queue(${EXTEN})
 same => n,Wait(1)
exten => vip,1,Answer()
 same => n,Queue(vip,,,,3)
 same => n,Wait(1)
exten => strict,1,Queue(strict)
 same => n,Wait(1)
exten => keys,1,Queue(keys)
exten => dial,1,Set(__TRANSFER_CONTEXT=main)
 same => n,Dial(Local/friend@phones/n,,TtKk)
exten => attended,1,Set(__TRANSFER_CONTEXT=main)
 same => n,Dial(Local/boss@phones/n,,Tt)
exten => blind,1,Set(__TRANSFER_CONTEXT=main)
 same => n,Dial(Local/blinder@phones/n,,Tt)
exten => noanswer,1,Dial(Local/ring@phones/n,2)
exten => 300,1,Dial(Local/friend@phones/n,,Tt)
exten => flow,1,Answer()
 same => n,Wait(3600)
exten => park,1,Answer()
 same => n,Park(default)
exten => parkshort,1,Answer()
 same => n,Park(short)
 same => n,Wait(1)
exten => _7XX,1,ParkedCall(default,${EXTEN})
exten => _co[n]f.,1,Answer()
 same => n,ConfBridge(${EXTEN:4},,quiet)
exten => rec,1,Answer()
 same => n,MixMonitor(${UNIQUEID}.wav)
 same => n,Dial(Local/friend@phones/n,,Tt)
exten => listen,1,Answer()
 same => n,ChanSpy(${TARGET},uqEx(5))
 same => n,Wait(3600)
[out]
exten => 5,1,Wait(1)
[from-phone]
exten => _X.,1,Answer()
 same => n,Goto(main,${EXTEN},1)
exten => _[a-z].,1,Answer()
 same => n,Goto(main,${EXTEN},1)
`)
	hour := asterisktest.Wait(time.Hour)
	for name, steps := range map[string][]asterisktest.Step{
		"caller":   {asterisktest.Answer(), hour},
		"listener": {asterisktest.Answer(), second, asterisktest.Press("5w5w5"), hour},
		"friend":   {asterisktest.Answer(), hour},
		"briefly":  {asterisktest.Answer(), asterisktest.Wait(3 * time.Second)},
		"presser":  {asterisktest.Answer(), second, asterisktest.Press("5"), asterisktest.Wait(3 * time.Second)},
		"boss":     {asterisktest.Answer(), second, asterisktest.Press("*2"), asterisktest.Wait(500 * time.Millisecond), asterisktest.Press("300"), asterisktest.Wait(2 * time.Second)},
		"blinder":  {asterisktest.Answer(), second, asterisktest.Press("#1"), asterisktest.Wait(500 * time.Millisecond), asterisktest.Press("300"), hour},
	} {
		dialplan.WriteString(asterisktest.Phone(name, steps...))
	}
	dialplan.WriteString(asterisktest.Phone("_age[n]tX.", "Ringing()", asterisktest.Wait(300*time.Millisecond), asterisktest.Answer(), hour))
	dialplan.WriteString(asterisktest.Phone("_la[z]yX", "Ringing()", hour))
	for i := range proofPhones {
		fmt.Fprintf(&pjsip, "[phone%d]\ntype=endpoint\naors=phone%[1]d\ncontext=from-phone\ndisallow=all\nallow=ulaw\n[phone%[1]d]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n", i)
	}
	queue := "timeout=2\nretry=1\nautofill=yes\njoinempty=yes\nringinuse=no\nautopause=yes\n"
	return asterisktest.Config{
		Dialplan: dialplan.String(),
		Queues: "[support]\nstrategy=rrmemory\nservicelevel=5\n" + queue + "[sales]\nstrategy=ringall\nweight=2\n" + queue +
			"[vip]\nstrategy=linear\nmaxlen=20\n" + queue + "[strict]\njoinempty=no\n[keys]\njoinempty=yes\ncontext=out\n",
		Files: map[string]string{
			"features.conf":   "[general]\natxfernoanswertimeout=2\natxferloopdelay=1\ntransferdigittimeout=1\n[featuremap]\nblindxfer => #1\natxfer => *2\n",
			"confbridge.conf": "[general]\n[quiet]\ntype=user\nquiet=yes\n",
			"res_parking.conf": "[general]\n[default]\nparkext => 700\nparkpos => 701-760\ncontext => parkedcalls\nparkingtime => 3600\n" +
				"[short]\nparkext => 800\nparkpos => 801-860\ncontext => parkedcalls2\nparkingtime => 2\ncomebacktoorigin = no\ncomebackcontext = main\n",
			"pjsip_local.conf": pjsip.String(),
			// Nothing is lost of what the witness sees, however busy the machine is.
			"manager_local.conf": "[witness]\nsecret = witness\nread = all\nwrite = all\nwritetimeout = 60000\n",
		},
		ManagerRead: "all", ManagerWrite: "all",
	}
}
