package pbxcheck

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
)

// queues compares the queues that the app declares and uses with those of Asterisk.
func (c *checker) queues(ctx context.Context) error {
	if len(c.app.Queues) == 0 && len(c.of("queue")) == 0 {
		return nil
	}
	items, asked, err := c.list(ctx, "which queues there are", ami.Action{Name: "QueueStatus"}, "")
	if err != nil || !asked {
		return err
	}
	there := texts(items, "QueueParams", "Queue")
	for _, name := range slices.Sorted(maps.Keys(c.app.Queues)) {
		if !slices.Contains(there, name) {
			c.errorf(c.place("queues", name), "pbx-queue", near(name, there, "write into queues.conf: ["+name+"]"), "there is no queue %q", name)
		}
	}
	return nil
}

// announcements compares what queues announce with what flows count on.
func (c *checker) announcements(ctx context.Context) error {
	counts := slices.DeleteFunc(c.of("queue"), func(n need) bool {
		_, _, counts := n.Step.Announced()
		return !counts
	})
	if len(counts) == 0 {
		return nil
	}
	r, err := c.ask.Do(ctx, ami.Action{Name: "GetConfig"}.With("Filename", "queues.conf"))
	if err != nil {
		return c.refused(err, "what queues announce", "config")
	}
	sections := sectionsOf(r.Message)
	for _, n := range counts {
		queue, announced, _ := n.Step.Announced()
		has, known := sections[queue]
		if !known {
			c.warnf(n.Step.Pos, "pbx-not-asked", "see where Asterisk has it from", "nobody can say what the queue %s announces: it is not in queues.conf", queue)
			continue
		}
		settings := announced.Settings()
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			c.compareAnnouncement(n, queue, name, settings[name], has)
		}
	}
	return nil
}

// announcedAnyway are the settings that a queue has when queues.conf does not tell.
var announcedAnyway = map[string]bool{"announce-position": true, "announce-holdtime": true}

// compareAnnouncement compares one setting. Those that are yes can also say when, such as
// once, or for which places.
func (c *checker) compareAnnouncement(n need, queue, name, want string, has map[string]string) {
	value, written := has[name]
	found := name + "=" + value
	switch {
	case !written && announcedAnyway[name], value == want:
		return
	case want == "yes" && written && !slices.Contains([]string{"no", "false", "off", "n", "f", "0", ""}, strings.ToLower(value)):
		return
	case !written:
		found = "no such line"
	}
	c.errorf(n.Step.Pos, "pbx-announce", "write into queues.conf, below ["+queue+"]: "+name+"="+want,
		"this counts on %s=%s, and queues.conf has %s for the queue %s", name, want, found, queue)
}

// sectionsOf reads the answer of GetConfig: the settings of each section, with those of its
// templates before its own. The names of settings are in small letters.
func sectionsOf(r ami.Message) map[string]map[string]string {
	sections, byNumber := map[string]map[string]string{}, map[string]map[string]string{}
	for key, value := range r.All() {
		if number, ok := strings.CutPrefix(key, "Category-"); ok {
			if sections[value] == nil {
				sections[value] = map[string]string{}
			}
			byNumber[number] = sections[value]
			continue
		}
		rest, ok := strings.CutPrefix(key, "Line-")
		if number, _, _ := strings.Cut(rest, "-"); ok && byNumber[number] != nil {
			name, setting, _ := strings.Cut(value, "=")
			byNumber[number][strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(setting)
		}
	}
	return sections
}
