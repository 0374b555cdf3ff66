package flows

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// execute runs a dialplan application. Some end with -1 although the call lives, to keep
// the dialplan from going on; ended reports that, which is no error here.
func (c *Call) execute(ctx context.Context, app, args string) (ended bool, err error) {
	_, err = c.Session.Exec(ctx, app, args)
	if e, ok := errors.AsType[*agi.Error](err); ok && e.Code == 200 && strings.HasPrefix(e.Text, "result=-1") {
		return true, nil
	}
	return false, err
}

// stays reports whether the call is still here. Unlike other commands it sees at once that the
// dialplan took the call away.
func (c *Call) stays(ctx context.Context) (bool, error) {
	_, err := c.Session.ChannelStatus(ctx, "")
	if errors.Is(err, agi.ErrHangup) {
		return false, nil
	}
	return err == nil, err
}

// variable reads a channel variable; one that is not set is "".
func (c *Call) variable(ctx context.Context, name string) (string, error) {
	v, _, err := c.Session.GetVariable(ctx, name)
	return v, err
}

// number reads a channel variable; one that is not a number is 0: Asterisk leaves these
// empty when nothing was answered.
func (c *Call) number(ctx context.Context, name string) (int, error) {
	v, err := c.variable(ctx, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0, nil //nolint:nilerr // see above
	}
	return n, nil
}

// secondsVariable reads a channel variable with a number of seconds.
func (c *Call) secondsVariable(ctx context.Context, name string) (time.Duration, error) {
	n, err := c.number(ctx, name)
	return time.Duration(n) * time.Second, err
}

// setVariables sets channel variables, given as names and values in turn.
func (c *Call) setVariables(ctx context.Context, namesAndValues ...string) error {
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if err := c.Session.SetVariable(ctx, namesAndValues[i], namesAndValues[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// majorVersion is the first number of Asterisk's version; 0 when it is not known.
func (c *Call) majorVersion() int {
	first, _, _ := strings.Cut(c.Session.Env().Version(), ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0 // a version of somebody's own, such as "certified/…"
	}
	return n
}

// texts returns the values of a list.
func texts[T ~string](c *Call, values []lang.Value[T]) ([]string, error) {
	list := make([]string, len(values))
	for i, v := range values {
		var err error
		if list[i], err = text(c, v); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// flag is an option of an application that is given where a value is true.
type flag struct {
	when   lang.Value[bool]
	letter string
}

// flags returns the letters of the flags that are set.
func flags(c *Call, list []flag) (string, error) {
	var letters strings.Builder
	for _, f := range list {
		on, err := f.when.Get(c)
		if err != nil {
			return "", err
		}
		if on {
			letters.WriteString(f.letter)
		}
	}
	return letters.String(), nil
}
