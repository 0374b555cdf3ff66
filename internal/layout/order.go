package layout

import (
	"slices"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// data are keys whose value is the author's own mapping, in which a verb's name is
// nothing but a name.
var data = []string{"set", "with", "json", "headers", "labels", "params", "returns", "return", "given", "form", "variables"}

// modifierOrder is the order of the keys that every step can have, behind its own.
var modifierOrder = []string{"when", "as", "timeout", "on", "on_error"}

// verbOrder holds the keys of each verb in the order of the reference.
var verbOrder = sync.OnceValue(func() map[string][]string {
	orders := map[string][]string{}
	for _, v := range flows.Builtin() {
		order := []string{v.Name}
		for _, k := range lang.Describe(v.New()) {
			if k.Name != v.Name {
				order = append(order, k.Name)
			}
		}
		for _, name := range modifierOrder {
			if !slices.Contains(order, name) {
				order = append(order, name)
			}
		}
		orders[v.Name] = order
	}
	return orders
})

var flowOrder = sync.OnceValue(func() []string { return names(flows.FlowKeys()) })

func names(keys []lang.Key) []string {
	var list []string
	for _, k := range keys {
		list = append(list, k.Name)
	}
	return list
}

// place is where a mapping stands.
type place int

const (
	elsewhere place = iota
	top
	inFlows // the value of flows: names with a flow each
	aFlow
	inData
)

// below is the place of a key's value.
func (p place) below(key string) place {
	switch {
	case p == top && key == "flows":
		return inFlows
	case p == inFlows:
		return aFlow
	case p == inData || slices.Contains(data, key):
		return inData
	}
	return elsewhere
}

// ordered returns the pairs of a mapping in the order of the reference, where there is
// one. Keys that it does not know stay behind those that they stand behind.
func ordered(n *yaml.Node, at place) []pair {
	pairs := pairsOf(n)
	order := orderOf(n, at)
	if order == nil {
		return pairs
	}
	rank, last := map[string]int{}, 0
	for _, p := range pairs {
		if i := slices.Index(order, p.key.Value); i >= 0 {
			last = i
		}
		rank[p.key.Value] = last
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return rank[a.key.Value] - rank[b.key.Value] })
	return pairs
}

func orderOf(n *yaml.Node, at place) []string {
	if len(n.Content) == 0 || at == inData || at == top || at == inFlows {
		return nil
	}
	if order := verbOrder()[n.Content[0].Value]; order != nil && known(n, order) {
		return order
	}
	if at == aFlow && known(n, flowOrder()) {
		return flowOrder()
	}
	return nil
}

// known reports whether the keys of a mapping are all in the order, so that it is what it
// is taken for.
func known(n *yaml.Node, order []string) bool {
	for _, p := range pairsOf(n) {
		if !slices.Contains(order, p.key.Value) {
			return false
		}
	}
	return true
}

// firstMayMove reports whether the first key of a mapping has no meaning as such: it is
// no verb.
func firstMayMove(n *yaml.Node) bool { return verbOrder()[n.Content[0].Value] == nil }
