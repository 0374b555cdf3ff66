package asterisktest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"text/template"
)

// Config is what a test wants of its Asterisk. The zero value boots one without a
// dialplan of its own.
type Config struct {
	// Dialplan is text for extensions.conf: the test's contexts, and the far legs made
	// by Phone. The context "phones" already has answer, echo, busy and ring; calls of
	// SIPp arrive in the context "from-carrier", or "from-phone" when the caller is "phone".
	Dialplan string

	// Queues is text for queues.conf.
	Queues string

	// Files are further files of /etc/asterisk by name, "confbridge.conf". A file
	// replaces ours or the package's. manager_local.conf and pjsip_local.conf are
	// included at the end of our files.
	Files map[string]string

	// ManagerRead and ManagerWrite are the rights of the manager user in the words of
	// manager.conf, "system,call". Empty: none.
	ManagerRead, ManagerWrite string

	// Sounds are audio files by path below the sounds folder, "menu/welcome.ulaw". They
	// play as "menu/welcome" in any language that has no file of that name.
	Sounds map[string][]byte
}

//go:embed etc
var etcFiles embed.FS

// packageFiles are taken as the package ships them.
var packageFiles = []string{
	"acl.conf", "aeap.conf", "agents.conf", "amd.conf", "ccss.conf", "chan_websocket.conf",
	"cli_aliases.conf", "codecs.conf", "confbridge.conf", "features.conf", "followme.conf", "geolocation.conf",
	"indications.conf", "minivm.conf", "pjproject.conf", "pjsip_notify.conf", "pjsip_wizard.conf",
	"queuerules.conf", "res_http_media_cache.conf", "res_parking.conf", "say.conf", "stasis.conf",
	"stir_shaken.conf", "udptl.conf", "voicemail.conf", "websocket_client.conf",
}

// settings fill the templates in etc.
type settings struct {
	Dir, Modules     string // as Asterisk sees them
	Ports            ports
	User, Secret     string
	HarnessSecret    string
	Read, Write      string
	Dialplan, Queues string
}

// The folders of an instance below its own.
var instanceFolders = []string{"etc", "run", "log", "spool", "db", "lib/keys", "data/sounds"}

// writeConfig fills the folders of an instance. It can be repeated with other ports.
func writeConfig(t *Tree, dir string, cfg Config, s settings) error {
	for _, sub := range instanceFolders {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	if err := linkShared(t, filepath.Join(dir, "data")); err != nil {
		return err
	}
	files, err := renderFiles(s)
	if err != nil {
		return err
	}
	for _, name := range packageFiles {
		data, err := os.ReadFile(filepath.Join(t.Root, "etc/asterisk", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // not in every version
		}
		if err != nil {
			return err
		}
		files[name] = string(data)
	}
	maps.Copy(files, cfg.Files)
	for name, text := range files {
		if err := writeFile(filepath.Join(dir, "etc", name), []byte(text)); err != nil {
			return err
		}
	}
	for name, data := range cfg.Sounds {
		if err := writeFile(filepath.Join(dir, "data/sounds", name), data); err != nil {
			return err
		}
	}
	return nil
}

// linkShared makes the package's data visible in an instance's data folder. The sounds
// folder itself is the instance's own, because recordings land there.
func linkShared(t *Tree, data string) error {
	const shared = "/usr/share/asterisk"
	for _, sub := range []string{"", "sounds"} {
		entries, err := os.ReadDir(filepath.Join(t.Root, shared, sub))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Name() == "sounds" || e.Name() == "recordings" || e.Name() == "custom" {
				continue
			}
			// The target is a path as Asterisk sees it.
			err := os.Symlink(filepath.Join(shared, sub, e.Name()), filepath.Join(data, sub, e.Name()))
			if err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
	}
	return nil
}

func renderFiles(s settings) (map[string]string, error) {
	all, err := template.ParseFS(etcFiles, "etc/*.conf")
	if err != nil {
		return nil, err
	}
	files := make(map[string]string)
	for _, tmpl := range all.Templates() {
		var b bytes.Buffer
		if err := tmpl.Execute(&b, s); err != nil {
			return nil, err
		}
		files[tmpl.Name()] = b.String()
	}
	return files, nil
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// modulesDir finds the folder of modules as Asterisk sees it; versions differ.
func modulesDir(t *Tree) (string, error) {
	for _, pattern := range []string{"usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules"} {
		found, err := filepath.Glob(filepath.Join(t.Root, pattern))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			rel, err := filepath.Rel(t.Root, found[0])
			return "/" + rel, err
		}
	}
	return "", fmt.Errorf("asterisktest: no modules folder in %s", t.Root)
}
