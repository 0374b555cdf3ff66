package agi

// Middleware puts something around a handler, such as a log line or a check.
type Middleware func(Handler) Handler

// Wrap puts middleware around a handler; the first is the outermost and sees a call
// first.
func Wrap(h Handler, around ...Middleware) Handler {
	for i := len(around) - 1; i >= 0; i-- {
		h = around[i](h)
	}
	return h
}
