package reference

// asteriskChecks are those of check --asterisk.
var asteriskChecks = []Check{
	{
		ID:    "pbx-queue",
		Means: "The app declares a queue that this Asterisk does not have.",
		Do:    "Write it into queues.conf and run `queue reload all`, or correct the name.",
	},
	{
		ID:    "pbx-announce",
		Means: "A flow counts on announcements that queues.conf does not make, or makes at other times. What `announce` does not say is not compared.",
		Do:    "Write the line into queues.conf and run `queue reload all`, or correct `announce`.",
	},
	{
		ID:    "pbx-endpoint",
		Means: "A device is dialled whose PJSIP endpoint this Asterisk does not have.",
		Do:    "Write it into pjsip.conf and run `pjsip reload`, or correct the name.",
	},
	{
		ID: "pbx-sound", Warning: true,
		Means: "A sound is not in the index that Asterisk makes of the folders of its languages. A sound that stands elsewhere in the sound folder can be played all the same.",
		Do:    "Put the file there, or leave it.",
	},
	{
		ID:    "pbx-music",
		Means: "There is no music class of that name.",
		Do:    "Write it into musiconhold.conf and run `moh reload`, or correct the name.",
	},
	{
		ID:    "pbx-profile",
		Means: "There is no user profile of that name for conferences. Asterisk would let callers in with its usual one.",
		Do:    "Write it into confbridge.conf and run `module reload app_confbridge.so`, or correct the name.",
	},
	{
		ID:    "pbx-dialplan",
		Means: "A flow goes to a context or an extension that the dialplan does not have.",
		Do:    "Write it into extensions.conf and run `dialplan reload`, or correct the name.",
	},
	{
		ID:    "pbx-application",
		Means: "A verb runs an application of the dialplan whose module is not loaded.",
		Do:    "Load the module in modules.conf.",
	},
	{
		ID:    "pbx-flow",
		Means: "The dialplan calls a flow that the app does not have. Addresses with variables in them are not looked at.",
		Do:    "Write the flow, or correct the address in extensions.conf.",
	},
	{
		ID: "pbx-not-called", Warning: true,
		Means: "Nothing in the dialplan calls a flow, and no flow goes to it.",
		Do:    "Call it from extensions.conf: `AGI(agi://HOST/NAME)`.",
	},
	{
		ID:    "pbx-rights",
		Means: "The manager user may not use an action that a verb needs, or does not get the events of a rule.",
		Do:    "Give it the right in manager.conf and run `manager reload`; the session has to begin anew.",
	},
	{
		ID: "pbx-not-asked", Warning: true,
		Means: "Something could not be asked, mostly for want of a right.",
		Do:    "Give the user the right for the time of the check, or see for yourself.",
	},
}
