package flowtest

import "testing"

// TestOffice runs the tests of an office, which use most of what flows can do.
func TestOffice(t *testing.T) { Run(t, "testdata/office") }
