package flows

import (
	"context"
	"errors"

	"github.com/pbxflow/pbxflow/internal/lang"
)

var failVerb = Verb{
	Name:    "fail",
	Summary: "Raises an error.",
	Doc:     "The step's `on_error` or the flow's takes it; without either the caller hears the sorry sound, and the dialplan goes on.",
	Example: "- fail: no number\n  id: number.missing\n  on_error: { log: \"${error.id}: ${error.message}\" }",
	New:     func() Step { return &failStep{} },
}

type failStep struct {
	Text lang.Value[string] `yaml:"fail,required" doc:"What went wrong. It is read as error.message."`
	ID   errorID            `yaml:"id" default:"fail" doc:"What kind of error it is. It is read as error.id, and FLOWERROR tells it to the dialplan."`
}

func (*failStep) effect() effect { return leaving }

func (f *failStep) Run(_ context.Context, c *Call) (Outcome, error) {
	message, err := f.Text.Get(c)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{}, Fail(string(f.ID), errors.New(message))
}

// errorID is the kind of an error, such as number.missing.
type errorID string

// UnmarshalText takes a name, or several with dots between.
func (id *errorID) UnmarshalText(b []byte) error {
	if !errorIDPattern.Match(b) {
		return lang.Mistake(quoted(b)+" is no kind of error", "write letters, digits, _ and dots, such as number.missing")
	}
	*id = errorID(b)
	return nil
}

// LangType describes it for messages and editors.
func (errorID) LangType() (string, string) {
	return "a kind of error such as number.missing", errorIDPattern.String()
}
