package table

import (
	"cmp"
	"slices"
	"strings"
)

// Sort puts entries into the order of the file: by kind, then by name in any case.
func Sort(all []Entry) {
	kinds := []string{Action, Event, Application, Function, AGI}
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
		)
	})
}

// Format writes a table as Parse reads it.
func Format(all []Entry) string {
	var b strings.Builder
	for _, e := range all {
		b.WriteString(e.Kind + "\t" + e.Name)
		if e.Versions != All {
			b.WriteString("\tin=" + e.Versions.String())
		}
		if len(e.Added) > 0 {
			b.WriteString("\tadded=" + strings.Join(e.Added, "|"))
		}
		if len(e.Rights) > 0 {
			key := "rights"
			if e.Kind == Event {
				key = "class"
			}
			b.WriteString("\t" + key + "=" + strings.Join(e.Rights, "|"))
		}
		if len(e.Channels) > 0 {
			b.WriteString("\tchannels=" + formatWords(e.Channels, e.Versions))
		}
		if len(e.Bridges) > 0 {
			b.WriteString("\tbridges=" + formatWords(e.Bridges, e.Versions))
		}
		if e.Dead {
			b.WriteString("\tdead")
		}
		b.WriteByte('\n')
		for _, m := range e.Members {
			m.format(&b, e.Versions)
		}
	}
	return b.String()
}

func (m Member) format(b *strings.Builder, in Versions) {
	b.WriteString("\t" + m.Name)
	if m.Versions != in {
		b.WriteString("\tin=" + m.Versions.String())
	}
	if m.Required {
		b.WriteString("\trequired")
	}
	if len(m.Values) > 0 {
		key := "values"
		if m.Options {
			key = "options"
		}
		b.WriteString("\t" + key + "=" + formatWords(m.Values, m.Versions))
	}
	b.WriteByte('\n')
}

func formatWords(words []Word, in Versions) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
		if w.Versions != in {
			texts[i] += "@" + w.Versions.String()
		}
	}
	return strings.Join(texts, "|")
}
