package ami

import "strings"

// writeClasses returns the classes of which a user needs one in the write line of
// manager.conf for an action; nil for one that needs none or is not known here.
func writeClasses(action string) []string {
	for _, row := range rights {
		for _, name := range row.actions {
			if strings.EqualFold(name, action) {
				return row.classes
			}
		}
	}
	return nil
}

// rights are the write classes of Asterisk's own actions, the narrowest class first.
var rights = []struct {
	classes, actions []string
}{
	{[]string{"originate"}, []string{"Originate"}},
	{[]string{"command"}, []string{"Command"}},
	{[]string{"call"}, []string{
		"Setvar", "Redirect", "Atxfer", "BlindTransfer", "CancelAtxfer", "Bridge", "Park", "SendText", "PlayDTMF",
		"Monitor", "StopMonitor", "ChangeMonitor", "PauseMonitor", "UnpauseMonitor",
		"ConfbridgeKick", "ConfbridgeMute", "ConfbridgeUnmute", "ConfbridgeLock", "ConfbridgeUnlock",
	}},
	{[]string{"call", "system"}, []string{"Hangup", "AbsoluteTimeout", "LocalOptimizeAway", "MixMonitorMute", "StopMixMonitor"}},
	{[]string{"call", "reporting", "system"}, []string{"Status"}},
	{[]string{"call", "reporting"}, []string{
		"Getvar", "ExtensionState", "ExtensionStateList", "PresenceState", "PresenceStateList", "MailboxStatus", "MailboxCount", "DeviceStateList",
	}},
	{[]string{"reporting", "system"}, []string{
		"CoreShowChannels", "CoreShowChannelMap", "CoreStatus", "CoreSettings", "LoggerRotate", "DBGet", "DBGetTree",
	}},
	{[]string{"system"}, []string{
		"DBPut", "DBDel", "DBDelTree", "ModuleLoad", "ModuleCheck", "Filter", "DialplanExtensionAdd", "DialplanExtensionRemove",
		"MixMonitor", "MuteAudio",
	}},
	{[]string{"config", "system"}, []string{"Reload", "GetConfig", "GetConfigJSON"}},
	{[]string{"config"}, []string{"UpdateConfig", "CreateConfig", "ListCategories"}},
	{[]string{"config", "reporting"}, []string{"ShowDialPlan"}},
	{[]string{"agent"}, []string{
		"QueueAdd", "QueueRemove", "QueuePause", "QueueLog", "QueuePenalty", "QueueMemberRingInUse", "Agents", "AgentLogoff",
	}},
	{[]string{"user"}, []string{"UserEvent"}},
	{[]string{"agi"}, []string{"AGI"}},
	{[]string{"message"}, []string{"MessageSend"}},
	{[]string{"aoc"}, []string{"AOCMessage"}},
}
