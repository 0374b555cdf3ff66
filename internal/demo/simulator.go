package main

import (
	"context"
	"net"
	"strings"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/ami/amitest"
	"github.com/pbxflow/pbxflow/internal/stage"
)

// simulator plays Asterisk from transcripts, with a manager in memory.
type simulator struct {
	agi     string
	manager *amitest.Server
	addr    string
}

func newSimulator(agi string) (asterisk, error) {
	s := &simulator{agi: agi, manager: amitest.New()}
	s.manager.Answer("CoreStatus", "Response", "Success", "CoreStartupDate", "2026-01-01", "CoreStartupTime", "10:00:00")
	s.manager.AnswerList("CoreShowChannels")
	s.manager.AnswerList("QueueStatus")
	var err error
	s.addr, err = s.manager.Listen()
	return s, err
}

func (s *simulator) ami() (addr, user, secret string) {
	return s.addr, s.manager.Username, s.manager.Secret
}

func (s *simulator) keep() string { return "" }

func (s *simulator) close() error { return s.manager.Close() }

func (s *simulator) calls() []call {
	return []call{
		{"A caller presses 2 and is connected with an agent of support.", "", func(ctx context.Context) error {
			return s.play(ctx, answeredCall)
		}},
		{"A caller presses 1, waits in sales where nobody answers, and gives up: the rule missed-call sends a notice.", "missed-call", func(ctx context.Context) error {
			if err := s.manager.AwaitClients(ctx, 1); err != nil {
				return err
			}
			for event := range strings.SplitSeq(strings.TrimSpace(missedCallEvents), "\n\n") {
				var pairs []string
				for line := range strings.Lines(event) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
					pairs = append(pairs, name, value)
				}
				s.manager.Emit(pairs[1], pairs[2:]...)
			}
			return s.play(ctx, missedCall)
		}},
	}
}

// play plays one call to the server.
func (s *simulator) play(ctx context.Context, transcript string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.agi)
	if err != nil {
		return err
	}
	return agitest.Play(ctx, conn, transcript)
}

const callBegins = `
	env agi_request: agi://127.0.0.1/main
	env agi_extension: ` + stage.Number + `
	env agi_dnid: ` + stage.Number + `
	env agi_callerid: 0441234567
	> ANSWER
	< 200 result=0
	> STREAM FILE "hello" ""
	< 200 result=0 endpos=6400
	> GET OPTION "basic-pbx-ivr-main" "0123456789*#" "5000"
	. 1s
`

const answeredCall = callBegins + `
	< 200 result=50 endpos=8000
	> SET VARIABLE "QUEUESTATUS" ""
	< 200 result=1
	> SET VARIABLE "MEMBERINTERFACE" ""
	< 200 result=1
	> SET VARIABLE "QEHOLDTIME" ""
	< 200 result=1
	> SET VARIABLE "CHANNEL(musicclass)" "default"
	< 200 result=1
	> SET VARIABLE "QUEUE_PRIO" "0"
	< 200 result=1
	> EXEC "Queue" "support,c,,,120"
	. 2s
	< 200 result=0
	> GET VARIABLE "QUEUESTATUS"
	< 200 result=1 (CONTINUE)
	> GET VARIABLE "MEMBERINTERFACE"
	< 200 result=1 (PJSIP/101)
	> GET VARIABLE "QUEUEWAIT"
	< 200 result=1 (2)
	> GET VARIABLE "QUEUEPOSITION"
	< 200 result=1 (1)
	> SET VARIABLE "FLOWSTATUS" "DONE"
	< 200 result=1
	> SET VARIABLE "FLOWERROR" ""
	< 200 result=1
`

const missedCall = callBegins + `
	< 200 result=49 endpos=8000
	> SET VARIABLE "QUEUESTATUS" ""
	< 200 result=1
	> SET VARIABLE "MEMBERINTERFACE" ""
	< 200 result=1
	> SET VARIABLE "QEHOLDTIME" ""
	< 200 result=1
	> EXEC "Queue" "sales,c,,,60"
	. 2s
	< 200 result=-1
	! hangup
	> SET VARIABLE "FLOWSTATUS" "HANGUP"
	< 200 result=1
	> SET VARIABLE "FLOWERROR" ""
	< 200 result=1
`

// missedCallEvents are the manager events of that call, by a clock that is four
// seconds faster.
const missedCallEvents = `
Event: Newchannel
Timestamp: 1795000000.000000
Channel: PJSIP/carrier-00000001
ChannelState: 4
CallerIDNum: 0441234567
Context: from-carrier
Exten: ` + stage.Number + `
Uniqueid: 1795000000.1
Linkedid: 1795000000.1

Event: Newchannel
Timestamp: 1795000001.000000
Channel: PJSIP/102-00000002
ChannelState: 0
Context: phones
Uniqueid: 1795000001.2
Linkedid: 1795000000.1

Event: DialBegin
Timestamp: 1795000001.000000
Channel: PJSIP/carrier-00000001
CallerIDNum: 0441234567
Context: from-carrier
Exten: ` + stage.Number + `
Uniqueid: 1795000000.1
Linkedid: 1795000000.1
DestChannel: PJSIP/102-00000002
DestUniqueid: 1795000001.2
DestLinkedid: 1795000000.1

Event: Hangup
Timestamp: 1795000005.000000
Channel: PJSIP/102-00000002
Uniqueid: 1795000001.2
Linkedid: 1795000000.1
Cause: 26

Event: Hangup
Timestamp: 1795000005.000000
Channel: PJSIP/carrier-00000001
CallerIDNum: 0441234567
Context: from-carrier
Exten: ` + stage.Number + `
Uniqueid: 1795000000.1
Linkedid: 1795000000.1
Cause: 16
Cause-txt: Normal Clearing
`
