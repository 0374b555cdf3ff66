package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/live"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Server is an Asterisk server as steps reach it beside their call: for what needs no
// call, and for other calls.
type Server struct {
	// Name is the server's name in the configuration.
	Name string
	// Manager is its manager session.
	Manager Manager
	// Live is the picture of what goes on there.
	Live Picture
	// AGI returns where this Asterisk reaches the server for FastAGI, as host:port; nil
	// means that it is not known, and then no new call can be sent into a flow.
	AGI func(ctx context.Context) (string, error)
	// Outbound is the device by which a number outside is called, with {number} in place of
	// the number; empty means that it is not known.
	Outbound string
}

// Manager sends actions to one Asterisk server. [*ami.Client] is one.
type Manager interface {
	Connected() bool
	Do(ctx context.Context, a ami.Action) (ami.Response, error)
	List(ctx context.Context, a ami.Action) ([]ami.Event, error)
	Originate(ctx context.Context, a ami.Action) (ami.Event, error)
}

// Picture tells what goes on in one Asterisk server. [*live.Model] is one.
type Picture interface {
	Channels() []live.Channel
	Calls() []live.Call
	Queues() []live.QueueState
	Agents() []live.Agent
	// Own says that what the channel of this unique id does is done for us.
	Own(uniqueid string)
}

// IDs of errors about servers.
const (
	IDServer = "server" // it is not known which Asterisk server is meant, or there is none
	IDAMI    = "ami"    // Asterisk refused an action, or the manager session is down
)

// ServerName is the name of an Asterisk server.
type ServerName string

// UnmarshalText takes a name.
func (s *ServerName) UnmarshalText(b []byte) error {
	if !namePattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not the name of a server", b), "")
	}
	*s = ServerName(b)
	return nil
}

// LangType describes a name for messages and editors.
func (ServerName) LangType() (string, string) { return "the name of a server", namePattern.String() }

// onServer is the option of verbs that act in an Asterisk server.
type onServer struct {
	Server lang.Value[ServerName] `yaml:"server" doc:"The Asterisk server, one of those under asterisk in pbxflow.yaml. If left out it is that of the call or of the event, or the only one."`
}

// CheckYAML checks the server's name when it is known at load.
func (o onServer) CheckYAML(d *lang.Decoder, _ lang.Node) {
	name, ok := o.Server.Constant()
	if names := namesOf(d).Servers; ok && !slices.Contains(names, string(name)) && !d.Scope.Partial() {
		p := d.ErrorAt(o.Server.Pos(), "unknown-server", "there is no Asterisk server %q", name).Suggest(string(name), names)
		if p.Suggestion == "" {
			p.Hint("declare it under asterisk in pbxflow.yaml")
		}
	}
}

// server returns the Asterisk server that the step acts in; its manager session is up.
func (o onServer) server(ctx context.Context, c *Call) (*Server, error) {
	name, err := text(c, o.Server)
	if err != nil {
		return nil, err
	}
	return c.server(ctx, name)
}

// server returns the Asterisk server of a name, or that of the call or the event. Its
// manager session is up.
func (c *Call) server(ctx context.Context, name string) (*Server, error) {
	if name == "" {
		name = c.Meta.Server
	}
	s, err := c.findServer(ctx, name)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return nil, Fail(IDServer, errors.New("it is not known which Asterisk server this call is on: write server: and its name"))
	case !s.Manager.Connected():
		return nil, Fail(IDAMI, s.down())
	}
	c.Meta.Server = s.Name
	return s, nil
}

// down says that the manager session is not up.
func (s *Server) down() error {
	return fmt.Errorf("the manager session to %s is down: see its address and user under asterisk in pbxflow.yaml", s.Name)
}

func (c *Call) findServer(ctx context.Context, name string) (*Server, error) {
	servers := c.engine.Servers
	switch {
	case len(servers) == 0:
		return nil, Fail(IDServer, errNoServer)
	case name == "" && len(servers) == 1:
		return &servers[0], nil
	case name == "" && c.info.ID != "":
		return c.engine.homeServer(ctx, c.info.ID, c.info.Channel), nil
	case name == "":
		return nil, nil
	}
	for i := range servers {
		if servers[i].Name == name {
			return &servers[i], nil
		}
	}
	return nil, Fail(IDServer, fmt.Errorf("there is no Asterisk server %q under asterisk in pbxflow.yaml", name))
}

var errNoServer = errors.New("there is no Asterisk server to ask: name its manager interface under asterisk in pbxflow.yaml")

// homeServer finds the server that a call is on by the unique id of its channel, in the
// pictures of the servers first. A call that is younger than the news of it is in none:
// then all are asked.
func (e *Engine) homeServer(ctx context.Context, id, channel string) *Server {
	servers := e.Servers
	for i := range servers {
		for _, ch := range servers[i].Live.Channels() {
			if ch.Uniqueid == id && ch.Name == channel {
				return &servers[i]
			}
		}
	}
	ask := ami.Action{Name: "Getvar"}.With("Channel", channel).With("Variable", "UNIQUEID")
	for i := range servers {
		r, err := servers[i].Manager.Do(ctx, ask)
		if err == nil && r.Get("Value") == id {
			return &servers[i]
		}
	}
	return nil
}

// refused reports whether Asterisk refused an action in words that hold one of these, in
// small letters. Asterisk has no codes, and its words differ from version to version.
func refused(err error, words ...string) bool {
	e, ok := errors.AsType[*ami.Error](err)
	return ok && e.Classes == nil && slices.ContainsFunc(words, func(w string) bool {
		return strings.Contains(strings.ToLower(e.Message), w)
	})
}

// noChannel are the words with which Asterisk says that there is no such channel.
var noChannel = []string{"no such channel", "does not exist", "channel not found", "channel not existent"}

// do sends an action that acts on something which may not be there: then it ends in
// missing.
func (s *Server) do(ctx context.Context, a ami.Action, missing Outcome, words ...string) (Outcome, error) {
	_, err := s.Manager.Do(ctx, a)
	if refused(err, words...) {
		return missing, nil
	}
	return Done, err
}
