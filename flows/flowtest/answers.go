package flowtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// answers are what web servers answer, in the order written.
type answers []*answer

// answer is what one address answers.
type answer struct {
	glob string

	Status  int           `yaml:"status" default:"200" doc:"The status."`
	JSON    raw           `yaml:"json" doc:"The answer, as JSON."`
	Body    string        `yaml:"body" doc:"The answer, as text."`
	After   time.Duration `yaml:"after" doc:"How long it takes."`
	failure string        // timeout or failed
	json    []byte
	next    *answer // to the request after this one; nil: the same again
}

// DecodeYAML reads a mapping from globs to answers, or to lists of them for one request
// after the other.
func (as *answers) DecodeYAML(d *lang.Decoder, n lang.Node) {
	*as = nil
	if !n.IsMapping() {
		d.Errorf(n, "wrong-type", `"http" wants a mapping from addresses to answers, such as { "https://crm.example/*": { status: 200 } }`)
		return
	}
	for _, pair := range d.Unique(n) {
		a := &answer{glob: pair.Key.Value}
		values := []lang.Node{pair.Value}
		if pair.Value.IsList() {
			values = pair.Value.Items()
		}
		for i, last := 0, a; i < len(values); i++ {
			if i > 0 {
				last.next = &answer{}
				last = last.next
			}
			last.decode(d, values[i])
		}
		*as = append(*as, a)
	}
}

// decode reads one answer.
func (a *answer) decode(d *lang.Decoder, v lang.Node) {
	switch {
	case v.IsScalar() && (v.Value == "timeout" || v.Value == "failed"):
		a.failure = v.Value
	case v.IsScalar():
		status, err := strconv.Atoi(v.Value)
		if err != nil {
			d.Errorf(v, "wrong-type", "%q is no answer", v.Value).Hint("write timeout, failed, a status, or { status: 200, json: {} }")
		}
		a.Status = status
	default:
		d.Decode(v, a)
		if !a.JSON.IsZero() {
			a.json = jsonOf(d, a.JSON.Node)
		}
	}
}

// after returns the answer to the request that comes after so many others.
func (a *answer) after(requests int) *answer {
	for ; requests > 0 && a.next != nil; requests-- {
		a = a.next
	}
	return a
}

// jsonOf writes what stands in YAML as JSON.
func jsonOf(d *lang.Decoder, n lang.Node) []byte {
	var v any
	err := n.Node.Decode(&v)
	if err == nil {
		var b []byte
		if b, err = json.Marshal(v); err == nil {
			return b
		}
	}
	d.Errorf(n, "wrong-type", "this cannot be written as JSON: %v", err)
	return nil
}

// find returns the first answer for an address; nil if there is none.
func (as answers) find(address string) *answer {
	for _, a := range as {
		if matches(a.glob, address) {
			return a
		}
	}
	return nil
}

// errUnreachable is what a server that failed gives.
var errUnreachable = errors.New("connection refused")

// longTime is longer than anything waits.
const longTime = 1000 * time.Hour

// give answers a request.
func (a *answer) give(k waiter, r *http.Request) (*http.Response, error) {
	after := a.After
	if a.failure == "timeout" {
		after = longTime
	}
	if after > 0 && !k.Sleep(r.Context(), after) {
		return nil, context.Cause(r.Context())
	}
	if a.failure != "" {
		return nil, errUnreachable
	}
	body := []byte(a.Body)
	if a.json != nil {
		body = a.json
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}
