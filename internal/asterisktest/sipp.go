package asterisktest

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// A SIPCall is a call that reaches Asterisk over SIP, with RTP both ways. It arrives in
// the context from-carrier, or from-phone when Caller is "phone".
type SIPCall struct {
	Caller string // the caller's number; empty: 5550100
	Exten  string // the number called

	// Audio is what the caller says, 8 kHz µ-law, over and over. Empty: silence.
	Audio []byte

	Digits     string        // pressed once the call is up, as RFC 2833 events
	DigitsInfo bool          // press them by SIP INFO instead
	DigitWait  time.Duration // before the first digit and between them; 0 means 500 ms

	Hold        time.Duration // hang up this long after the last digit; 0 means 1 s
	CancelAfter time.Duration // give up when not answered by then; 0 means wait
}

// SIPResult is how a SIP call went.
type SIPResult struct {
	Status   int    // the final answer to the INVITE: 200, 486, 487 when cancelled; 0 when none came
	HungUpBy string // of an answered call: "caller" or "asterisk"
	Messages string // all SIP messages, for reading
}

//go:embed sip/caller.xml
var callerScenario string

// SIPp places a real SIP call and blocks until it is over. A call that is refused or
// cancelled is no error: Status says so. It installs the package sip-tester if need be.
func (i *Instance) SIPp(ctx context.Context, c SIPCall) (SIPResult, error) {
	res, err := i.sipp(ctx, c)
	if err != nil {
		return res, fmt.Errorf("asterisktest: sipp: %w", err)
	}
	return res, nil
}

func (i *Instance) sipp(ctx context.Context, c SIPCall) (res SIPResult, err error) {
	if err := need(ctx, "sipp", "sip-tester", func(string, ...any) {}); err != nil {
		return res, err
	}
	dir, err := os.MkdirTemp("", "sipp-")
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	scenario, err := writeScenario(dir, c)
	if err != nil {
		return res, err
	}
	for range bootAttempts { // with other ports each time
		var taken bool
		if res, taken, err = i.runSIPp(ctx, dir, scenario); !taken {
			break
		}
	}
	return res, err
}

// runSIPp runs one call. taken says that a port was not free after all.
func (i *Instance) runSIPp(ctx context.Context, dir, scenario string) (res SIPResult, taken bool, err error) {
	own, media, err := sippPorts()
	if err != nil {
		return res, false, err
	}
	messages := filepath.Join(dir, "messages")
	cmd := exec.CommandContext(ctx, "sipp", i.SIP, "-sf", scenario, "-m", "1", "-l", "1", "-nostdin",
		"-i", "127.0.0.1", "-p", strconv.Itoa(own), "-mi", "127.0.0.1",
		"-mp", strconv.Itoa(media),
		"-trace_msg", "-message_file", messages, "-message_overwrite", "true",
		"-trace_err", "-error_file", filepath.Join(dir, "errors"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=dumb")
	out, runErr := cmd.CombinedOutput()
	trace, _ := os.ReadFile(messages) // absent when it did not get as far
	res = readTrace(string(trace))
	switch {
	case ctx.Err() != nil:
		return res, false, context.Cause(ctx)
	case runErr != nil:
		complaints, _ := os.ReadFile(filepath.Join(dir, "errors")) // absent without any
		said := strings.TrimSpace(string(complaints) + tail(string(out), 8))
		return res, strings.Contains(said, "Address already in use"), fmt.Errorf("%w: %s\n%s", runErr, said, trace)
	}
	return res, false, nil
}

// writeScenario writes the call's files into dir.
func writeScenario(dir string, c SIPCall) (path string, err error) {
	wait, hold := cmp.Or(c.DigitWait, 500*time.Millisecond), cmp.Or(c.Hold, time.Second)
	data := struct {
		Caller, Exten, Capture       string
		Events                       bool     // offer telephone-event
		Digits                       []string // by INFO
		DigitWait, Hold, CancelAfter int64    // ms
		Refusals                     []int
	}{
		Caller: cmp.Or(c.Caller, "5550100"), Exten: c.Exten, Capture: filepath.Join(dir, "said.pcap"),
		Events: !c.DigitsInfo, DigitWait: wait.Milliseconds(), CancelAfter: c.CancelAfter.Milliseconds(),
		Refusals: []int{400, 401, 403, 404, 408, 410, 480, 484, 486, 487, 488, 500, 501, 502, 503, 600, 603},
	}
	said := newCapture(c.Audio)
	for _, key := range c.Digits {
		said.speak(wait)
		if c.DigitsInfo {
			data.Digits = append(data.Digits, string(key))
		} else if err := said.press(key); err != nil {
			return "", err
		}
	}
	said.speak(hold)
	data.Hold = said.length().Milliseconds()
	if c.DigitsInfo {
		data.Hold = hold.Milliseconds() // the waits before are in the scenario
	}
	if err := os.WriteFile(data.Capture, said.file.Bytes(), 0o644); err != nil {
		return "", err
	}
	tmpl, err := template.New("caller").Parse(callerScenario)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := tmpl.Execute(&b, data); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "caller.xml")
	return path, os.WriteFile(path, []byte(b.String()), 0o644)
}

var finalAnswer = regexp.MustCompile(`(?s)message received \[\d+\] bytes.{0,8}?SIP/2\.0 ([2-6]\d\d) .*?CSeq: 1 INVITE`)

// readTrace reads SIPp's message file: each message follows a line that tells whether it
// was sent or received.
func readTrace(trace string) SIPResult {
	res := SIPResult{Messages: trace}
	for _, part := range strings.Split(trace, "-----------------------------------------------") {
		if m := finalAnswer.FindStringSubmatch(part); m != nil && res.Status == 0 {
			res.Status, _ = strconv.Atoi(m[1]) // three digits
		}
		if strings.Contains(part, "\nBYE ") && res.HungUpBy == "" {
			res.HungUpBy = "caller"
			if strings.Contains(part, "message received") {
				res.HungUpBy = "asterisk"
			}
		}
	}
	return res
}

// sippPorts picks a free port for SIP and the first of a free range for RTP.
func sippPorts() (own, media int, err error) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	p, err := freePorts()
	return c.LocalAddr().(*net.UDPAddr).Port, p.RTPFirst, errors.Join(err, c.Close())
}
