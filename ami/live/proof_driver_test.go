package live_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/ami"
)

// driver lets things happen at random.
type driver struct {
	t       testing.TB
	ctx     context.Context
	rng     *rand.Rand
	client  *ami.Client
	witness *witness
	phones  []*proofPhone
	started int
	newer   bool            // Asterisk has actions that 16 has not
	regain  func(why error) // blocks until Asterisk answers again
}

// proofPhone is a SIP phone and what it does.
type proofPhone struct {
	*sipPhone
	exten string // that it talks with; empty: none
	held  bool
	lost  bool // it has forgotten a call, which may go on in Asterisk
}

// asteriskLimit is how long Asterisk may take for an answer, or for its last channel to end,
// until it is taken to hang.
const asteriskLimit = 20 * time.Second

// do sends an action. That Asterisk refuses it is no fault: what it is about may be gone.
func (d *driver) do(name string, pairs ...string) {
	d.t.Helper()
	a := ami.Action{Name: name}
	for i := 0; i+1 < len(pairs); i += 2 {
		a = a.With(pairs[i], pairs[i+1])
	}
	var refused *ami.Error
	ctx, cancel := context.WithTimeout(d.ctx, asteriskLimit)
	defer cancel()
	_, err := d.client.Do(ctx, a)
	if err == nil || errors.As(err, &refused) {
		return
	}
	d.regain(fmt.Errorf("%s: %w", name, err))
}

// staff puts the members into the queues.
func (d *driver) staff() {
	for i := range proofAgents + proofLazy {
		queue := proofQueues[i%len(proofQueues)]
		d.do("QueueAdd", "Queue", queue, "Interface", member(i), "MemberName", fmt.Sprint("Member ", i), "Penalty", strconv.Itoa(i%2))
		if i%4 == 0 {
			d.do("QueueAdd", "Queue", proofQueues[(i+1)%len(proofQueues)], "Interface", member(i), "MemberName", fmt.Sprint("Member ", i))
		}
	}
}

// member returns the interface of a member of queues.
func member(i int) string {
	if i >= proofAgents {
		return fmt.Sprintf("Local/lazy%d@phones/n", i-proofAgents)
	}
	return fmt.Sprintf("Local/agent%02d@phones/n", i)
}

// any returns one of these at random.
func (d *driver) any(of ...string) string {
	if len(of) == 0 {
		return "none"
	}
	return of[d.rng.IntN(len(of))]
}

func (d *driver) channel() string { return d.any(d.witness.channels(false)...) }
func (d *driver) talker() string  { return d.any(d.witness.channels(true)...) }

// call starts a call.
func (d *driver) call() {
	exten := d.any("support", "support", "sales", "vip", "strict", "keys", "dial", "dial", "dial", "attended", "blind", "noanswer", "300",
		"flow", "park", "parkshort", "conf1", "conf2", "rec", "701", "702", "703", "704")
	phone := d.any("caller", "caller", "caller", "caller", "caller", "briefly")
	if exten == "keys" {
		phone = "presser"
	}
	d.originate(phone, "Context", "main", "Exten", exten, "Priority", "1")
}

func (d *driver) originate(phone string, pairs ...string) {
	d.started++
	id := fmt.Sprintf("proof-%d-%d", time.Now().UnixNano(), d.started)
	d.do("Originate", append([]string{
		"Channel", "Local/" + phone + "@phones/n", "CallerID", fmt.Sprintf(`"Caller, %d" <5550%03d>`, d.started, d.started%1000),
		"ChannelId", id, "OtherChannelId", id + "-2", "Async", "true",
	}, pairs...)...)
}

// deed is something that may happen; the more weight it has the more often it does.
type deed struct {
	weight int
	do     func(d *driver)
}

var deeds = []deed{
	{14, func(d *driver) { d.do("Hangup", "Channel", d.channel()) }},
	{4, func(d *driver) {
		d.do("Redirect", "Channel", d.channel(), "Context", "main", "Exten", d.any("flow", "support", "300", "conf1"), "Priority", "1")
	}},
	{5, func(d *driver) { d.do("Atxfer", "Channel", d.talker(), "Context", "main", "Exten", "300") }},
	{4, func(d *driver) {
		d.do("BlindTransfer", "Channel", d.talker(), "Context", "main", "Exten", d.any("300", "support", "park", "flow"))
	}},
	{3, func(d *driver) {
		d.do("Park", "Channel", d.talker(), "Parkinglot", d.any("default", "short"), "Timeout", d.any("1000", "3600000"))
	}},
	{2, func(d *driver) { d.bridge() }},
	{3, func(d *driver) { d.originate("caller", "Application", "ChanSpy", "Data", d.talker()+",uqE") }},
	{3, func(d *driver) { // who stops to listen, and stays
		d.originate("listener", "Context", "main", "Exten", "listen", "Priority", "1", "Variable", "TARGET="+d.talker())
	}},
	{2, func(d *driver) { d.do("MixMonitor", "Channel", d.talker(), "File", fmt.Sprintf("a%d.wav", d.started)) }},
	{2, func(d *driver) { d.do("StopMixMonitor", "Channel", d.talker()) }},
	{6, func(d *driver) {
		pairs := []string{"Interface", member(d.rng.IntN(proofAgents + proofLazy)), "Paused", d.any("true", "false", "false"), "Reason", d.any("lunch", "wrapup", "")}
		if d.rng.IntN(2) == 0 {
			pairs = append(pairs, "Queue", d.any(proofQueues...))
		}
		d.do("QueuePause", pairs...)
	}},
	{2, func(d *driver) {
		d.do("QueueRemove", "Queue", d.any(proofQueues...), "Interface", member(d.rng.IntN(proofAgents+proofLazy)))
	}},
	{3, func(d *driver) {
		i := d.rng.IntN(proofAgents + proofLazy)
		d.do("QueueAdd", "Queue", d.any(proofQueues...), "Interface", member(i), "MemberName", fmt.Sprint("Member ", i), "Paused", d.any("true", "false"))
	}},
	{1, func(d *driver) {
		d.do("QueuePenalty", "Interface", member(d.rng.IntN(proofAgents)), "Penalty", strconv.Itoa(d.rng.IntN(3)))
	}},
	{2, func(d *driver) {
		if d.newer {
			d.do("QueueWithdrawCaller", "Queue", d.any(proofQueues...), "Caller", d.channel())
		}
	}},
	{3, func(d *driver) {
		d.do(d.any("ConfbridgeMute", "ConfbridgeUnmute", "ConfbridgeKick"), "Conference", d.any("1", "2"), "Channel", d.talker())
	}},
	{2, func(d *driver) {
		d.do("Setvar", "Variable", "DEVICE_STATE(Custom:"+d.any("night", "door")+")", "Value", d.any("INUSE", "NOT_INUSE", "RINGING"))
	}},
	{8, (*driver).phone},
}

// step does one thing.
func (d *driver) step() {
	if calls := d.witness.calls(); calls < proofCalls && d.rng.IntN(2) == 0 {
		d.call()
		return
	}
	total := 0
	for _, x := range deeds {
		total += x.weight
	}
	n := d.rng.IntN(total)
	for _, x := range deeds {
		if n -= x.weight; n < 0 {
			x.do(d)
			return
		}
	}
}

// phone lets a SIP phone do something. Its call may have been ended meanwhile.
func (d *driver) phone() {
	p := d.phones[d.rng.IntN(len(d.phones))]
	var err error
	switch what := d.rng.IntN(4); {
	case p.exten == "" && what == 0:
		err = p.attempt("REGISTER", p.user, "", "Expires: "+d.any("3600", "0")) // none expires: the list forgets one before that is told
	case p.exten == "":
		p.exten = d.any("support", "dial", "300", "conf1", "flow")
		err = p.offer(p.exten, "sendrecv")
	case what == 0:
		err = p.attempt("BYE", p.exten, "")
		p.exten, p.held, p.toTag = "", false, ""
	default:
		p.held = !p.held
		direction := "sendrecv"
		if p.held {
			direction = "sendonly"
		}
		err = p.offer(p.exten, direction)
	}
	if err != nil {
		p.forget()
	}
}

// forget lets the phone begin anew: as far as it knows it is in no call.
func (p *proofPhone) forget() {
	p.exten, p.held, p.toTag = "", false, ""
	p.calls++
	p.lost = true
}

// bridge joins two callers. The halves of Local channels are left alone: Asterisk 16 crashes
// when one is bridged with the other.
func (d *driver) bridge() {
	var callers []string
	for _, name := range d.witness.channels(true) {
		if strings.HasPrefix(name, "Local/caller") && strings.HasSuffix(name, ";1") {
			callers = append(callers, name)
		}
	}
	if one, other := d.any(callers...), d.any(callers...); one != other {
		d.do("Bridge", "Channel1", one, "Channel2", other)
	}
}
