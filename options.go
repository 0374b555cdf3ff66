package pbxflow

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/rules"
)

// CallTrace is the record of one call: every step with its arguments, its outcome
// and its exchanges with Asterisk. WriteTo prints it.
type CallTrace = flows.Trace

// RuleTrace is one decision of a rule, and what its actions did. WriteTo prints it.
type RuleTrace = rules.Trace

// Options configure a [Server]. One of Dir and FS is needed; the zero value of
// everything else is good.
type Options struct {
	// Dir is the folder of the app.
	Dir string
	// FS holds the app instead of Dir, for example an embed.FS. Relative names of files
	// in pbxflow.yaml (certificates, the audit) begin in Dir even then; an empty Dir is
	// the current folder.
	FS fs.FS

	// Logger receives the server's log. Nil means one that writes to standard
	// error, with the level and form that pbxflow.yaml says.
	Logger hclog.Logger

	// Env is what ${env.NAME} reads. Nil means the environment of the process.
	Env map[string]string

	// AGIListener serves calls instead of the address in pbxflow.yaml. Once New has
	// returned a server, that closes it. Nil means that the server listens itself.
	AGIListener net.Listener

	// Verbs are verbs of the program's own, beside the built-in ones.
	Verbs []flows.Verb

	// Functions are functions of the program's own that expressions may call, beside
	// the built-in ones.
	Functions []flows.Function

	// HTTP makes the requests of http and notify. Nil means a client with the
	// usual limits.
	HTTP *http.Client

	// OnCall receives the trace of each call when it is over, on the call's own
	// goroutine; OnRule that of each decision of a rule. They must not block for
	// long. Nil means none.
	OnCall func(*CallTrace)
	OnRule func(*RuleTrace)

	// DrainTime is how long Run lets calls go on once its context has ended.
	// 0 means 10 seconds.
	DrainTime time.Duration
}

func (o Options) fs() (fs.FS, error) {
	switch {
	case o.FS != nil:
		return o.FS, nil
	case o.Dir == "":
		return nil, errors.New("pbxflow: Options needs Dir or FS: the folder of the app")
	}
	return openDir(o.Dir)
}

func (o Options) env() map[string]string {
	if o.Env != nil {
		return o.Env
	}
	env := map[string]string{}
	for _, line := range os.Environ() {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}

func (o Options) drainTime() time.Duration {
	if o.DrainTime > 0 {
		return o.DrainTime
	}
	return 10 * time.Second
}
