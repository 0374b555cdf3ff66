package flows

// Builtin returns the verbs that come with pbxflow. This is the one list; each
// verb lives in the file verb_<name>.go.
func Builtin() []Verb {
	return []Verb{
		// The call itself.
		answerVerb,
		hangupVerb,
		ringVerb,
		busyVerb,
		congestionVerb,
		waitVerb,
		transferVerb,
		dialplanVerb,
		parkVerb,
		// Sound and keys.
		playVerb,
		sayVerb,
		musicVerb,
		toneVerb,
		sendDTMFVerb,
		menuVerb,
		readVerb,
		loginVerb,
		recordVerb,
		// Connecting people.
		dialVerb,
		queueVerb,
		conferenceVerb,
		voicemailVerb,
		voicemailMainVerb,
		pageVerb,
		pickupVerb,
		spyVerb,
		// Recording calls.
		recordCallVerb,
		stopRecordingVerb,
		pauseRecordingVerb,
		// What Asterisk knows.
		getvarVerb,
		setvarVerb,
		dbGetVerb,
		dbPutVerb,
		dbDelVerb,
		channelStatusVerb,
		// The telephone system, without a call.
		originateVerb,
		callbackVerb,
		redirectVerb,
		hangupChannelVerb,
		muteVerb,
		bridgeVerb,
		queueAddVerb,
		queueRemoveVerb,
		queuePauseVerb,
		queuePenaltyVerb,
		amiVerb,
		execVerb,
		// The world outside.
		httpVerb,
		notifyVerb,
		logVerb,
		auditVerb,
		emitVerb,
		// Control.
		ifVerb,
		switchVerb,
		repeatVerb,
		eachVerb,
		parallelVerb,
		callVerb,
		gotoVerb,
		returnVerb,
		breakVerb,
		nextVerb,
		againVerb,
		failVerb,
		setVerb,
	}
}
