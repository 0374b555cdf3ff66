package flows

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Notifier is a named place to which notices go.
type Notifier struct {
	// Webhook is the address that gets every notice as a POST in JSON.
	Webhook lang.Value[string] `yaml:"webhook,required" doc:"The address that gets each notice as a POST with JSON: text, rule or flow, severity, labels, call and time."`

	url string
}

// CheckYAML refuses what is no web address, where that is known already.
func (n *Notifier) CheckYAML(d *lang.Decoder, _ lang.Node) {
	text, ok := n.Webhook.Constant()
	if !ok {
		return
	}
	if _, err := lang.ParseText(reflect.TypeFor[URL](), text); err != nil {
		d.ErrorAt(n.Webhook.Pos(), "wrong-type", "\"webhook\" wants %s, not %q", lang.Words(reflect.TypeFor[URL]()), text)
	}
}

// Resolve evaluates what only the running server knows, such as ${env.HOOK}.
func (n *Notifier) Resolve(vars lang.Vars) error {
	s, err := n.Webhook.Get(vars)
	if err != nil {
		return err
	}
	var u URL
	if err := u.UnmarshalText([]byte(s)); err != nil {
		return fmt.Errorf("%s: %w", n.Webhook.Pos(), err)
	}
	n.url = s
	return nil
}

// notice is the body of a webhook.
type notice struct {
	Text string    `json:"text"`
	Time time.Time `json:"time"`
	Meta
}

// Times that a notice is tried, and the bound on each try.
const (
	noticeTries   = 4
	noticeTimeout = 10 * time.Second

	maxNoticeAnswer = 1 << 20
)

// send posts a notice, and again after a while when the server failed. A notice
// that the server has refused, with a status of 4xx, is not repeated.
func (e *Engine) send(ctx context.Context, n *Notifier, text string, meta Meta) error {
	body, err := json.Marshal(notice{text, e.now(), meta})
	if err != nil {
		return err
	}
	post := func() error {
		bounded, cancel := e.clock().WithTimeout(ctx, noticeTimeout, context.DeadlineExceeded)
		defer cancel()
		request, err := http.NewRequestWithContext(bounded, http.MethodPost, n.url, bytes.NewReader(body))
		if err != nil {
			return backoff.Permanent(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("User-Agent", userAgent)
		result, err := fetch(cmp.Or(e.Notices, e.HTTP, noticeHTTP), request, maxNoticeAnswer)
		switch {
		case err != nil:
			return err
		case result.Status >= 500 || result.Status == http.StatusTooManyRequests:
			return fmt.Errorf("the server answered with status %d", result.Status)
		case result.Status >= 300:
			return backoff.Permanent(fmt.Errorf("the server answered with status %d", result.Status))
		}
		return nil
	}
	return e.retry(ctx, noticeTries, post)
}

// retry tries something again, each time after a longer while, but for errors that are
// permanent.
func (e *Engine) retry(ctx context.Context, tries int, try func() error) error {
	delays := backoff.NewExponentialBackOff()
	for n := 1; ; n++ {
		err := try()
		if permanent, ok := errors.AsType[*backoff.PermanentError](err); ok {
			return permanent.Err
		}
		switch {
		case err == nil || n >= tries:
			return err
		case !e.clock().Sleep(ctx, delays.NextBackOff()):
			return context.Cause(ctx)
		}
	}
}
