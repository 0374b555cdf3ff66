package app

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/lang"
)

// ConfigFile is the name of the file at the top of an app's folder that
// configures the server.
const ConfigFile = "pbxflow.yaml"

// Config is the server's configuration as written.
type Config struct {
	AGI      agiConfig                 `yaml:"agi" doc:"The listener that Asterisk's dialplan calls."`
	HTTP     httpConfig                `yaml:"http" doc:"The listener for people and programs; none if left out."`
	Asterisk map[string]asteriskConfig `yaml:"asterisk" doc:"The Asterisk servers whose events rules look at, each under a name of its own."`
	Reload   reloadConfig              `yaml:"reload" doc:"When the app is read again while it runs. SIGHUP and POST /reload always do that."`
	Outgoing outgoingConfig            `yaml:"outgoing" doc:"Whom the verb http may ask, and the certificates for it, for notices and for mail."`
	Mail     mailConfig                `yaml:"mail" doc:"How notices are sent by mail."`
	Audit    auditConfig               `yaml:"audit" doc:"The file for the verb audit and for every listening-in."`
	Allow    []allowance               `yaml:"allow" doc:"Verbs that are off unless they stand here, because they can do anything: ami and exec."`
	Log      logConfig                 `yaml:"log" doc:"What is logged."`
	Sorry    flows.Sound               `yaml:"sorry" doc:"The sound that a caller hears when a flow fails and does not handle it."`
}

type agiConfig struct {
	Listen      lang.Value[address]         `yaml:"listen" default:":4573" doc:"Where to listen, as host:port."`
	Address     lang.Value[optionalAddress] `yaml:"address" doc:"Where the Asterisk servers reach this listener, as host:port. It is needed for calls that originate and callback send into a flow, and found out by itself unless there is a network in between that changes addresses."`
	MaxSessions count                       `yaml:"max_sessions" doc:"How many calls run at once at most; 0 means no limit. Calls beyond it go on in the dialplan with AGISTATUS=FAILURE."`
}

type httpConfig struct {
	Listen lang.Value[optionalAddress] `yaml:"listen" doc:"Where to listen, as host:port."`
}

type reloadConfig struct {
	Watch bool          `yaml:"watch" doc:"Reads the app again when a file of it changes, half a second after the last change. One with a mistake changes nothing, and is told in the log."`
	Drain time.Duration `yaml:"drain" doc:"So long after a reload calls of the revision before are given back to the dialplan, at the next border of a step and with FLOWSTATUS=DRAINED. They go on to their end if left out."`
}

type mailConfig struct {
	Server   lang.Value[optionalAddress] `yaml:"server" doc:"The mail server, as host:port."`
	From     lang.Value[string]          `yaml:"from" doc:"The sender's address."`
	Username lang.Value[string]          `yaml:"username" doc:"The user who signs in; none if left out."`
	Password lang.Value[string]          `yaml:"password" doc:"The user's password, best from the environment."`
	TLS      string                      `yaml:"tls" enum:"starttls,tls,none" default:"starttls" doc:"How the connection is encrypted: by STARTTLS, which the server must know, from its beginning, or not at all."`
}

type auditConfig struct {
	File lang.Value[string] `yaml:"file" doc:"The file, which is only added to; audit.jsonl in the app's folder if left out."`
}

type outgoingConfig struct {
	Private []addressRange     `yaml:"private" doc:"Addresses in private networks that may be asked, such as 10.1.0.0/16 or 127.0.0.1; none if left out."`
	CA      lang.Value[string] `yaml:"ca" doc:"A file with certificates of authorities that are trusted beside those of the system."`
	Cert    lang.Value[string] `yaml:"cert" doc:"A file with the certificate by which this server is known to others; needs key."`
	Key     lang.Value[string] `yaml:"key" doc:"The file with its key."`
}

type logConfig struct {
	Level string `yaml:"level" enum:"trace,debug,info,warn,error" default:"info" doc:"The least important level that is written."`
	JSON  bool   `yaml:"json" doc:"Writes each line as JSON."`
}

// Settings is the configuration with all values known.
type Settings struct {
	AGIListen   string
	AGIAddress  string // empty: to be found out
	MaxSessions int
	HTTPListen  string // empty: none
	Asterisk    []Asterisk
	Watch       bool
	Drain       time.Duration // 0: never
	Outgoing    flows.Outgoing
	Mail        flows.Mail
	AuditFile   string // empty: the usual one
	LogLevel    string
	LogJSON     bool
}

// resolve evaluates the values.
func (c Config) resolve(env environment) (Settings, error) {
	var errs []error
	settings := Settings{
		AGIListen:   string(get(c.AGI.Listen, env, &errs)),
		AGIAddress:  string(get(c.AGI.Address, env, &errs)),
		MaxSessions: int(c.AGI.MaxSessions),
		Watch:       c.Reload.Watch,
		Drain:       c.Reload.Drain,
		HTTPListen:  string(get(c.HTTP.Listen, env, &errs)),
		LogLevel:    c.Log.Level, LogJSON: c.Log.JSON,
	}
	for _, name := range sortedKeys(c.Asterisk) {
		settings.Asterisk = append(settings.Asterisk, c.Asterisk[name].resolve(name, env, &errs))
	}
	settings.Mail = c.Mail.resolve(env, &errs)
	settings.AuditFile = getFile(c.Audit.File, env, &errs)
	settings.Outgoing = c.Outgoing.resolve(env, &errs)
	settings.Mail.Certificates = settings.Outgoing.TLS
	return settings, errors.Join(errs...)
}

// Section is a part of the reference: some keys under a name.
type Section struct {
	Name string
	Keys []lang.Key
}

// ConfigSections describes pbxflow.yaml for the reference; the first section holds
// its top-level keys.
func ConfigSections() []Section {
	return []Section{
		{"", lang.Describe(Config{})},
		{"agi", lang.Describe(agiConfig{})},
		{"http", lang.Describe(httpConfig{})},
		{"asterisk", lang.Describe(asteriskConfig{})},
		{"reload", lang.Describe(reloadConfig{})},
		{"mail", lang.Describe(mailConfig{})},
		{"audit", lang.Describe(auditConfig{})},
		{"outgoing", lang.Describe(outgoingConfig{})},
		{"log", lang.Describe(logConfig{})},
	}
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
