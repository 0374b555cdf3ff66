package flowtest

import (
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// yamlText writes a text as YAML has it in a flow mapping, in quotes where it needs them.
func yamlText(text string) string {
	plain := text != "" && strings.Trim(text, " ") == text && !strings.ContainsAny(text, "{}[],&*#?|>!%@`\"'\n\t") &&
		!strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") && !strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "+")
	var node yaml.Node
	if plain && yaml.Unmarshal([]byte("a: "+text), &node) == nil {
		return text
	}
	return strconv.Quote(text)
}

// yamlTime writes a time as tests have it.
func yamlTime(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// yamlList writes texts as YAML has them.
func yamlList(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	if len(list) == 1 {
		return yamlText(list[0])
	}
	var quoted []string
	for _, text := range list {
		quoted = append(quoted, yamlText(text))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
