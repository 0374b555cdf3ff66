package flows_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/flows"
)

// BenchmarkExchange measures what a step costs above its command: the same commands
// are sent by a Go handler and by the steps of a flow, to an Asterisk that answers
// in memory. Every iteration is a call of each; it reports the medians.
func BenchmarkExchange(b *testing.B) {
	const steps = 100
	for _, bench := range []struct {
		name, step string
		command    func(context.Context, *agi.Session) error
	}{
		{"answer", "answer", func(ctx context.Context, s *agi.Session) error { return s.Answer(ctx) }},
		{"variable", "getvar: CHANNEL", getVariable},
		{"variable as", "{ getvar: CHANNEL, as: channel }", getVariable},
		{"variable timeout", "{ getvar: CHANNEL, timeout: 1m }", getVariable},
		{"variable text", "getvar: ${n}", func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.GetVariable(ctx, "CHANNEL")
			return err
		}},
		{"play", "play: welcome", func(ctx context.Context, s *agi.Session) error {
			_, _, err := s.StreamFile(ctx, "welcome", "", 0)
			return err
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			program := load(b, "flows:\n  main:\n    params: { n: string = CHANNEL }\n    steps:\n"+
				strings.Repeat("      - "+bench.step+"\n", steps)).Program
			flow := &flows.Engine{Program: func() *flows.Program { return program }, OnTrace: func(t *flows.Trace) {
				if t.Status != flows.StatusDone {
					b.Error(summary(t))
				}
			}}
			plain := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
				for range steps {
					if err := bench.command(ctx, s); err != nil {
						return err
					}
				}
				if err := s.SetVariable(ctx, "FLOWSTATUS", flows.StatusDone); err != nil {
					return err
				}
				return s.SetVariable(ctx, "FLOWERROR", "")
			})
			var took, allocs, bytes []float64
			for b.Loop() {
				without, with := callCosts(b, plain), callCosts(b, flow)
				took = append(took, (with.took-without.took).Seconds()*1e9/steps)
				allocs = append(allocs, float64(with.allocs-without.allocs)/steps)
				bytes = append(bytes, float64(with.bytes-without.bytes)/steps)
			}
			b.ReportMetric(median(took), "ns/step")
			b.ReportMetric(median(allocs), "allocs/step")
			b.ReportMetric(median(bytes), "B/step")
			b.ReportMetric(0, "ns/op") // two calls say nothing
		})
	}
}

func getVariable(ctx context.Context, s *agi.Session) error {
	_, _, err := s.GetVariable(ctx, "CHANNEL")
	return err
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// costs are what a handler took for a call.
type costs struct {
	took          time.Duration
	allocs, bytes int64
}

func callCosts(b *testing.B, h agi.Handler) costs {
	b.Helper()
	s, err := agi.NewSession(b.Context(), newAnswering(), agi.SessionOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	if err := h.ServeAGI(s.Context(), s); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return costs{took, int64(after.Mallocs - before.Mallocs), int64(after.TotalAlloc - before.TotalAlloc)}
}

// answering is a connection to an Asterisk that answers every command well.
type answering struct {
	replies chan string
	closed  chan struct{}
}

func newAnswering() *answering {
	a := &answering{make(chan string, 1), make(chan struct{})}
	a.replies <- "agi_network_script: main\nagi_uniqueid: 1795228436.1\n\n"
	return a
}

func (a *answering) Write(line []byte) (int, error) {
	switch {
	case line[0] == 'G':
		a.replies <- "200 result=1 (PJSIP/trunk-00000001)\n"
	case line[0] == 'A':
		a.replies <- "200 result=0\n"
	case line[1] == 'T':
		a.replies <- "200 result=0 endpos=1\n"
	default:
		a.replies <- "200 result=1\n"
	}
	return len(line), nil
}

func (a *answering) Read(b []byte) (int, error) {
	select {
	case reply := <-a.replies:
		return copy(b, reply), nil
	case <-a.closed:
		return 0, context.Canceled
	}
}

func (a *answering) Close() error { close(a.closed); return nil }
