package amitest

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
)

// challenge is what the server sends to clients that log in by MD5.
const challenge = "161803398"

// User is a section of manager.conf.
type User struct {
	Username, Secret string
	// Read and Write are the rights, in the words of manager.conf: "call,agent", "all".
	// Empty means none. An action without its right is answered "Permission denied",
	// an event without it is not sent.
	Read, Write string
	// Single refuses a second login at the same time (allowmultiplelogin=no).
	Single bool
}

// AddUser lets one more user log in, or replaces one of that name. The user of
// Server.Username has all rights.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.Username] = u
}

// login answers Login and Challenge, which tell who comes.
func (s *Server) login(c *conn, action ami.Message) [][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, isLogin := action.Get("Username"), strings.EqualFold(action.Get("Action"), "Login")
	user, known := s.users[name]
	if name == s.Username && !known {
		user, known = User{Username: name, Secret: s.Secret, Read: "all", Write: "all"}, true
	}
	switch {
	case c.user != nil && isLogin:
		return one("Response", "Success", "Message", "Already authenticated")
	case s.refusal != "":
		c.leaving = true
		return failure(s.refusal)
	case known && user.Single && s.inUseLocked(name):
		c.leaving = true
		return failure("Login Already In Use")
	case !isLogin && !strings.EqualFold(action.Get("AuthType"), "MD5"):
		return failure("Must specify AuthType")
	case !isLogin:
		c.challenged = true
		return one("Response", "Success", "Challenge", challenge)
	case !known || !user.proves(action, c.challenged):
		c.leaving = true
		return failure("Authentication failed")
	}
	c.user = &user
	c.mask = rightsOf(user.Read)
	if events, ok := action.Lookup("Events"); ok {
		c.mask, _ = maskOf(events, user.Read)
	}
	s.changedLocked()
	accepted := ami.NewMessage("Response", "Success", "Message", "Authentication accepted")
	c.write(encode(accepted, action.Get("ActionID"))) // now: no event comes before it
	return nil
}

func (s *Server) inUseLocked(name string) bool {
	for c := range s.conns {
		if c.user != nil && c.user.Username == name {
			return true
		}
	}
	return false
}

// proves reports whether a login is the user's.
func (u User) proves(login ami.Message, challenged bool) bool {
	if !strings.EqualFold(login.Get("AuthType"), "MD5") {
		return login.Get("Secret") == u.Secret
	}
	want := md5.Sum([]byte(challenge + u.Secret))
	return challenged && login.Get("Key") == hex.EncodeToString(want[:])
}

// may reports whether the user's rights suffice for an action. One that Asterisk does
// not have is an invention of the test, and needs none.
func (u User) may(action string) bool {
	a, ok := catalog.LookupAction(action)
	if !ok || a.Rights == nil {
		return true
	}
	return slices.ContainsFunc(a.Rights, rightsOf(u.Write).has)
}

// rights are classes of actions or events.
type rights []string

// classes are those that Asterisk knows.
var classes = rights{
	"system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf", "reporting", "cdr", "dialplan",
	"originate", "agi", "cc", "aoc", "test", "security", "message",
}

// rightsOf reads a list of classes. Unknown names count for nothing, as in Asterisk.
func rightsOf(list string) rights {
	var r rights
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "all" {
			return classes
		}
		if slices.Contains(classes, name) {
			r = append(r, name)
		}
	}
	return r
}

func (r rights) has(class string) bool { return slices.Contains(r, class) }

// maskOf reads an event mask of somebody who may read these classes. It reports
// whether the mask asked for any events.
func maskOf(mask, read string) (r rights, on bool) {
	switch strings.ToLower(mask) {
	case "on", "true", "yes":
		return rightsOf(read), true
	case "off", "false", "no", "":
		return nil, false
	}
	if n, err := strconv.Atoi(mask); err == nil { // bits; which ones is left aside
		if n == 0 {
			return nil, false
		}
		return rightsOf(read), true
	}
	wanted := rightsOf(mask)
	for _, class := range rightsOf(read) {
		if wanted.has(class) {
			r = append(r, class)
		}
	}
	return r, len(wanted) > 0
}

// setEvents answers Events.
func (s *Server) setEvents(c *conn, action ami.Message) [][]string {
	mask := action.Get("EventMask")
	if mask == "" {
		return failure("Invalid event mask")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, on := maskOf(mask, c.user.Read)
	c.mask = r
	s.changedLocked()
	if on {
		return one("Response", "Success", "Events", "On")
	}
	return one("Response", "Success", "Events", "Off")
}
