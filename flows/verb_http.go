package flows

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
		"The caller hears what was playing before, so keep the timeout short.",
	Example: "- http: https://crm.example/callers/${call.caller.num}\n  as: crm\n  timeout: 2s\n  on_error: continue\n" +
		"- log: vip caller\n  when: crm?.json?.vip == true",
	Outcomes: []Outcome{httpOK, http4xx, http5xx, httpTimeout, httpFailed},
	Result:   (*httpResult)(nil),
	New:      func() Step { return &httpStep{} },
}

type httpStep struct {
	URL     lang.Value[URL]               `yaml:"http,required" doc:"The address."`
	Method  string                        `yaml:"method" enum:"GET,POST,PUT,PATCH,DELETE" doc:"The method: POST with json, otherwise GET."`
	JSON    lang.Value[any]               `yaml:"json" doc:"What to send, as JSON."`
	Headers map[string]lang.Value[string] `yaml:"headers" doc:"Headers of the request."`
	Timeout lang.Value[time.Duration]     `yaml:"timeout" default:"10s" doc:"How long to wait for the answer."`
}

type httpResult struct {
	Status int    `expr:"status" doc:"the status, such as 200"`
	Body   string `expr:"body" trust:"no" doc:"the answer as text"`
	JSON   any    `expr:"json" trust:"no" doc:"the answer decoded, when it is JSON"`
}

// maxBody bounds an answer: a flow reads records, not downloads.
const maxBody = 1 << 20

func (h *httpStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	timeout, err := h.Timeout.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	bounded, cancel := c.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := h.request(bounded, c)
	if err != nil {
		return Outcome{}, err
	}
	result, err := c.engine.fetch(request)
	switch {
	case ctx.Err() != nil:
		return Outcome{}, context.Cause(ctx)
	case bounded.Err() != nil:
		return httpTimeout, nil
	case err != nil:
		c.Logger.Warn("http request failed", "url", request.URL.Redacted(), "error", err)
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

func (h *httpStep) request(ctx context.Context, c *Call) (*http.Request, error) {
	address, err := text(c, h.URL)
	if err != nil {
		return nil, err
	}
	method, body := h.Method, io.Reader(nil)
	if h.JSON.IsSet() {
		v, err := h.JSON.Get(c)
		if err != nil {
			return nil, err
		}
		b, err := json.Marshal(v)
		if err != nil {
			return nil, Fail("http.json", fmt.Errorf("cannot be written as JSON: %w", err))
		}
		body = bytes.NewReader(b)
		if method == "" {
			method = http.MethodPost
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
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

// untraced gives expressions their values and keeps what they come to out of the
// trace: headers carry passwords.
type untraced struct{ lang.Vars }

// fetch makes a request and reads its answer.
func (e *Engine) fetch(request *http.Request) (*httpResult, error) {
	request.Header.Set("User-Agent", "pbxflow")
	client := e.HTTP
	if client == nil {
		client = defaultHTTP
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxBody)
	}
	result := &httpResult{Status: response.StatusCode, Body: string(body)}
	if json.Valid(body) {
		if err := json.Unmarshal(body, &result.JSON); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// defaultHTTP follows few redirects, so that a loop ends soon.
var defaultHTTP = &http.Client{
	CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("more than 5 redirects")
		}
		return nil
	},
}
