package asterisktest

// A Version is one Asterisk that the tests run against.
type Version struct {
	Name  string // the major version, "22"
	Suite string // the Debian suite that carries it, "sid"
}

// The versions that are tested: the current one and the oldest one supported.
var (
	V22 = Version{Name: "22", Suite: "sid"}
	V16 = Version{Name: "16", Suite: "bullseye"}
)

// Versions returns all tested versions, newest first.
func Versions() []Version { return []Version{V22, V16} }

// String returns "Asterisk 22".
func (v Version) String() string { return "Asterisk " + v.Name }
