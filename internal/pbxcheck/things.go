package pbxcheck

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// devices compares the PJSIP endpoints in what is dialled with those of Asterisk.
func (c *checker) devices(ctx context.Context) error {
	if !slices.ContainsFunc(c.of("device"), func(n need) bool { return endpoint(n.Name) != "" }) {
		return nil
	}
	items, asked, err := c.list(ctx, "which PJSIP endpoints there are", ami.Action{Name: "PJSIPShowEndpoints"}, "system")
	if err != nil || !asked {
		return err
	}
	there := texts(items, "EndpointList", "ObjectName")
	for _, n := range c.of("device") {
		name := endpoint(n.Name)
		if name == "" || slices.Contains(there, name) {
			continue
		}
		c.errorf(n.Pos, "pbx-endpoint", near(name, there, "write into pjsip.conf: ["+name+"] with type=endpoint"), "there is no PJSIP endpoint %q", name)
	}
	return nil
}

// endpoint is the PJSIP endpoint of a device: 101 of PJSIP/101, carrier of
// PJSIP/0791234567@carrier; "" for other devices.
func endpoint(device string) string {
	rest, ok := strings.CutPrefix(device, "PJSIP/")
	if !ok {
		return ""
	}
	name, _, uri := strings.Cut(rest, "/") // PJSIP/carrier/sip:…
	if i := strings.LastIndexByte(name, '@'); i >= 0 && !uri {
		name = name[i+1:]
	}
	return name
}

var musicClass = regexp.MustCompile(`^Class: (\S+)`)

// music compares the classes of music on hold.
func (c *checker) music(ctx context.Context) error {
	if len(c.of("music")) == 0 {
		return nil
	}
	lines, asked, err := c.command(ctx, "which music classes there are", "moh show classes")
	if err != nil || !asked {
		return err
	}
	var there []string
	for _, line := range lines {
		if m := musicClass.FindStringSubmatch(line); m != nil {
			there = append(there, m[1])
		}
	}
	for _, n := range c.of("music") {
		if !slices.Contains(there, n.Name) {
			c.errorf(n.Pos, "pbx-music", near(n.Name, there, "write into musiconhold.conf: ["+n.Name+"] with mode=files and a directory"), "there is no music class %q", n.Name)
		}
	}
	return nil
}

// profiles compares the user profiles of conferences. Asterisk lets a caller in with the
// usual profile when there is none of that name.
func (c *checker) profiles(ctx context.Context) error {
	if len(c.of("profile")) == 0 {
		return nil
	}
	lines, asked, err := c.command(ctx, "which profiles conferences have", "confbridge show profile users")
	if err != nil || !asked {
		return err
	}
	there := make([]string, 0, len(lines))
	for _, line := range lines {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "---") { // the heading
			there = append(there, line)
		}
	}
	for _, n := range c.of("profile") {
		if !slices.Contains(there, n.Name) {
			c.errorf(n.Pos, "pbx-profile", near(n.Name, there, "write into confbridge.conf: ["+n.Name+"] with type=user"), "there is no profile %q for those in a conference", n.Name)
		}
	}
	return nil
}

// sounds asks for each sound whether it is in Asterisk's index. That is made at the start
// from the folders of the languages; a sound that came later, stands elsewhere or is named
// by its whole path can be played all the same, so one that is missing is a warning.
func (c *checker) sounds(ctx context.Context) error {
	asked := map[string]bool{}
	for _, n := range c.of("sound") {
		if strings.HasPrefix(n.Name, "/") {
			c.warnf(n.Pos, "pbx-not-asked", "see that the file is there", "nobody can say whether there is a sound %q", n.Name)
			continue
		}
		there, known := asked[n.Name]
		if !known {
			_, err := c.ask.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show sound "+n.Name))
			refusal, refused := errors.AsType[*ami.Error](err)
			if there = err == nil; !there && !(refused && refusal.Output != nil) {
				return c.refused(err, "which sounds there are", "command")
			}
			asked[n.Name] = there
		}
		if !there {
			c.warnf(n.Pos, "pbx-sound", "put the file into the sound folder of a language, such as sounds/en; one that came after the start is found by: asterisk -rx 'module reload sounds'", "there is no sound %q in the index", n.Name)
		}
	}
	return nil
}

// applications compares the applications that the verbs run.
func (c *checker) applications(ctx context.Context) error {
	lines, asked, err := c.command(ctx, "which applications there are", "core show applications")
	if err != nil || !asked {
		return err
	}
	there := map[string]bool{}
	for _, line := range lines {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		there[strings.ToLower(name)] = true
	}
	seen := map[string]bool{}
	for _, n := range c.of("verb") {
		for _, a := range verbApplications[n.Name] {
			if there[strings.ToLower(a.name)] || seen[n.Name] {
				continue
			}
			seen[n.Name] = true
			c.errorf(n.Pos, "pbx-application", "write into modules.conf: load = "+a.module, "%s needs the application %s, which is not loaded", n.Name, a.name)
		}
	}
	return nil
}

// application is what a verb runs, and the module that it comes with.
type application struct{ name, module string }

// verbApplications are the applications that verbs run.
var verbApplications = map[string][]application{
	"conference":     {{"ConfBridge", "app_confbridge.so"}},
	"dial":           {{"Dial", "app_dial.so"}},
	"page":           {{"Page", "app_page.so"}},
	"park":           {{"Park", "res_parking.so"}},
	"pickup":         {{"Pickup", "app_directed_pickup.so"}},
	"queue":          {{"Queue", "app_queue.so"}},
	"record_call":    {{"MixMonitor", "app_mixmonitor.so"}},
	"send_dtmf":      {{"SendDTMF", "app_senddtmf.so"}},
	"spy":            {{"ChanSpy", "app_chanspy.so"}},
	"transfer":       {{"Transfer", "app_transfer.so"}},
	"voicemail":      {{"VoiceMail", "app_voicemail.so"}},
	"voicemail_main": {{"VoiceMailMain", "app_voicemail.so"}},
}
