package flows_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/app"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// missingGroup has Asterisk play sounds that lie in different places, and the checker look
// for them: both find the same.
func missingGroup() realGroup {
	note := sounds.files()["one.ulaw"]
	files := map[string][]byte{
		"de_CH/own.ulaw": note, "de/parent.ulaw": note, "fr/foreign.ulaw": note, "beside.ulaw": note,
		"de/menu/deep.ulaw": note, "menu/flat.ulaw": note, "de/menu/wide.sln16": make([]byte, 3200), "de/text.txt": note,
	}
	names := []string{"own", "parent", "foreign", "beside", "menu/deep", "menu/flat", "menu/wide", "text", "fr/foreign", "nowhere"}
	var steps, want strings.Builder
	for _, name := range names {
		steps.WriteString("\n  - play: " + name + "\n    on: { missing: { log: gone } }")
		want.WriteString("play")
		if name == "foreign" || name == "text" || name == "nowhere" {
			want.WriteString(" → missing (on)\n  log gone")
		}
		want.WriteByte('\n')
	}
	flow := "missing:\n  - answer" + steps.String()
	return realGroup{name: "missing", config: asterisktest.Config{Sounds: files}, scenes: []realScene{{
		name: "missing", flows: flow,
		dialplan: "\n[scenes]\nexten => missing,1,Set(CHANNEL(language)=de_CH)\n same => n,AGI(agi://ADDR/missing)\n same => n,Hangup()\n",
		run: func(t *testing.T, p *realPBX) {
			p.place(t, "answer", "scenes", "missing")
			p.ended(t, "missing", "answer\n"+want.String()+"DONE by dialplan")
			verbs, err := flows.NewVerbs()
			if err != nil {
				t.Fatal(err)
			}
			_, problems := app.Load(fstest.MapFS{"app.yaml": {Data: []byte(
				"sounds: { folder: " + p.SoundsDir + ", languages: de_CH }\nflows:\n  " + strings.ReplaceAll(flow, "\n", "\n  "))}}, verbs)
			var found []string
			for _, problem := range problems {
				if problem.ID != "unknown-sound" {
					t.Errorf("the checker says %v", problem)
				}
				found = append(found, strings.Split(problem.Message, `"`)[1])
			}
			if got := strings.Join(found, " "); got != "foreign text nowhere" {
				t.Errorf("the checker misses %q, and Asterisk foreign, text and nowhere", got)
			}
		},
	}}}
}
