package live_test

import (
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami/live"
)

func TestDirectionWhy(t *testing.T) {
	tests := []struct {
		name, script, direction, why string
		trunks                       []string
	}{
		{name: "no trunks", script: "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring", direction: live.Internal, why: "no trunks are configured"},
		{
			name: "in", trunks: []string{"PJSIP/x*", "pjsip/CARRIER*"}, script: "0 Newchannel ch=PJSIP/carrier-1 id=1 link=1 state=Ring",
			direction: live.In, why: "PJSIP/carrier-1 is a trunk by pjsip/CARRIER*",
		},
		{
			name: "out by Asterisk", trunks: []string{"PJSIP/carrier*"}, script: "0 Newchannel ch=PJSIP/carrier-1 id=1 link=1 state=Down",
			direction: live.Out, why: "Asterisk called PJSIP/carrier-1, a trunk by PJSIP/carrier*",
		},
		{
			name: "not yet", trunks: []string{"PJSIP/carrier*"}, script: "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring",
			direction: live.Internal, why: "PJSIP/1-1 is no trunk, and has dialled none",
		},
		{
			name: "out", trunks: []string{"PJSIP/carrier*"},
			script:    "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=PJSIP/carrier-2 destid=2",
			direction: live.Out, why: "PJSIP/1-1 dialled PJSIP/carrier-2, a trunk by PJSIP/carrier*",
		},
		{
			name: "inside", trunks: []string{"PJSIP/carrier*"},
			script:    "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=PJSIP/2-2 destid=2",
			direction: live.Internal, why: "neither PJSIP/1-1 nor PJSIP/2-2, which it dialled first, is a trunk",
		},
		{
			name: "out by a Local channel", trunks: []string{"PJSIP/carrier*"},
			script: "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=Local/0@x-1;1 destid=2\n" +
				"1 Newchannel ch=Local/0@x-1;2 id=3 link=1 state=Ring\n1 DialBegin ch=Local/0@x-1;2 id=3 link=1 dest=PJSIP/carrier-2 destid=4",
			direction: live.Out, why: "Local/0@x-1;2 dialled PJSIP/carrier-2, a trunk by PJSIP/carrier*",
		},
		{
			name: "inside by a Local channel", trunks: []string{"PJSIP/carrier*"},
			script: "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=Local/0@x-1;1 destid=2\n" +
				"1 Newchannel ch=Local/0@x-1;2 id=3 link=1 state=Ring\n1 DialBegin ch=Local/0@x-1;2 id=3 link=1 dest=PJSIP/2-2 destid=4",
			direction: live.Internal, why: "neither PJSIP/1-1 nor PJSIP/2-2, which it dialled first, is a trunk",
		},
		{
			name: "answered by what a Local channel leads to", trunks: []string{"PJSIP/carrier*"},
			script: "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=Local/0@x-1;1 destid=2\n" +
				"2 DialEnd ch=PJSIP/1-1 id=1 link=1 dest=Local/0@x-1;1 destid=2 status=ANSWER\n3 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=PJSIP/carrier-2 destid=4",
			direction: live.Internal, why: "PJSIP/1-1 is no trunk, and has dialled none",
		},
		{
			name: "a Local channel that is a trunk", trunks: []string{"Local/0@*"},
			script:    "0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring\n1 DialBegin ch=PJSIP/1-1 id=1 link=1 dest=Local/0@x-1;1 destid=2",
			direction: live.Out, why: "PJSIP/1-1 dialled Local/0@x-1;1, a trunk by Local/0@*",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := live.New(live.Options{Server: "pbx1", Trunks: test.trunks})
			play(t, m, test.script)
			if c := m.Calls()[0]; c.Direction != test.direction || c.DirectionWhy != test.why {
				t.Errorf("got %s: %s", c.Direction, c.DirectionWhy)
			}
		})
	}
}

// A call is started when its direction is known: what a Local channel leads to shows later.
func TestStartedByLocal(t *testing.T) {
	got := play(t, newModel(), `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring num=1 exten=0
		1 Newchannel ch=Local/0@x-1;1 id=2 link=1 state=Down
		1 Newchannel ch=Local/0@x-1;2 id=3 link=1 state=Ring
		1 DialBegin ch=PJSIP/1-1 id=1 link=1 num=1 dest=Local/0@x-1;1 destid=2
		2 Newchannel ch=PJSIP/carrier-2 id=4 link=1 state=Down
		2 DialBegin ch=Local/0@x-1;2 id=3 link=1 dest=PJSIP/carrier-2 destid=4
		3 DialState ch=PJSIP/1-1 id=1 link=1 num=1 dest=Local/0@x-1;1 destid=2 status=RINGING`, live.CallStarted, live.CallRinging)
	want(t, got, "call.started 1>0", "call.ringing 1>0 leg Local/0@x-1;1 dialled 0s")
	m := newModel()
	sub := m.Subscribe(1, live.CallStarted)
	defer sub.Close()
	play(t, m, `
		0 Newchannel ch=PJSIP/1-1 id=1 link=1 state=Ring num=1 exten=0
		1 DialBegin ch=PJSIP/1-1 id=1 link=1 num=1 dest=Local/0@x-1;1 destid=2
		1 Newchannel ch=Local/0@x-1;2 id=3 link=1 state=Ring
		2 DialBegin ch=Local/0@x-1;2 id=3 link=1 dest=PJSIP/carrier-2 destid=4`)
	if len(sub.C()) != 1 {
		t.Fatal("the call was not started")
	}
	if c := (<-sub.C()).Call; c.Direction != live.Out || c.Duration != 2*time.Second {
		t.Errorf("started as %+v", c)
	}
}
