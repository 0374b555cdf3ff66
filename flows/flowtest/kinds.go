package flowtest

// kind is a kind of items of scripts.
type kind struct {
	options options
	silent  bool // may happen without standing in the script
	doc     string
}

// options are groups of keys that an item can have.
type options int

const (
	mediaKeys options = 1 << iota
	talkKeys
	toldKeys
	actKeys
	endKeys
)

// kinds are what a script can hold, by the first key. Most are named after verbs.
var kinds = map[string]kind{
	"hear":            {options: mediaKeys, doc: "The caller hears sounds, in full unless a key ends them."},
	"say":             {options: mediaKeys | toldKeys, doc: "Digits, a number, a date or the like are said."},
	"tone":            {options: mediaKeys, doc: "The caller hears a tone."},
	"music":           {doc: "Music on hold goes on or off: its class, on, or off."},
	"record":          {options: mediaKeys, doc: "The caller is recorded."},
	"wait":            {options: mediaKeys, doc: "The flow waits."},
	"queue":           {options: mediaKeys | talkKeys, doc: "The caller enters a queue."},
	"dial":            {options: mediaKeys | talkKeys, doc: "Devices are called."},
	"conference":      {options: mediaKeys | talkKeys, doc: "The caller enters a conference."},
	"voicemail":       {options: mediaKeys | talkKeys, doc: "The caller may leave a message."},
	"voicemail_main":  {options: mediaKeys | talkKeys, doc: "The caller listens to messages."},
	"spy":             {options: mediaKeys | talkKeys, doc: "The caller listens in."},
	"page":            {options: mediaKeys | talkKeys, doc: "The caller speaks to loudspeakers."},
	"pickup":          {options: mediaKeys | talkKeys, doc: "The caller takes a call that rings elsewhere."},
	"park":            {options: mediaKeys | talkKeys, doc: "The call is parked."},
	"transfer":        {options: talkKeys, doc: "The call is sent elsewhere."},
	"send_dtmf":       {doc: "Keys are sent to the caller."},
	"ring":            {doc: "The caller hears ringing."},
	"busy":            {options: mediaKeys, doc: "The caller hears busy."},
	"congestion":      {options: mediaKeys, doc: "The caller hears congestion."},
	"record_call":     {options: endKeys, doc: "A recording of the call begins."},
	"stop_recording":  {options: endKeys, doc: "It ends."},
	"pause_recording": {options: endKeys, doc: "It pauses (on), or goes on (off)."},
	"exec":            {options: mediaKeys | talkKeys, doc: "Another application of Asterisk runs."},
	"dialplan":        {doc: "The call will go on at a place of the dialplan."},
	"notify":          {options: toldKeys, doc: "A notice is sent."},

	"originate":      {options: endKeys, doc: "A device is called, beside this call; also by callback, when the call is over."},
	"redirect":       {options: endKeys, doc: "A channel is sent elsewhere."},
	"hangup_channel": {options: endKeys, doc: "A channel is hung up."},
	"mute":           {options: endKeys, doc: "A channel is muted, or not any more."},
	"bridge":         {options: endKeys, doc: "Two channels are connected."},
	"queue_add":      {options: endKeys, doc: "A device becomes a member of a queue."},
	"queue_remove":   {options: endKeys, doc: "It is none any more."},
	"queue_pause":    {options: endKeys, doc: "A member pauses, or goes on."},
	"queue_penalty":  {options: endKeys, doc: "A member's penalty changes."},
	"ami":            {doc: "Another action is sent to the manager interface."},
	"audit":          {doc: "A record is written into the audit."},
	"emit":           {doc: "An event is raised that rules can look at."},

	"answer":  {silent: true, doc: "The call is answered."},
	"setvar":  {silent: true, options: endKeys, doc: "A variable of the channel is set."},
	"getvar":  {silent: true, options: endKeys, doc: "A variable of the channel is read."},
	"db_put":  {silent: true, doc: "A key of Asterisk's database is set."},
	"db_get":  {silent: true, doc: "A key is read."},
	"db_del":  {silent: true, doc: "A key is deleted."},
	"log":     {silent: true, options: toldKeys, doc: "A line is logged."},
	"http":    {silent: true, doc: "A web server is asked."},
	"hangup":  {options: actKeys, doc: "The caller hangs up, the agent or who was called does, or the flow."},
	"press":   {options: actKeys, doc: "The caller presses keys."},
	"silence": {doc: "Nothing happens for that time."},
}
