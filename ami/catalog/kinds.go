package catalog

import "strings"

// kinds says which fields are more than text: those of that name in all events, and,
// written Event.Field, in one only. A field of one event wins. The prefix of a snapshot
// is left out.
var kinds = map[Kind]string{
	Text: `ListDialplan.Priority`, // also the word hint
	Int: `Position OriginalPosition Count Penalty CallsTaken Calls Max Completed Abandoned Weight
		Priority ListItems Items Hangup.Cause HangupRequest.Cause SoftHangupRequest.Cause ResultCode
		LoggedIn Available Callers ParkingSpace StartSpace StopSpace Total Parties
		ConfbridgeListRooms.Marked MeetmeListRooms.Marked UserNumber User New Old NewMessages OldMessages
		NewMessageCount OldMessageCount MaxMessageCount BridgeNumChannels BridgePriority
		CurrentSessions ReservedSessions TransmitAttempts ReceiveAttempts CompletedFAXes FailedFAXes
		PagesTransferred PagesReceived PagesTransmitted PageNumber TotalBadLines
		ListExtensions ListPriorities ListContexts OutboundRegistrationDetailComplete.Registered NotRegistered
		ActiveChannels MaxContacts TotalContacts ContactsRegistered DeviceStateBusyAt MaxAudioStreams
		MaxVideoStreams RtpPortStart RtpPortEnd T38UdptlMaxdatagram CosAudio CosVideo Cos TosAudio TosVideo Tos
		ExternalSignalingPort TcpKeepaliveProbeCount MaxRetries ExtensionStatus.Status
		SentPackets SentOctets ReportCount NumberOfLines Instance IPport EventVersion CoreID JabberStatus.Status
		Report0CumulativeLost Report0FractionLost Report0HighestSequence Report0IAJitter
		Report0SequenceNumberCycles SentRTP DomainPort OriginateResponse.Reason`,
	Float: `MES ServicelevelPerf ServicelevelPerf2 VolumeGain`,
	Bool: `Paused InCall Ringinuse IsExternal Muted Admin MarkedUser EndMarked EndMarkedAny WaitMarked Waiting
		Talking ConfbridgeTalking.TalkingStatus LocalOptimization Locked LocalOptimizationEnd.Success
		UsingPassword BridgeSuspended MixMonitorMute.State SayEnvelope SayCID AttachMessage DeleteMessage CanReview
		CanMarkUrgent CallOperator AuthenticateQualify RemoveExisting RemoveUnavailable SupportPath
		Qualify2xxOnly RpidImmediate Ignore183WithoutSdp SendAoc SendRpid MediaEncryptionOptimistic
		SuppressQ850ReasonHeaders FollowEarlyMediaFork RtpSymmetric T38Udptl FaxDetect
		T38BindUdptlToMediaAddress SrtpTag32 ReferBlindProgress Bundle UseAvpf ForceRport SuppressMohOnSendonly
		UsePtime PreferredCodecOnly ForceAvp SendDiversion SendHistoryInfo T38UdptlIpv6 AllowSubscribe RtpIpv6
		MohPassthrough DtlsAutoGenerateCert AsymmetricRtpCodec IceSupport AggregateMwi OneTouchRecording
		RewriteContact UserEqPhone NotifyEarlyInuseRinging AllowUnauthenticatedOptions TrustIdInbound
		BindRtpToMediaAddress DisableDirectMediaOnNat MediaUseReceivedTransport AllowOverlap TrustIdOutbound
		G726NonStandard DirectMedia RtcpMux AcceptMultipleSdpAnswers SendPai T38UdptlNat AllowTransfer
		Webrtc MwiSubscribeReplacesUnsolicited SendConnectedLine TrustConnectedLine
		TcpKeepaliveEnable SymmetricTransport VerifyServer AllowWildcardCerts RequireClientCert AllowReload
		VerifyClient LogChannel.Enabled PruneOnBoot InbandProgress SrvLookups AuthRejectionPermanent
		OutboundRegistrationDetail.Line SupportOutbound FullState ResourceDisplayName`,
	Seconds: `HoldTime TalkTime RingTime Holdtime ServiceLevel LongestHoldTime Wait Wrapuptime ParkingTimeout
		ParkingDuration Parkinglot.Timeout Cdr.Duration BillableSeconds Status.Seconds TimeToHangup Uptime LastReload
		AgentLogoff.Logintime ConfbridgeList.AnsweredTime QualifyTimeout QualifyFrequency MinimumExpiration
		MaximumExpiration DefaultExpiration TimersSessExpires TimersMinSe SubMinExpiry RtpTimeout
		RtpTimeoutHold RtpKeepalive FaxDetectTimeout DtlsRekey TcpKeepaliveIdleTime TcpKeepaliveIntervalTime
		NonceLifetime RetryInterval ForbiddenRetryInterval FatalRetryInterval MaxRandomInitialDelay
		OutboundRegistrationDetail.Expiration OutboundRegistrationDetail.NextReg SayDurationMinimum
		MaxMessageLength CCOfferTimerStart.Expires Refresh RTT Report0DLSR MeetmeLeave.Duration MeetmeMute.Duration MeetmeTalking.Duration
		MeetmeTalkRequest.Duration VoicemailBoxDetail.Duration`,
	Milliseconds:  `AgentRingNoAnswer.RingTime DurationMs PeerStatus.Time ChannelTalkingStop.Duration WebsocketWriteTimeout NotificationBatchInterval`,
	Microseconds:  `RoundtripUsec`,
	Clock:         `CoreShowChannel.Duration`,
	Epoch:         `Timestamp LastCall LastPause LoginTime CallStarted LoggedInTime RegExpire ExpirationTime RegistrationTime SentNTP`,
	LocalTime:     `StartTime AnswerTime EndTime CEL.EventTime`,
	ZonedTime:     `EventTV SessionTV`,
	ChannelStates: `ChannelState`,
	DeviceStates:  `DeviceStateChange.State EndpointDetail.DeviceState EndpointList.DeviceState QueueMember.Status QueueMemberStatus.Status QueueMemberAdded.Status QueueMemberRemoved.Status QueueMemberPause.Status QueueMemberPenalty.Status QueueMemberRinginuse.Status`,
}

// kindTable holds kinds by lower-case name, "event.field" or "field".
type kindTable map[string]Kind

func newKindTable() kindTable {
	t := kindTable{}
	for kind, names := range kinds {
		for name := range strings.FieldsSeq(names) {
			t[strings.ToLower(name)] = kind
		}
	}
	return t
}

// of returns the kind of a field; base is its name without the prefix of a snapshot.
// Both names are in lower case.
func (t kindTable) of(event, base string) Kind {
	if kind, ok := t[event+"."+base]; ok {
		return kind
	}
	return t[base]
}
