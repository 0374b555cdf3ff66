package flows

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// Outcomes of verbs that read Asterisk's database.
var (
	dbFound   = Outcome{Name: "found", Doc: "The key is there."}
	dbMissing = Outcome{Name: "missing", Doc: "There is no such key."}
)

var dbGetVerb = Verb{
	Name:    "db_get",
	Summary: "Reads a key of Asterisk's database.",
	Doc: "In a rule it is the database of the server of the event, and the manager user needs `write = system` or `reporting`. " +
		"A `/` in what `${…}` adds to the key is refused.",
	Example:  "- db_get: blacklist/${call.caller.num}\n  as: entry\n  on:\n    found: { log: \"refused: ${entry.value}\" }",
	Outcomes: []Outcome{dbFound, dbMissing},
	Result:   (*dbResult)(nil), ResultAlways: true,
	New: func() Step { return &dbGetStep{} },
}

type dbGetStep struct {
	Key      lang.Value[DatabaseKey] `yaml:"db_get,required" doc:"The family and the key, such as blacklist/0791234567."`
	onServer `yaml:",inline"`
}

type dbResult struct {
	Value string `expr:"value" trust:"no" doc:"the value; empty when there is none"`
	Found bool   `expr:"found" doc:"whether the key is there"`
}

func (s *dbGetStep) Run(ctx context.Context, c *Call) (Outcome, error) {
	family, key, err := dbKey(c, s.Key)
	if err != nil {
		return Outcome{}, err
	}
	result := &dbResult{}
	c.SetResult(result)
	if s.own(c) {
		result.Value, result.Found, err = c.Session.DatabaseGet(ctx, family, key)
	} else {
		result.Value, result.Found, err = s.ask(ctx, c, family, key)
	}
	if err == nil && !result.Found {
		return dbMissing, nil
	}
	return dbFound, err
}

// own reports whether the database is that of the call's own server, which needs no
// manager session.
func (o onServer) own(c *Call) bool { return c.Session != nil && !o.Server.IsSet() }

func (s *dbGetStep) ask(ctx context.Context, c *Call, family, key string) (value string, found bool, err error) {
	server, err := s.server(ctx, c)
	if err != nil {
		return "", false, err
	}
	rows, err := server.Manager.List(ctx, ami.Action{Name: "DBGet"}.With("Family", family).With("Key", key))
	if refused(err, "not found") {
		return "", false, nil
	}
	for _, row := range rows {
		return row.Get("Val"), true, nil
	}
	return "", false, err
}

// dbKey returns the family and the key.
func dbKey(c *Call, v lang.Value[DatabaseKey]) (family, key string, err error) {
	path, err := text(c, v)
	family, key, _ = strings.Cut(path, "/")
	return family, key, err
}

// DatabaseKey is a family and a key of Asterisk's database.
type DatabaseKey string

var dbPattern = regexp.MustCompile(`^[^/\s]+(/[^/\r\n]+)+$`)

// UnmarshalText refuses what has no family or no key.
func (k *DatabaseKey) UnmarshalText(b []byte) error {
	if !dbPattern.Match(b) {
		return lang.Mistake(fmt.Sprintf("%q is not a key of Asterisk's database", b), "write the family and the key: family/key")
	}
	*k = DatabaseKey(b)
	return nil
}

// LangType describes a key for messages and editors.
func (DatabaseKey) LangType() (string, string) {
	return "a family and a key: family/key", dbPattern.String()
}

// EscapePart refuses a part that would be another family or key.
func (DatabaseKey) EscapePart(part string) (string, error) {
	if strings.ContainsAny(part, "/\r\n") {
		return "", fmt.Errorf("%q cannot be part of a key of the database", part)
	}
	return part, nil
}
