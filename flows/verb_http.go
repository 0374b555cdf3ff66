package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var (
	httpOK      = Outcome{Name: "ok", Doc: "The server answered with a status below 400."}
	http4xx     = Outcome{Name: "status_4xx", Doc: "The server refused the request.", Failure: true}
	http5xx     = Outcome{Name: "status_5xx", Doc: "The server failed.", Failure: true}
	httpTimeout = Outcome{Name: "timeout", Doc: "The server did not answer in time.", Failure: true}
	httpFailed  = Outcome{Name: "failed", Doc: "The server could not be reached, or its answer could not be read.", Failure: true}
)

var httpVerb = Verb{
	Name:    "http",
	Summary: "Asks a web server.",
	Doc: "What `${…}` adds to the address is percent-encoded. An answer in JSON is read as `.json`. " +
		"The caller hears what was playing before, so keep the timeout short. Addresses in private networks are refused unless " +
		"[outgoing](app.md#outgoing) allows them; certificates of one's own stand there too. `retry` asks again what a busy server did not answer; `on_error: { retry: … }` begins the whole step anew after any failure.",
	Example: "- http: https://crm.example/callers/${call.caller.num}\n  as: crm\n  timeout: 2s\n  on_error: continue\n" +
		"- log: vip caller\n  when: crm?.json?.vip == true",
	Outcomes: []Outcome{httpOK, http4xx, http5xx, httpTimeout, httpFailed},
	Result:   (*httpResult)(nil),
	New:      func() Step { return &httpStep{} },
}

type httpStep struct {
	URL       lang.Value[URL]               `yaml:"http,required" doc:"The address."`
	Method    string                        `yaml:"method" enum:"GET,POST,PUT,PATCH,DELETE" doc:"The method: POST with json, form or body, otherwise GET."`
	JSON      lang.Value[any]               `yaml:"json" doc:"What to send, as JSON."`
	Form      map[string]lang.Value[string] `yaml:"form" doc:"What to send, as the fields of a form."`
	Body      lang.Value[string]            `yaml:"body" doc:"What to send, as it is; the header Content-Type says what it is."`
	Headers   map[string]lang.Value[string] `yaml:"headers" doc:"Headers of the request."`
	Timeout   lang.Value[time.Duration]     `yaml:"timeout" default:"10s" doc:"How long to wait for the answer."`
	MaxSize   lang.Value[int]               `yaml:"max_size" default:"1048576" doc:"How many bytes the answer may have."`
	Retry     *httpRetry                    `yaml:"retry" doc:"Sends the request again, within the step's timeout, when the server cannot be reached or answers with 429, 502, 503 or 504."`
	Redirects lang.Value[int]               `yaml:"redirects" default:"5" doc:"How many redirects are followed; with 0 one is the answer."`
}

type httpResult struct {
	Status  int               `expr:"status" doc:"the status, such as 200"`
	Body    string            `expr:"body" trust:"no" doc:"the answer as text"`
	JSON    any               `expr:"json" trust:"no" doc:"the answer decoded, when it is JSON"`
	Headers map[string]string `expr:"headers" trust:"no" doc:"the headers of the answer, their names in small letters"`
}

// What an answer may be large at most, whatever max_size says: a flow reads records, not
// downloads.
const maxBody = 16 << 20

// CheckYAML reports more than one thing to send.
func (h *httpStep) CheckYAML(d *lang.Decoder, n lang.Node) {
	var sends []string
	for _, key := range []string{"json", "form", "body"} {
		if !n.Lookup(key).IsZero() {
			sends = append(sends, key)
		}
	}
	if len(sends) > 1 {
		d.Errorf(n.Lookup(sends[1]), "keys-clash", "a request sends either %s or %s", sends[0], sends[1])
	}
	if size, ok := h.MaxSize.Constant(); ok && (size < 1 || size > maxBody) {
		d.ErrorAt(h.MaxSize.Pos(), "bad-count", "an answer has 1 to %d bytes", maxBody)
	}
	if retry := n.Lookup("retry"); h.Retry != nil && (retry.IsMapping() || retry.IsNull()) {
		h.Retry.check(d, retry, h)
	}
	if count, ok := h.Redirects.Constant(); ok && count < 0 {
		d.ErrorAt(h.Redirects.Pos(), "bad-count", "%d redirects cannot be followed", count)
	}
}

func (h *httpStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	timeout, err := h.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	end := c.Now().Add(timeout)
	bounded, cancel := c.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := h.request(bounded, c)
	if err != nil {
		return Outcome{}, err
	}
	client, size, err := h.client(c)
	if err != nil {
		return Outcome{}, err
	}
	result, err := h.ask(bounded, c, client, request, size, end)
	switch {
	case ctx.Err() != nil:
		return Outcome{}, context.Cause(ctx)
	case bounded.Err() != nil:
		return httpTimeout, nil
	case err != nil:
		c.Logger.Warn("http request failed", "url", request.URL.Redacted(), "error", err)
		c.TraceValue("why", err.Error())
		return httpFailed, nil
	}
	c.SetResult(result)
	switch {
	case result.Status >= 500:
		return http5xx, nil
	case result.Status >= 400:
		return http4xx, nil
	}
	return httpOK, nil
}

// client returns the client with the limits of the step.
func (h *httpStep) client(c *Call) (*http.Client, int, error) {
	client := c.engine.HTTP
	if client == nil {
		client = publicHTTP
	}
	redirects, err := h.Redirects.Get(untraced{c})
	if err != nil {
		return nil, 0, err
	}
	size, err := h.MaxSize.Get(untraced{c})
	if err != nil {
		return nil, 0, err
	}
	limited := *client
	limited.CheckRedirect = fewRedirects(redirects)
	return &limited, min(size, maxBody), nil
}

func (h *httpStep) request(ctx context.Context, c *Call) (*http.Request, error) {
	address, err := text(c, h.URL)
	if err != nil {
		return nil, err
	}
	body, kind, err := h.body(c)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, h.method(), address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", userAgent)
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	for name, value := range h.Headers {
		v, err := value.Get(untraced{c})
		if err != nil {
			return nil, err
		}
		request.Header.Set(name, v)
	}
	return request, nil
}

const userAgent = "pbxflow"

// body returns what to send and its type; nil for nothing.
func (h *httpStep) body(c *Call) (body io.Reader, kind string, err error) {
	switch {
	case h.JSON.IsSet():
		v, err := h.JSON.Get(c)
		if err != nil {
			return nil, "", err
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, "", Fail("http.json", fmt.Errorf("cannot be written as JSON: %w", err))
		}
		return bytes.NewReader(b), "application/json", nil
	case h.Form != nil:
		form := url.Values{}
		for name, value := range h.Form {
			v, err := value.Get(c)
			if err != nil {
				return nil, "", err
			}
			form.Set(name, v)
		}
		return strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", nil
	case h.Body.IsSet():
		v, err := h.Body.Get(c)
		return strings.NewReader(v), "text/plain; charset=utf-8", err
	}
	return nil, "", nil
}

// untraced gives expressions their values and keeps what they come to out of the
// trace: headers carry passwords.
type untraced struct{ lang.Vars }

var errTooLong = errors.New("the answer is longer")

// fetch makes a request and reads its answer, which may have so many bytes.
func fetch(client *http.Client, request *http.Request, size int) (*httpResult, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(size)+1))
	if err != nil {
		return nil, err
	}
	if len(body) > size {
		return nil, fmt.Errorf("%w than %d bytes", errTooLong, size)
	}
	result := &httpResult{Status: response.StatusCode, Body: string(body), Headers: map[string]string{}}
	for name, values := range response.Header {
		result.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	if json.Valid(body) {
		if err := json.Unmarshal(body, &result.JSON); err != nil {
			return nil, err
		}
	}
	return result, nil
}
