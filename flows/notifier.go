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
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Notifier is a named place to which notices go: a program, a chat, people's mailboxes or
// their phones.
type Notifier struct {
	Webhook   lang.Value[string]   `yaml:"webhook" doc:"The address that gets each notice as a POST with JSON: text, rule or flow, severity, labels, call and time."`
	Chat      lang.Value[string]   `yaml:"chat" doc:"The address of the incoming webhook of a chat."`
	Service   string               `yaml:"service" enum:"slack,mattermost,rocketchat,googlechat,discord,teams,ntfy" doc:"What chat it is, which decides the form of what is sent; slack if left out."`
	Email     []lang.Value[string] `yaml:"email" doc:"The mail address, or a list of them. How mail is sent stands under mail in pbxflow.yaml."`
	Subject   lang.Value[string]   `yaml:"subject" doc:"The subject of the mail; the name of the rule or flow if left out."`
	telephone `yaml:",inline"`

	url, subject string
	addresses    []string
}

// kinds are the keys of which a notifier has one.
var notifierKinds = []string{"webhook", "chat", "email", "phone"}

// CheckYAML reports what is no place, or several, and refuses what is no address, where
// that is known already.
func (n *Notifier) CheckYAML(d *lang.Decoder, node lang.Node) {
	var found []string
	for _, kind := range notifierKinds {
		if !node.Lookup(kind).IsZero() {
			found = append(found, kind)
		}
	}
	switch {
	case len(found) == 0:
		d.Errorf(node, "missing-key", "it is not said where the notice goes").Hint("write one of webhook, chat, email and phone")
	case len(found) > 1:
		d.Errorf(node.Lookup(found[1]), "keys-clash", "a notice goes either by %s or by %s", found[0], found[1]).Hint("give each a name of its own")
	}
	for _, check := range []struct {
		key string
		v   lang.Value[string]
	}{{"webhook", n.Webhook}, {"chat", n.Chat}} {
		if text, ok := check.v.Constant(); ok {
			if _, err := lang.ParseText(reflect.TypeFor[URL](), text); err != nil {
				d.ErrorAt(check.v.Pos(), "wrong-type", "%q wants %s, not %q", check.key, lang.Words(reflect.TypeFor[URL]()), text)
			}
		}
	}
	for _, v := range n.Email {
		if text, ok := v.Constant(); ok && !isMailAddress(text) {
			d.ErrorAt(v.Pos(), "wrong-type", "%q is not a mail address", text)
		}
	}
	n.telephone.CheckYAML(d, node)
}

// Resolve evaluates what only the running server knows, such as ${env.HOOK}.
func (n *Notifier) Resolve(vars lang.Vars) error {
	address := n.Webhook
	if n.Chat.IsSet() {
		address = n.Chat
	}
	if address.IsSet() {
		s, err := address.Get(vars)
		if err != nil {
			return err
		}
		if err := new(URL).UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("%s: %w", address.Pos(), err)
		}
		n.url = s
	}
	n.addresses = nil
	for _, v := range n.Email {
		s, err := v.Get(vars)
		if err != nil {
			return err
		}
		if !isMailAddress(s) {
			return fmt.Errorf("%s: %q is not a mail address", v.Pos(), s)
		}
		n.addresses = append(n.addresses, s)
	}
	var err error
	if n.subject, err = n.Subject.Get(vars); err != nil {
		return err
	}
	return n.telephone.resolve(vars)
}

// notice is the body of a webhook.
type notice struct {
	Text string    `json:"text"`
	Time time.Time `json:"time"`
	Meta
}

// body returns what a program or a chat gets, and its type. The chats need no library:
// each takes a short JSON or the text itself.
func (n *Notifier) body(text string, now time.Time, meta Meta) (body []byte, kind string, err error) {
	var v any
	switch {
	case !n.Chat.IsSet():
		v = notice{text, now, meta}
	case n.Service == "ntfy":
		return []byte(text), "text/plain; charset=utf-8", nil
	case n.Service == "discord": // allowed_mentions: a caller's name must not call everybody
		v = map[string]any{"content": text, "allowed_mentions": map[string]any{"parse": []string{}}}
	case n.Service == "teams":
		card := map[string]any{
			"type": "AdaptiveCard", "version": "1.4",
			"body": []any{map[string]any{"type": "TextBlock", "text": text, "wrap": true}},
		}
		v = map[string]any{"type": "message", "attachments": []any{
			map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card},
		}}
	default:
		v = map[string]any{"text": escapeChat(text)}
	}
	body, err = json.Marshal(v)
	return body, "application/json", err
}

// escapeChat takes from a text what these chats read as a mention or a link: names of
// callers are anybody's.
func escapeChat(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
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
	if len(n.addresses) > 0 {
		return e.retry(ctx, noticeTries, func() error { return e.mail(ctx, n, text, meta) })
	}
	body, kind, err := n.body(text, e.now(), meta)
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
		request.Header.Set("Content-Type", kind)
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
