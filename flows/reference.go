package flows

import "github.com/pbxflow/pbxflow/internal/lang"

// ModifierKeys describes the keys that every step can have, for the reference.
func ModifierKeys() []lang.Key {
	return append(lang.Describe(condition{}), lang.Describe(modifiers{})...)
}

// FlowKeys describes the keys of a flow in its long form, for the reference.
func FlowKeys() []lang.Key { return lang.Describe(flowKeys{}) }
