package flows

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// httpRetry says that a request is sent again when the server is likely to answer the next
// one: it could not be reached, or it said that it is busy.
type httpRetry struct {
	Times int           `yaml:"times" default:"3" doc:"How often to try again."`
	Delay time.Duration `yaml:"delay" default:"1s" doc:"How long to wait before; longer if the server says so."`
	Twice bool          `yaml:"twice" default:"false" doc:"Sends a POST or PATCH again too, which the server may then get twice."`
}

// maxHTTPRetries bounds how often a request is sent again.
const maxHTTPRetries = 10

// check reports retries that make no sense, or that could do something twice.
func (r *httpRetry) check(d *lang.Decoder, n lang.Node, h *httpStep) {
	times := n.Lookup("times")
	if !times.IsZero() && times.Value == strconv.Itoa(r.Times) && (r.Times < 1 || r.Times > maxHTTPRetries) {
		d.Errorf(times, "bad-count", "a request is sent again 1 to %d times, not %d", maxHTTPRetries, r.Times)
	}
	if timeout, ok := h.Timeout.Constant(); ok && r.Delay >= timeout {
		at := n.Lookup("delay")
		if at.IsZero() {
			at = n
		}
		d.Errorf(at, "bad-time", "nothing is sent again: the step is over before, after %v", timeout).
			Hint("write a shorter delay, or a longer timeout for the step")
	}
	switch repeatable := slices.Contains(repeatableMethods, h.method()); {
	case repeatable && r.Twice:
		d.Errorf(n.Lookup("twice"), "no-effect", "a %s is sent again in any case", h.method()).Hint("remove it")
	case !repeatable && !r.Twice:
		d.Errorf(n, "no-effect", "a %s is not sent again, since the server may have got it", h.method()).
			Hint("write twice: true if it may get it twice")
	}
}

// repeatableMethods do the same when they are sent twice.
var repeatableMethods = []string{http.MethodGet, http.MethodPut, http.MethodDelete}

// method is the method of the request.
func (h *httpStep) method() string {
	switch {
	case h.Method != "":
		return h.Method
	case h.JSON.IsSet() || h.Form != nil || h.Body.IsSet():
		return http.MethodPost
	}
	return http.MethodGet
}

// ask sends the request, and again as retry says, as long as time is left for it.
func (h *httpStep) ask(ctx context.Context, c *Call, client *http.Client, request *http.Request, size int, end time.Time) (*httpResult, error) {
	for try := 0; ; try++ {
		again, err := repeated(ctx, request)
		if err != nil {
			return nil, err
		}
		result, err := fetch(client, again, size)
		if h.Retry == nil || try >= h.Retry.Times || ctx.Err() != nil {
			return result, err
		}
		why, after := busy(result, err, c.Now())
		delay := max(h.Retry.Delay, after)
		if why == "" || !c.Now().Add(delay).Before(end) {
			return result, err
		}
		c.TraceValue("again", fmt.Sprintf("after %v: %s", delay, why))
		if !c.Sleep(ctx, delay) {
			return result, err
		}
	}
}

// repeated returns the request to be sent once more.
func repeated(ctx context.Context, request *http.Request) (*http.Request, error) {
	again := request.Clone(ctx)
	if request.GetBody == nil {
		return again, nil
	}
	body, err := request.GetBody()
	again.Body = body
	return again, err
}

// busy says why a request is worth another try, and how long the server wants to be left
// alone before; "" if it is not worth one.
func busy(result *httpResult, err error, now time.Time) (why string, after time.Duration) {
	if err != nil {
		if isFinal(err) {
			return "", 0
		}
		return err.Error(), 0
	}
	switch result.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Sprintf("status %d", result.Status), retryAfter(result.Headers["retry-after"], now)
	}
	return "", 0
}

// isFinal reports whether a request would fail in the same way again.
func isFinal(err error) bool {
	if name, ok := errors.AsType[*net.DNSError](err); ok && name.IsNotFound {
		return true
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	return certificate || errors.Is(err, errPrivate) || errors.Is(err, errRedirects) || errors.Is(err, errTooLong)
}

// retryAfter reads the header Retry-After: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return min(time.Duration(seconds), maxRetryAfter) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// maxRetryAfter bounds what is read of Retry-After, in seconds, so that it fits a time.
const maxRetryAfter = 86_400
