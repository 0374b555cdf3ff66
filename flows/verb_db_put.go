package flows

import (
	"context"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

var dbPutVerb = Verb{
	Name:    "db_put",
	Summary: "Sets a key of Asterisk's database.",
	Doc:     "In a rule it is the database of the server of the event, and the manager user needs `write = system`.",
	Example: "- db_put: seen/${call.caller.num}\n  value: ${now().Unix()}",
	New:     func() Step { return &dbPutStep{} },
}

type dbPutStep struct {
	Key      lang.Value[DatabaseKey] `yaml:"db_put,required" doc:"The family and the key, such as blacklist/0791234567."`
	Value    lang.Value[string]      `yaml:"value,required" doc:"The value."`
	onServer `yaml:",inline"`
}

func (s *dbPutStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	family, key, err := dbKey(c, s.Key)
	if err != nil {
		return Outcome{}, err
	}
	value, err := s.Value.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	if s.own(c) {
		return Done, c.Session.DatabasePut(ctx, family, key, value)
	}
	server, err := s.server(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	_, err = server.Manager.Do(ctx, ami.Action{Name: "DBPut"}.With("Family", family).With("Key", key).With("Val", value))
	return Done, err
}
