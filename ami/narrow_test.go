package ami_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

// asked returns what the client asked the server to filter, and the masks it set,
// since the last call.
func (h *harness) asked() (asked []string) {
	synctest.Wait()
	all := h.Received()
	for _, m := range all[h.read:] {
		switch m.Get("Action") {
		case "Filter":
			asked = append(asked, m.Get("MatchCriteria")+m.Get("Filter"))
		case "Events":
			asked = append(asked, "mask "+m.Get("EventMask"))
		case "Login":
			asked = append(asked, "login "+m.Get("Events"))
		}
	}
	h.read = len(all)
	return asked
}

// filterServer makes the server take filters, as that version of Asterisk.
func filterServer(h *harness, version string) {
	h.Answer("CoreSettings", "Response", "Success", "AsteriskVersion", version)
	h.Answer("Filter", "Response", "Success", "Message", "Success")
	h.Answer("Events", "Response", "Success", "Events", "On")
}

func TestServerFilter(t *testing.T) {
	for _, test := range []struct {
		version       string
		first, second []string
		field         string
	}{
		{
			"22.10.1+dfsg",
			[]string{"action(include),name(AgentCalled),method(none)", "action(include),name(Hangup),method(none)", "action(include),name(OriginateResponse),method(none)"},
			[]string{"action(include),name(Newchannel),method(none)"},
			"action(include),name(VarSet),header(Variable),method(exact)DIALSTATUS",
		},
		{
			"16.28.0~dfsg",
			[]string{"^Event: (AgentCalled|Hangup|OriginateResponse)[[:space:]]"},
			[]string{"^Event: (Newchannel)[[:space:]]"},
			"^Event: VarSet[[:space:]].*[[:space:]]Variable: DIALSTATUS[[:space:]]",
		},
	} {
		t.Run(test.version, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, func(h *harness, o *ami.Options) {
					filterServer(h, test.version)
					o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"Hangup", "AgentCalled"}}}
				})
				if diff := cmp.Diff(h.asked(), append([]string{"login "}, test.first...)); diff != "" {
					t.Errorf("at the login: got -, want +\n%s", diff)
				}
				h.client.SubscribeTo(ami.Want{Names: []string{"Hangup"}}, 1).Close()
				if got := h.asked(); got != nil {
					t.Errorf("for what comes already: %q", got)
				}
				later := h.client.SubscribeTo(ami.Want{Names: []string{"Newchannel"}}, 1)
				if diff := cmp.Diff(h.asked(), test.second); diff != "" {
					t.Errorf("for a later subscription: got -, want +\n%s", diff)
				}
				h.client.SetWants(ami.Want{Names: []string{"Hangup"}}, variable("DIALSTATUS"))
				if diff := cmp.Diff(h.asked(), []string{test.field}); diff != "" {
					t.Errorf("for new wants: got -, want +\n%s", diff)
				}
				h.client.SetWants(ami.Want{Names: []string{"Hangup"}}, ami.Want{Names: []string{"AgentCalled"}})
				all := h.client.Subscribe(nil, 1)
				if diff := cmp.Diff(h.asked(), []string{"^Event: "}); diff != "" {
					t.Errorf("for one to all events: got -, want +\n%s", diff)
				}
				all.Close()
				later.Close()
				h.Drop()
				time.Sleep(time.Second)
				if diff := cmp.Diff(h.asked(), append([]string{"login "}, test.first...)); diff != "" {
					t.Errorf("after the reconnect: got -, want +\n%s", diff)
				}
			})
		})
	}
}

// variable wants the events that set a variable.
func variable(name string) ami.Want {
	return ami.Want{Names: []string{"VarSet"}, Fields: []ami.Field{{Name: "Variable", Value: name}}}
}

// Of events that happen often only those with one value come, in all versions.
func TestServerFilterFields(t *testing.T) {
	for name, version := range map[string]amitest.Version{"16.28.0": amitest.Asterisk16, "22.10.1": amitest.Asterisk22} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var came []string
				h := run(t, func(h *harness, o *ami.Options) {
					h.Version = version
					h.Answer("CoreSettings", "Response", "Success", "AsteriskVersion", name)
					o.ServerFilter, o.Wants = true, []ami.Want{variable("QUEUESTATUS")}
					o.Handler = func(e ami.Event) { came = append(came, e.Get("Variable")) }
				})
				emit := func() {
					for _, name := range []string{"QUEUESTATUS", "OTHER", "DIALSTATUS", "MYQUEUESTATUS"} {
						h.Emit("VarSet", "Variable", name, "Value", "QUEUESTATUS")
					}
					h.Emit("Newexten", "Variable", "QUEUESTATUS")
					synctest.Wait()
				}
				emit()
				h.client.SetWants(variable("QUEUESTATUS"), variable("DIALSTATUS"))
				synctest.Wait()
				emit()
				h.client.SetWants(ami.Want{Names: []string{"VarSet"}})
				synctest.Wait()
				emit()
				if want := []string{"QUEUESTATUS", "QUEUESTATUS", "DIALSTATUS", "QUEUESTATUS", "OTHER", "DIALSTATUS", "MYQUEUESTATUS"}; !cmp.Equal(came, want) {
					t.Errorf("got %q, want %q", came, want)
				}
			})
		})
	}
}

func TestServerFilterClasses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			filterServer(h, "22.1.0")
			o.ServerFilter, o.Wants = true, []ami.Want{{Classes: []string{"call", "agent"}}}
		})
		h.client.SubscribeTo(ami.Want{Classes: []string{"system"}}, 1)
		got := h.asked()
		h.client.Subscribe(nil, 1)
		got = append(got, h.asked()...)
		if want := []string{"login agent,call", "mask agent,call,system", "mask on"}; !cmp.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Only these versions know MatchCriteria.
func TestServerFilterVersions(t *testing.T) {
	for version, knows := range map[string]bool{
		"18.25.0": false, "18.26.0": true, "19.8.1": false, "20.10.0": false, "20.11.1": true, "21.5.0": false, "21.6.0": true,
		"22.0.0": false, "22.1.0-rc1": true, "22.10.1~dfsg+~cs6.15": true, "23.0.0": true, "24.0.0-rc1": true,
		"16.28.0~dfsg": false, "certified/20.7-cert4": false, "GIT-22-0a1b2c3": false, "22": false, "": false,
	} {
		bubble(t, func(t *testing.T) {
			h := run(t, func(h *harness, o *ami.Options) {
				filterServer(h, version)
				o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"A"}}}
			})
			if got := h.asked()[1]; strings.HasPrefix(got, "action(") != knows {
				t.Errorf("%q is asked for %q", version, got)
			}
		})
	}
}

// Options.Events stand above the classes that are wanted.
func TestServerFilterEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) {
			o.ServerFilter, o.Events, o.Wants = true, "call,user", []ami.Want{{Classes: []string{"agent"}}}
		})
		defer h.client.Subscribe(nil, 1).Close()
		if got, want := h.asked(), []string{"login call,user"}; !cmp.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	})
}

// Whatever classes are wanted, Originate learns how its call ended.
func TestServerFilterClassesOriginate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(_ *harness, o *ami.Options) {
			o.ServerFilter, o.Wants = true, []ami.Want{{Classes: []string{"agent"}}}
		})
		h.Respond("Originate", func(a ami.Message) [][]string {
			h.Emit("OriginateResponse", "Privilege", "call,all", "ActionID", a.Get("ActionID"), "Response", "Success")
			return queued(a)
		})
		if _, err := h.client.Originate(t.Context(), ami.Action{}); err != nil {
			t.Error(err)
		}
		if got, want := h.asked(), []string{"login agent,call"}; !cmp.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	})
}

// What is asked for while a slow action holds up the session is late, and comes.
func TestServerFilterLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			filterServer(h, "22.1.0")
			o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"A"}}}
		})
		h.Respond("Slow", func(ami.Message) [][]string {
			time.Sleep(2 * time.Minute)
			return [][]string{{"Response", "Success"}}
		})
		slow := make(chan error, 1)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			_, err := h.client.Do(ctx, ami.Action{Name: "Slow"})
			slow <- err
		}()
		h.asked()
		defer h.client.SubscribeTo(ami.Want{Names: []string{"B", "C"}}, 10).Close()
		if err := <-slow; err != nil {
			t.Error(err)
		}
		if got, want := h.asked(), []string{"action(include),name(B),method(none)", "action(include),name(C),method(none)"}; !cmp.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
	})
}

// Events that come while the filters are set are not lost, and come after Connected.
func TestServerFilterEarlyEvents(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var order []string
		run(t, func(h *harness, o *ami.Options) {
			h.Respond("CoreSettings", func(ami.Message) [][]string {
				return [][]string{{"Event", "FullyBooted", "ActionID", ""}, {"Response", "Success", "AsteriskVersion", "22.5.0"}}
			})
			h.Answer("Filter", "Response", "Success")
			o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"FullyBooted"}}}
			o.OnState = func(s ami.State, _ error) { order = append(order, s.String()) }
			o.Handler = func(e ami.Event) { order = append(order, e.Name()+" of "+e.Server()) }
		})
		if want := []string{"connected", "FullyBooted of pbx1"}; !cmp.Equal(order, want) {
			t.Errorf("got %q, want %q", order, want)
		}
	})
}

// Without the right to filter all events come, and the log says why, once as long as that
// is so.
func TestServerFilterRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		h := run(t, func(h *harness, o *ami.Options) {
			h.Answer("CoreSettings", "Response", "Error", "Message", "Permission denied")
			h.Answer("Filter", "Response", "Error", "Message", "Permission denied")
			o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"Hangup"}}}
			o.Logger = h.logger(t)
		})
		if !h.client.Connected() {
			t.Fatal("not connected")
		}
		h.client.SubscribeTo(ami.Want{Names: []string{"Newchannel"}}, 1)
		if got, want := h.asked(), []string{"login ", "^Event: (Hangup|OriginateResponse)[[:space:]]"}; !cmp.Equal(got, want) {
			t.Errorf("asked %q, want %q", got, want)
		}
		if log := h.log.String(); !strings.Contains(log, "sends all events") || !strings.Contains(log, "write = system") {
			t.Errorf("log:\n%s", log)
		}
		logged := func() int {
			h.Drop()
			time.Sleep(time.Minute)
			synctest.Wait()
			return strings.Count(h.log.String(), "sends all events")
		}
		if n := logged(); n != 1 {
			t.Errorf("logged %d times, want once for two sessions", n)
		}
		h.Answer("Filter", "Response", "Success")
		logged()
		h.Answer("Filter", "Response", "Error", "Message", "Permission denied")
		if n := logged(); n != 2 {
			t.Errorf("logged %d times, want once more when the right was lost", n)
		}
	})
}

// Many names take several lines, none of them too long.
func TestServerFilterManyNames(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var names []string
		for c := range 200 {
			names = append(names, "Event"+strings.Repeat("x", c%20)+time.Duration(c).String())
		}
		h := run(t, func(h *harness, o *ami.Options) {
			filterServer(h, "16.28.0")
			o.ServerFilter, o.Wants = true, []ami.Want{{Names: names}}
		})
		var got []string
		for _, filter := range h.asked()[1:] {
			filter = strings.TrimSuffix(strings.TrimPrefix(filter, "^Event: ("), ")[[:space:]]")
			got = append(got, strings.Split(filter, "|")...)
		}
		slices.Sort(names)
		if want := slices.Sorted(slices.Values(append(names, "OriginateResponse"))); !cmp.Equal(got, want) || !h.client.Connected() {
			t.Errorf("got -, want +\n%s", cmp.Diff(got, want))
		}
	})
}

// Who asks for something that cannot be put into a filter gets everything, and
// without ServerFilter nothing is asked.
func TestServerFilterNone(t *testing.T) {
	for name, change := range map[string]func(*ami.Options){
		"off":      func(o *ami.Options) { o.Wants = []ami.Want{{Names: []string{"A"}, Classes: []string{"call"}}} },
		"odd name": func(o *ami.Options) { o.ServerFilter, o.Wants = true, []ami.Want{{Names: []string{"A.*"}}} },
		"all":      func(o *ami.Options) { o.ServerFilter = true },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := run(t, func(_ *harness, o *ami.Options) { change(o) })
				if got, want := h.asked(), []string{"login "}; !cmp.Equal(got, want) {
					t.Errorf("asked %q, want %q", got, want)
				}
			})
		})
	}
}
