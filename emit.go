package pbxflow

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/rules"
)

// emit gives an event of the app's own to the rules.
func (s *Server) emit(name string, fields map[string]string, meta flows.Meta) {
	pairs := []string{rules.DepthField, strconv.Itoa(meta.Depth + 1)}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		pairs = append(pairs, field, fields[field])
	}
	s.rules.Handle(s.links, live.Event{Name: name, Server: meta.Server, Time: time.Now(), Raw: ami.NewEvent(name, pairs...)})
}
