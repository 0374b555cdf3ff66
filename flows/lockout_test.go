package flows

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// TestConstantWork counts the hashes that are compared: whether a PIN is right, and
// whether the person exists, must not be told by the time that it takes.
func TestConstantWork(t *testing.T) {
	compared := 0
	compareHash = func(hash, typed []byte) error {
		compared++
		return bcrypt.CompareHashAndPassword(hash, typed)
	}
	t.Cleanup(func() { compareHash = bcrypt.CompareHashAndPassword })
	hashed := func(typed string) pin {
		hash, err := bcrypt.GenerateFromPassword([]byte(typed), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return pin{hash: hash}
	}
	people := map[string]*Person{
		"a": {PIN: hashed("1111")}, "b": {PIN: hashed("2222")}, "c": {PIN: pin{digest: digestOf("3333")}},
		"d": {PIN: hashed("4444")}, "e": {PIN: pin{digest: digestOf("4444")}},
	}
	for _, test := range []struct {
		person, typed, owner string
		compared             int
	}{
		{"a", "1111", "a", 1},
		{"a", "2222", "", 1},
		{"c", "3333", "c", 1},
		{"c", "1111", "", 1},
		{"nobody", "1111", "", 1},
		{"", "1111", "a", 3},
		{"", "3333", "c", 3},
		{"", "9999", "", 3},
		{"", "4444", "", 3}, // two people's
	} {
		compared = 0
		var doors doorkeeper
		if owner := doors.owner(people, test.person, test.typed); owner != test.owner || compared != test.compared {
			t.Errorf("%q types %s: it is %q after %d hashes, want %q after %d", test.person, test.typed, owner, compared, test.owner, test.compared)
		}
	}
}

// TestLockoutMemory bounds what is remembered: the oldest is forgotten.
func TestLockoutMemory(t *testing.T) {
	var doors doorkeeper
	l := lock{after: 1, duration: time.Hour}
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for i := range maxFailed + 5 {
		doors.note(now.Add(time.Duration(i)), l, false, fmt.Sprint(i))
	}
	if len(doors.failed) != maxFailed || doors.locked(now, l, "4") || !doors.locked(now, l, "5") {
		t.Errorf("%d are remembered, want %d without the first five", len(doors.failed), maxFailed)
	}
}
