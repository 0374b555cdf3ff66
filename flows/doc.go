// Package flows runs calls: a flow is a list of steps written in YAML, a step
// is a verb with its options, and the engine walks them over an AGI session.
//
// # Verbs
//
// A [Verb] is a row of one table (see [Builtin]): its name, what it does, how it
// can end, and a function that makes an empty [Step]. The step is a struct whose
// tagged fields are the verb's options; decoding it from YAML checks it, and the
// same tags give the JSON Schema and the reference. To add a verb, write
// verb_<name>.go and one line in the table. A host program adds its own verbs in
// the same way, through [NewVerbs].
//
// # How a step ends
//
// A step ends in one of its verb's outcomes or in an error. An outcome that
// is no failure, or that the step's `on` handles, lets the flow go on below. A
// failure that nothing handles becomes an [Error]. Errors go to the step's
// `on_error`, then to the flow's, then to the built-in one, which plays the
// sorry sound and gives the call back to the dialplan. A caller is never left in
// silence. Outcomes after which the caller is gone end the flow; their `on` runs like
// `on_hangup`.
//
// # A call
//
// [Engine.ServeAGI] is the handler for an [agi.Server]: it picks the flow by the
// path of agi://host/flow?name=value, binds the query to the flow's parameters
// and runs it on the call's own goroutine, against the [Program] that was loaded
// when the call came in. A reload never changes a running call.
//
// When the caller hangs up, the context of the running step ends with
// [agi.ErrHangup]; then the flow's `on_hangup` and `finally` run with five seconds
// of their own. In the end the channel variable FLOWSTATUS says DONE, HANGUP or
// ERROR to the dialplan, FLOWERROR names the error, and the engine hands a
// [Trace] of everything that was done to its owner.
//
// Rules use the same steps without a call ([Engine.RunSteps]).
package flows
