package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var dbDelVerb = Verb{
	Name:    "db_del",
	Summary: "Deletes a key of Asterisk's database.",
	Doc: "That there is no such key is no error. In a rule it is the database of the server of the event, " +
		"and the manager user needs `write = system`.",
	Example: "- db_del: blacklist/${call.caller.num}",
	New:     func() Step { return &dbDelStep{} },
}

type dbDelStep struct {
	Key      lang.Value[DatabaseKey] `yaml:"db_del,required" doc:"The family and the key, such as blacklist/0791234567."`
	onServer `yaml:",inline"`
}

func (s *dbDelStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	family, key, err := dbKey(c, s.Key)
	if err != nil {
		return Outcome{}, err
	}
	if s.own(c) {
		_, err := c.Session.DatabaseDel(ctx, family, key)
		return Done, err
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	// Of a key that is not there Asterisk says that it could not delete it.
	return server.do(ctx, ami.Action{Name: "DBDel"}.With("Family", family).With("Key", key), Done, "not found", "could not be deleted")
}
