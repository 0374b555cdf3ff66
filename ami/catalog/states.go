package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ChannelState is the state of a channel, by Asterisk's numbers.
type ChannelState int

// The states of a channel (enum ast_channel_state).
const (
	ChannelDown           ChannelState = iota // free
	ChannelReserved                           // free, but reserved
	ChannelOffHook                            // off hook
	ChannelDialing                            // digits were dialled
	ChannelRing                               // the other end rings
	ChannelRinging                            // it rings here
	ChannelUp                                 // answered
	ChannelBusy                               // busy
	ChannelDialingOffHook                     // digits were dialled while off hook
	ChannelPreRing                            // a call was detected and waits for ringing
)

var channelStates = []string{
	"Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy", "Dialing Offhook", "Pre-ring",
}

// String returns the state in Asterisk's words, as in ChannelStateDesc.
func (s ChannelState) String() string {
	if s >= 0 && int(s) < len(channelStates) {
		return channelStates[s]
	}
	return fmt.Sprintf("Unknown (%d)", int(s))
}

// DeviceState is the state of a device, by Asterisk's numbers, as queue members have.
type DeviceState int

// The states of a device (enum ast_device_state).
const (
	DeviceUnknown     DeviceState = iota // the device is valid, its state is not known
	DeviceNotInUse                       // idle
	DeviceInUse                          // in a call
	DeviceBusy                           // in as many calls as it may be
	DeviceInvalid                        // there is no such device
	DeviceUnavailable                    // not registered
	DeviceRinging                        // it rings
	DeviceRingInUse                      // it rings and is in another call
	DeviceOnHold                         // on hold
)

var deviceStates = []string{
	"UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD",
}

// String returns the state in the words of the event DeviceStateChange, "NOT_INUSE".
func (s DeviceState) String() string {
	if s >= 0 && int(s) < len(deviceStates) {
		return deviceStates[s]
	}
	return fmt.Sprintf("UNKNOWN (%d)", int(s))
}

// parseDeviceState reads a number, the word of DeviceStateChange, or the words of
// EndpointList ("Not in use", "Ring+Inuse").
func parseDeviceState(text string) (DeviceState, error) {
	word := strings.ToUpper(strings.NewReplacer(" ", "", "_", "", "+", "").Replace(text))
	i := slices.IndexFunc(deviceStates, func(s string) bool { return strings.ReplaceAll(s, "_", "") == word })
	if i >= 0 {
		return DeviceState(i), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n >= len(deviceStates) {
		return 0, strconv.ErrSyntax
	}
	return DeviceState(n), nil
}
