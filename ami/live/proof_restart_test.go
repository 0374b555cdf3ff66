package live_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
)

// restart ends Asterisk, at once or in order, and boots it again.
func (p *proof) restart(kill bool) {
	p.t.Helper()
	p.witness.mu.Lock()
	booted := p.witness.booted
	p.witness.mu.Unlock()
	if kill {
		p.pbx.Kill()
	}
	from := p.witness.last().Add(-time.Second / 2) // the last words need not reach both sessions
	if err := p.pbx.Restart(p.ctx); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	if err := p.witness.sees(ctx, func() bool { return p.witness.booted > booted }); err != nil {
		p.t.Fatal("no word of Asterisk after its start")
	}
	p.await("session", p.client.Connected)
	p.ends = append(p.ends, live.Outage{From: from, To: time.Now()})
	for _, phone := range p.phones {
		phone.forget()
		phone.lost = false
	}
	p.staff()
	for range proofCalls {
		p.call()
	}
}

// regain blocks until Asterisk answers the driver again. It drops a session that is slow on a
// busy machine. It also crashes now and then, or a part of it hangs, as one sees who asks past
// our client: that is one more restart.
func (p *proof) regain(why error) {
	p.t.Helper()
	for !p.client.Connected() {
		conn, err := net.Dial("tcp", p.pbx.AMI)
		if err != nil {
			p.t.Logf("Asterisk itself has crashed, and is booted again: %v", why)
			p.restart(false)
			return
		}
		conn.Close()
		ctx, cancel := context.WithTimeout(p.ctx, time.Second)
		// If there is none yet, it is asked again.
		_ = p.changed.until(ctx, p.client.Connected)
		cancel()
		if p.ctx.Err() != nil {
			p.t.Fatalf("the session does not come back: %v", why)
		}
	}
	if !errors.Is(why, context.DeadlineExceeded) && !errors.Is(why, ami.ErrDeadPeer) || p.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, asteriskLimit)
	defer cancel()
	if err := p.pbx.Answers(ctx, proofLists...); errors.Is(err, context.DeadlineExceeded) {
		p.t.Logf("Asterisk itself hangs, is killed and booted again: %v; asked by another session: %v", why, err)
		p.restart(true)
	}
}

// proofLists are what Asterisk answers as long as no part of it hangs.
var proofLists = []string{
	"CoreShowChannels", "BridgeList", "QueueStatus", "DeviceStateList", "PJSIPShowEndpoints", "PJSIPShowContacts", "ConfbridgeListRooms", "ParkedCalls",
}

// finish ends all calls, and wants nothing left, and the right things told.
func (p *proof) finish() {
	p.t.Helper()
	for idle := false; !idle; {
		idle = p.idle()
	}
	p.compare(9)
	for i := range proofAgents + proofLazy {
		p.do("QueuePause", "Interface", member(i), "Paused", "false")
		for _, queue := range proofQueues {
			p.do("QueueRemove", "Queue", queue, "Interface", member(i))
		}
	}
	p.freeze()
	s := p.model.Snapshot()
	// Asterisk forgets some bridges that nobody is in; its list has them too, as was seen.
	s.Bridges = slices.DeleteFunc(s.Bridges, func(b live.Bridge) bool { return len(b.Channels) == 0 })
	if left := leftOver(s); len(left) > 0 {
		p.t.Errorf("left over: %s", strings.Join(left, "\n"))
	}
	p.stop()
	p.checkStories()
}

// idle hangs all channels up, and reports whether none is left.
func (p *proof) idle() bool {
	p.t.Helper()
	p.hangup()
	ctx, cancel := context.WithTimeout(p.ctx, asteriskLimit)
	defer cancel()
	err := p.pbx.WaitIdle(ctx)
	switch {
	case err == nil:
		return true
	case p.ctx.Err() != nil:
		p.t.Fatal(err)
	case ctx.Err() != nil:
		p.t.Logf("a channel does not end; Asterisk is killed and booted again: %v", err)
		p.restart(true)
	default:
		p.do("Ping") // that boots an Asterisk again that has crashed
	}
	return false
}

func (p *proof) hangup() {
	for range 3 { // a call may begin another
		for _, name := range p.witness.channels(false) {
			p.do("Hangup", "Channel", name)
		}
	}
}
