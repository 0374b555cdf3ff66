package app

import "github.com/pbxflow/pbxflow/flows"

// HashPIN returns the hash of a PIN as it is written under people. An error tells what
// is wrong with the PIN, but not the PIN.
func HashPIN(pin string) (string, error) { return flows.HashPIN(pin) }
