// Package pbxcheck holds an app against a running Asterisk: whether the queues, devices,
// sounds, music classes and places of the dialplan are there that the app names, whether
// Asterisk has the applications and the manager user the rights that its verbs need, and
// whether the dialplan calls the flows.
//
// [Check] only asks. What it must not ask, for lack of rights, or cannot, is a warning
// pbx-not-asked, so that silence always means that all is well.
package pbxcheck
