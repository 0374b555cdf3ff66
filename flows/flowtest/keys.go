package flowtest

import (
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// presses are keys that are pressed once, or keys by the time when they are.
type presses struct {
	keys  keys
	times []timedKeys
}

// timedKeys are keys that are pressed so long after a beginning.
type timedKeys struct {
	after time.Duration
	keys  keys
}

// isSet reports whether keys are pressed.
func (p presses) isSet() bool { return p.keys != "" || p.times != nil }

// DecodeYAML reads keys, or a mapping from times to keys.
func (p *presses) DecodeYAML(d *lang.Decoder, n lang.Node) {
	if !n.IsMapping() {
		d.Decode(n, &p.keys)
		return
	}
	for _, pair := range d.Unique(n) {
		var t timedKeys
		d.Decode(pair.Key, &t.after)
		d.Decode(pair.Value, &t.keys)
		p.times = append(p.times, t)
	}
}

// keys are keys of a telephone.
type keys string

// UnmarshalText takes 0-9, *, # and A-D.
func (k *keys) UnmarshalText(b []byte) error {
	if strings.Trim(string(b), "0123456789*#ABCD") != "" || len(b) == 0 {
		return lang.Mistake("\""+string(b)+"\" are not keys of a telephone", "those are 0-9, * and #")
	}
	*k = keys(b)
	return nil
}

// LangType describes keys for messages and editors.
func (keys) LangType() (string, string) { return `keys such as "12#"`, `^[0-9*#A-D]+$` }
