//go:build linux

package pbxflow_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkSessions compares the whole server with one that does no more than read
// and write, and with agi alone. Every iteration is a round of sessions with each;
// it reports the medians, also of the ratios of a round.
func BenchmarkSessions(b *testing.B) {
	for _, calls := range []int{100, 1000} {
		b.Run("calls="+strconv.Itoa(calls), func(b *testing.B) {
			names := []string{"raw", "agi", "flow"}
			servers := map[string]*process{}
			for _, name := range names {
				servers[name] = startServer(b, name)
				servers[name].round(calls, 2*calls)
			}
			got := map[string][]float64{}
			for b.Loop() {
				var rawWall, rawCPU float64
				for _, name := range names {
					wall, cpu := servers[name].round(calls, 5000)
					if name == "raw" {
						rawWall, rawCPU = wall, cpu
					}
					for what, value := range map[string]float64{
						"-sessions/s": 1 / wall, "-cpu-ms/1000": cpu * 1e6,
						"-x-raw-rate": rawWall / wall, "-x-raw-cpu": cpu / rawCPU,
					} {
						got[name+what] = append(got[name+what], value)
					}
				}
			}
			for what, values := range got {
				slices.Sort(values)
				b.ReportMetric(values[len(values)/2], what)
			}
			b.ReportMetric(0, "ns/op") // a round says nothing
		})
	}
}

// BenchmarkIdleCalls measures by how much a server grows for each of 10,000 calls
// that are open at once, each in its first command. In flow deep that is
// the command of a step within two others.
func BenchmarkIdleCalls(b *testing.B) {
	const calls = 10_000
	for _, name := range []string{"raw", "agi", "flow", "flow/deep"} {
		b.Run(name, func(b *testing.B) {
			server, flow, _ := strings.Cut(name, "/")
			var grown []float64
			for b.Loop() {
				p := startServer(b, server)
				if err := p.play(); err != nil {
					b.Fatal(err)
				}
				if flow != "" {
					p.flow = flow
				}
				grown = append(grown, float64(p.grows(calls))/calls)
			}
			slices.Sort(grown)
			b.ReportMetric(grown[len(grown)/2], "B/call")
			b.ReportMetric(0, "ns/op")
		})
	}
}
