package flows

import "errors"

// control is a way of leaving steps that is no error at all. Steps return it as an
// error; verbs that hold steps hand it on, and who it is meant for takes it.
type control interface {
	error
	control()
}

type (
	// gotoFlow goes on in another flow. It leaves all flows that called this one.
	gotoFlow struct {
		flow *Flow
		vars map[string]any
	}
	// returnFlow goes back to the flow that called this one, or to the dialplan.
	returnFlow struct{ values map[string]any }
	// endCall ends the flow because the flow itself gave the call away or hung up.
	endCall struct{ how string }
	// inDialplan ends the flow because the dialplan goes on with the call at some place.
	inDialplan struct{ how string }
	// breakLoop leaves the innermost repeat or each, and nextTurn ends its turn.
	breakLoop struct{}
	nextTurn  struct{}
	// giveBack gives the call back to the dialplan, because its revision is retired.
	giveBack struct{}
	// askAgain makes the innermost menu ask again.
	askAgain struct{}
)

func (g gotoFlow) Error() string   { return "goes on in flow " + g.flow.Name }
func (returnFlow) Error() string   { return "returns" }
func (e endCall) Error() string    { return e.how }
func (p inDialplan) Error() string { return p.how }
func (breakLoop) Error() string    { return "leaves the loop" }
func (nextTurn) Error() string     { return "goes on with the next turn" }
func (askAgain) Error() string     { return "asks again" }
func (giveBack) Error() string     { return "given back to the dialplan after a reload" }

func (gotoFlow) control()   {}
func (returnFlow) control() {}
func (endCall) control()    {}
func (inDialplan) control() {}
func (breakLoop) control()  {}
func (nextTurn) control()   {}
func (giveBack) control()   {}
func (askAgain) control()   {}

// isControl reports whether err is a way of leaving that is no error at all.
func isControl(err error) bool {
	_, ok := errors.AsType[control](err)
	return ok
}

// isA reports whether err is that way of leaving.
func isA[T control](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
