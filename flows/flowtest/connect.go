package flowtest

import (
	"strconv"
	"strings"
)

// dialStatuses are the values of DIALSTATUS by the outcomes of dial.
var dialStatuses = map[string]string{
	"answered": "ANSWER", "busy": "BUSY", "no_answer": "NOANSWER", "unavailable": "CHANUNAVAIL", "congestion": "CONGESTION",
	"declined": "DONTCALL", "cancelled": "CANCEL", "invalid": "INVALIDARGS",
}

// dial runs Dial.
func (c *call) dial(e *event, args []string) string {
	e.what = strings.Split(args[0], "&")
	v := visit{limit: seconds(arg(args, 1)), late: "no_answer", answered: "answered"}
	for _, device := range e.what {
		v.takeUsual("dial", c.test.Given.Dial, device)
	}
	c.vars["DIALSTATUS"], c.vars["ANSWEREDTIME"], c.vars["DIALEDPEERNAME"] = "", "", ""
	r := c.visit(e, v)
	c.vars["DIALSTATUS"] = dialStatuses[r.ends]
	if r.ends == "answered" {
		c.up = true
		c.vars["ANSWEREDTIME"] = strconv.Itoa(int(r.talked.Seconds()))
		c.vars["DIALEDPEERNAME"] = cmpOr(r.peer, e.what[0]+"-00000002")
		c.vars["DIALEDPEERNUMBER"] = strings.TrimPrefix(e.what[0], "PJSIP/")
	}
	return r.answer
}

// queueStatuses are the values of QUEUESTATUS by the outcomes of queue.
var queueStatuses = map[string]string{
	"completed": "CONTINUE", "timeout": "TIMEOUT", "full": "FULL", "no_agents": "JOINEMPTY", "left": "", "withdrawn": "WITHDRAW", "unknown": "UNKNOWN",
}

// queue runs Queue.
func (c *call) queue(e *event, args []string) string {
	v := visit{limit: seconds(arg(args, 4)), late: "timeout", answered: "completed"}
	v.takeUsual("queue", c.test.Given.Queue, e.what[0])
	r := c.visit(e, v)
	c.vars["QUEUESTATUS"] = queueStatuses[r.ends]
	waited := strconv.Itoa(int((c.clock.now() - e.at - r.talked).Seconds()))
	c.vars["QUEUEWAIT"], c.vars["QEHOLDTIME"], c.vars["QUEUEPOSITION"] = waited, waited, "1"
	if r.ends == "completed" {
		c.up = true
		c.vars["MEMBERINTERFACE"] = cmpOr(r.peer, "PJSIP/agent")
	}
	return r.answer
}

// conferenceResults are the values of CONFBRIDGE_RESULT by the outcomes of conference.
var conferenceResults = map[string]string{"left": "DTMF", "ended": "ENDMARKED", "timeout": "TIMEOUT", "kicked": "KICKED", "refused": "FAILED"}

// conference runs ConfBridge, with the keys and the limit of its profiles.
func (c *call) conference(e *event, _ []string) string {
	v := visit{brief: true, late: "timeout", limit: seconds(c.vars["CONFBRIDGE(user,timeout)"])}
	for name, value := range c.vars {
		if key, isMenu := strings.CutPrefix(name, "CONFBRIDGE(menu,"); isMenu && value == "leave_conference" {
			v.exit += strings.TrimSuffix(key, ")")
		}
	}
	r := c.visit(e, v)
	if r.key != 0 {
		r.ends = "left"
	}
	c.vars["CONFBRIDGE_RESULT"] = cmpOr(conferenceResults[r.ends], strings.ToUpper(r.ends))
	for name := range c.vars {
		if strings.HasPrefix(name, "CONFBRIDGE(") {
			delete(c.vars, name) // profiles are for one visit
		}
	}
	return r.answer
}
