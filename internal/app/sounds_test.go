package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The folder of a language may be a link, as Debian has it.
func TestSoundsOfTheMachine(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "en_US_f_Allison", "digits"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("en_US_f_Allison", filepath.Join(dir, "en")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"welcome.gsm", "digits/1.gsm"} {
		if err := os.WriteFile(filepath.Join(dir, "en", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for languages, want := range map[string][]string{
		"": {`app.yaml:2:59: there is no sound "bye" in any language [unknown-sound]`},
		" languages: [en, fr],": {
			`app.yaml:1:27: warning: there is no folder of the language "fr", so its missing sounds are not found — there are en, en_US_f_Allison [unknown-folder]`,
			`app.yaml:2:59: there is no sound "bye" in any language [unknown-sound]`,
		},
	} {
		_, problems := load(t, folder(map[string]string{
			"app.yaml": fmt.Sprintf("sounds: {%s folder: %q }\nflows: { main: [answer, { play: [welcome, digits/1, /x/y, bye] }] }\n", languages, dir),
		}))
		var got []string
		for _, p := range problems {
			got = append(got, p.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the problems with%s differ (-want +got):\n%s", languages, diff)
		}
	}
}
