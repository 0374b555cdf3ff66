package flows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	spyEnded     = Outcome{Name: "ended", Doc: "The conversation is over, or the listener pressed the key or the time was up."}
	spyNotFound  = Outcome{Name: "not_found", Doc: "The device is in no conversation, or in several.", Failure: true}
	spyForbidden = Outcome{Name: "forbidden", Doc: "The device is not among those of only, or the mode not among modes.", Failure: true}
	spyRefused   = Outcome{Name: "refused", Doc: "Those who talk have not consented.", Failure: true}
)

var spyVerb = Verb{
	Name:    "spy",
	Summary: "Lets the caller listen in on the conversation of a device: a supervisor on an agent.",
	Doc: "The conversation is found in the live picture of Asterisk, and it is that channel and no other that is heard. " +
		"To listen is to hear both sides; to whisper is to be heard by the device as well, and to barge by both sides. " +
		"Who may do all three changes with the keys 4, 5 and 6; otherwise the mode is the one it began with. " +
		"Laws differ on who has to know of it or to agree: with `group` Asterisk connects nobody but to channels whose SPYGROUP " +
		"holds that name. The manager user needs `read = call,agent` and `write = call,reporting`.",
	Example: "- answer\n- spy: PJSIP/101\n  only: [support]\n  modes: [listen, whisper, barge]\n  exit: \"*\"\n  limit: 30m\n" +
		"  on:\n    else: { play: not-in-a-call }",
	Outcomes:  []Outcome{spyEnded, spyNotFound, spyForbidden, spyRefused},
	NeedsCall: true, Media: true,
	Result: (*spyResult)(nil), ResultAlways: true, MustCover: true,
	New: func() Step { return &spyStep{} },
}

type spyStep struct {
	Device   lang.Value[DialString]    `yaml:"spy,required" doc:"The device that is heard, such as PJSIP/101."`
	Only     lang.Value[any]           `yaml:"only" doc:"The queues whose members may be heard, and extensions; an empty list allows none. Without it every device may be heard."`
	Modes    lang.Value[any]           `yaml:"modes" doc:"What the listener may do: listen, whisper, barge; listen if left out."`
	Mode     lang.Value[spyMode]       `yaml:"mode" doc:"The mode it begins with; the first of modes in this order that may be used if left out."`
	Exit     lang.Value[spyKey]        `yaml:"exit" default:"*" doc:"The key that ends it."`
	Limit    lang.Value[time.Duration] `yaml:"limit" doc:"How long it lasts at most; as long as the conversation if left out."`
	Group    lang.Value[QueueName]     `yaml:"group" doc:"Only channels whose variable SPYGROUP holds this name may be heard: set it when those who talk have consented."`
	onServer `yaml:",inline"`
}

type spyResult struct {
	Channel  string        `expr:"channel" doc:"the channel that was heard; empty when there was none"`
	Mode     string        `expr:"mode" doc:"the mode it began with"`
	Duration time.Duration `expr:"duration" doc:"how long it lasted"`
}

// spyModes are the modes, the most harmless first, with the options of ChanSpy.
var spyModes = []struct{ name, option string }{{"listen", ""}, {"whisper", "w"}, {"barge", "B"}}

// CheckYAML checks what is known at load, and warns of a spy that may hear everybody.
func (s *spyStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	s.onServer.CheckYAML(d, n)
	if !s.Only.IsSet() {
		d.Warnf(n, "spy-everybody", "every device may be heard").
			Hint("write whom: only: [support], or only: ${me.over} after a login")
	}
	modes := n.Lookup("modes")
	items := modes.Items()
	if modes.IsScalar() {
		items = []lang.Node{modes}
	}
	for _, item := range items {
		if item.IsScalar() && !strings.Contains(item.Value, "${") && new(spyMode).UnmarshalText([]byte(item.Value)) != nil {
			d.Errorf(item, "not-one-of", `"modes" holds %q, but can only hold listen, whisper, barge`, item.Value)
		}
	}
}

func (*spyStep) answers(o Outcome) bool { return !o.Failure } // Asterisk does it

func (s *spyStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	device, err := text(c, s.Device)
	if err != nil {
		return Outcome{}, err
	}
	options, mode, err := s.options(c)
	if err != nil {
		return Outcome{}, err
	}
	allowed, err := s.allows(c, server, device)
	if err != nil || !allowed || mode == "" {
		return spyForbidden, err
	}
	target, ok := server.conversation(device, c.info.ID)
	if !ok {
		return spyNotFound, nil
	}
	if ok, err := s.consented(ctx, c, server, target); err != nil || !ok {
		return spyRefused, err
	}
	c.TraceValue("channel", target.Name)
	result := &spyResult{Channel: target.Name, Mode: mode}
	c.SetResult(result)
	// Nobody listens in without a record of it.
	err = c.audit(ListeningIn, map[string]string{"by": c.info.Channel, "to": target.Name, "mode": mode, "options": options})
	if err != nil {
		return Outcome{}, Fail("audit.failed", fmt.Errorf("cannot write the audit: %w", err))
	}
	began := c.Now()
	err = s.listen(ctx, c, server, target.Uniqueid+","+options)
	result.Duration = c.Now().Sub(began)
	return spyEnded, err
}

// options returns those of ChanSpy and the mode that it begins with; no mode when none is
// allowed.
func (s *spyStep) options(c *Call) (options, mode string, err error) {
	allowed := []string{spyModes[0].name}
	if s.Modes.IsSet() {
		v, err := s.Modes.Get(c)
		if err != nil {
			return "", "", err
		}
		allowed = words(v)
	}
	if mode, err = text(c, s.Mode); err != nil {
		return "", "", err
	}
	exit, err := text(c, s.Exit)
	if err != nil {
		return "", "", err
	}
	group, err := text(c, s.Group)
	if err != nil {
		return "", "", err
	}
	// u: the channel of exactly this unique id. q: without a beep. E: the end of the
	// channel is the end.
	options = "uqE"
	all := true
	begin := ""
	for _, m := range spyModes {
		if !slices.Contains(allowed, m.name) {
			all = false
			continue
		}
		if begin == "" && (mode == "" || mode == m.name) {
			begin = m.name
			options += m.option
		}
	}
	if all {
		options += "d" // the keys 4, 5 and 6; it has them all or none
	}
	if exit == "*" {
		options += "c(#)" // star would go on to the next channel
	}
	options += "x(" + exit + ")"
	if group != "" {
		options += "g(" + group + ")"
	}
	return options, begin, nil
}

// listen runs ChanSpy, and ends it with the key when the limit is reached.
func (s *spyStep) listen(ctx context.Context, c *Call, server *Server, args string) error {
	limit, err := s.Limit.Get(c)
	if err != nil {
		return err
	}
	exit, err := text(c, s.Exit)
	if err != nil {
		return err
	}
	listening, over := context.WithCancel(ctx)
	var timer sync.WaitGroup
	if limit > 0 {
		clock := c.engine.clock()
		clock.Running(1)
		timer.Go(func() {
			defer clock.Running(-1)
			if !c.Sleep(listening, limit) {
				return
			}
			key := ami.Action{Name: "PlayDTMF"}.With("Channel", c.info.Channel).With("Digit", exit).With("Receive", "true")
			if _, err := server.Manager.Do(listening, key); err != nil && listening.Err() == nil {
				c.Logger.Error("cannot end the listening at its limit", "limit", limit, "error", err)
			}
		})
	}
	server.Live.Own(c.info.ID) // so that rules tell it from the listening of others
	_, err = c.execute(ctx, "ChanSpy", args)
	over()
	timer.Wait()
	return err
}

// spyMode is what somebody who listens in does.
type spyMode string

// UnmarshalText takes listen, whisper and barge.
func (m *spyMode) UnmarshalText(b []byte) error {
	for _, mode := range spyModes {
		if mode.name == string(b) {
			*m = spyMode(b)
			return nil
		}
	}
	return lang.Mistake(fmt.Sprintf("%q is none of listen, whisper and barge", b), "")
}

// LangType describes a mode for messages and editors.
func (spyMode) LangType() (string, string) {
	return "listen, whisper or barge", "^(listen|whisper|barge)$"
}

// spyKey is the key that ends the listening: one that means nothing else then.
type spyKey string

// UnmarshalText takes one key.
func (k *spyKey) UnmarshalText(b []byte) error {
	if len(b) != 1 || !strings.Contains("0123789*", string(b)) {
		return lang.Mistake(fmt.Sprintf("%q cannot be the key that ends it: 0-3, 7-9 and * can", b), "")
	}
	*k = spyKey(b)
	return nil
}

// LangType describes a key for messages and editors.
func (spyKey) LangType() (string, string) { return "one of the keys 0-3, 7-9 and *", "^[0-37-9*]$" }

// words returns the texts of a list, or one text as a list.
func words(v any) []string {
	switch v := v.(type) {
	case []string:
		return v
	case []any:
		list := make([]string, 0, len(v))
		for _, x := range v {
			list = append(list, fmt.Sprint(x))
		}
		return list
	case nil:
		return nil
	}
	return []string{fmt.Sprint(v)}
}
