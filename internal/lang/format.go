package lang

import (
	"cmp"
	"encoding/json"
	"io"
	"path"
	"slices"
)

// record is a problem as programs read it.
type record struct {
	File       string `json:"file"`
	Line       int    `json:"line"`
	Column     int    `json:"column"`
	Severity   string `json:"severity"`
	ID         string `json:"id"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
}

// MarshalJSON writes the problem with its place. Its file is relative to the app's folder,
// lines and columns count from 1; line 0 is the file as a whole.
func (p *Problem) MarshalJSON() ([]byte, error) {
	return json.Marshal(p.record())
}

func (p *Problem) record() record {
	r := record{"", p.Line, p.Column, p.Severity.String(), p.ID, p.Message, p.Suggestion}
	if p.Source != nil {
		r.File = p.Source.Name
	}
	return r
}

// WriteJSON writes the problems as one JSON object a line. Files are relative to the
// app's folder, lines and columns count from 1; line 0 is the file as a whole.
func (ps Problems) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, p := range ps {
		if err := enc.Encode(p.record()); err != nil {
			return err
		}
	}
	return nil
}

// WriteSARIF writes the problems as a SARIF 2.1.0 log, which code hosts and editors
// read. dir is put before the names of the files; version is that of the program.
func (ps Problems) WriteSARIF(w io.Writer, dir, version string) error {
	type object = map[string]any
	var ids []string
	results := []object{}
	for _, p := range ps {
		ids = append(ids, p.ID)
		text := p.Message
		if p.Suggestion != "" {
			text += " — " + p.Suggestion
		}
		result := object{"ruleId": p.ID, "level": p.Severity.String(), "message": object{"text": text}}
		if p.Source != nil {
			place := object{"artifactLocation": object{"uri": path.Join(dir, p.Source.Name)}}
			if p.Line > 0 {
				place["region"] = object{"startLine": p.Line, "startColumn": max(p.Column, 1)}
			}
			result["locations"] = []object{{"physicalLocation": place}}
		}
		results = append(results, result)
	}
	slices.Sort(ids)
	rules := []object{}
	for _, id := range slices.Compact(ids) {
		rules = append(rules, object{"id": id})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []object{{
			"tool":       object{"driver": object{"name": "pbxflow", "version": cmp.Or(version, "unknown"), "rules": rules}},
			"columnKind": "unicodeCodePoints",
			"results":    results,
		}},
	})
}
