package flows

import (
	"context"
	"errors"
	"fmt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var auditVerb = Verb{
	Name:    "audit",
	Summary: "Writes a record into the audit: a file that nobody can change unnoticed.",
	Doc: "Each record holds the hash of the one before. The file is audit.jsonl in the app's folder, or the one under `audit` in pbxflow.yaml. " +
		"A last line that was torn by a loss of power is moved to a file beside, and a record tells of it. " +
		"The step is done when the record is on the disk; one that cannot be written is an error with the id audit.failed.",
	Example: "- audit: ${call.caller.num} heard a recording\n  fields: { file: support/17 }",
	New:     func() Step { return &auditStep{} },
}

type auditStep struct {
	Text   lang.Value[string]            `yaml:"audit,required" doc:"What happened."`
	Fields map[string]lang.Value[string] `yaml:"fields" doc:"More of it, by names."`
}

func (s *auditStep) Run(_ context.Context, c *Call) (Outcome, error) {
	message, err := s.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	fields := map[string]string{}
	for name, v := range s.Fields {
		if fields[name], err = v.Get(c); err != nil {
			return Outcome{}, err
		}
	}
	if err := c.audit(message, fields); err != nil {
		return Outcome{}, Fail("audit.failed", fmt.Errorf("cannot write the audit: %w", err))
	}
	return Done, nil
}

// errNoAudit is an engine whose program keeps no audit.
var errNoAudit = errors.New("this program keeps none")

// audit writes a record.
func (c *Call) audit(message string, fields map[string]string) error {
	if c.engine.Audit == nil {
		return errNoAudit
	}
	return c.engine.Audit.Write(c.Now(), message, fields, c.Meta)
}
