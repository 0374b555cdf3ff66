package ami_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/catalog"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// realUsers are further users of the manager.
const realUsers = `
[general](+)
channelvars = QUOTED

[limited]
secret = limited
read = call
write = call,originate

[nobody]
secret = nobody
read =
write =

[single]
secret = single
read = all
write = all
allowmultiplelogin = no
`

// realVariables sends what Asterisk's parser takes apart, and sees what arrives.
func realVariables(ctx context.Context, t *testing.T, c *ami.Client) {
	want := map[string]string{
		"V1": `a,b"c'd\\e\\`, "V2": "(open [open {", "V3": ")]} closed", "V4": "", "V5": "  blanks  ", "V6": "a=b=c",
		"V7": "Zoë; | ${V1} $[1+1] \t", "V8": `"quoted, all"`, "V9": strings.Repeat(`,"`, 240),
	}
	got := make(map[string]string)
	all := c.SubscribeTo(ami.Want{Names: []string{"VarSet"}}, 10_000)
	defer all.Close()
	a := ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "1")
	for name, value := range want {
		a = a.WithVariable(name, value)
	}
	if _, err := c.Originate(ctx, a.WithVariable("HASH(V,a)", "x,y").WithVariable("CALLERID(num)", "12,34")); err != nil {
		t.Fatal(err)
	}
	want["~HASH~V~a~"] = "x,y"
	for len(got) < len(want) {
		select {
		case e := <-all.C():
			if _, ok := want[e.Get("Variable")]; ok {
				got[e.Get("Variable")] = e.Get("Value")
			}
		case <-ctx.Done():
			t.Fatalf("not all variables came: got -, want +\n%s", cmp.Diff(got, want))
		}
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +\n%s", diff)
	}
}

// realLists asks for every list while calls come and go, until those that must not stay
// empty were long: all count their items as they come, or List would fail.
func realLists(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	c := connect(t, ami.Options{}, pbx)
	for _, key := range []string{"a", "a/b"} {
		if _, err := c.Do(ctx, ami.Action{Name: "DBPut"}.With("Family", "list").With("Key", key).With("Val", "1")); err != nil {
			t.Fatal(err)
		}
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	calling, stop := context.WithCancel(ctx)
	defer stop()
	for _, to := range []string{"quick", "queue", "room", "room"} {
		calls.Go(func() {
			for pause(calling, 20*time.Millisecond) {
				if _, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/"+to+"@main").With("Application", "Wait").With("Data", "1")); err != nil {
					t.Errorf("a call to %s: %v", to, err)
				}
			}
		})
	}
	missing := map[string]int{
		"CoreShowChannels": 20, "Status": 20, "QueueStatus": 10, "BridgeList": 1, "ConfbridgeList": 10, "ConfbridgeListRooms": 1,
		"DeviceStateList": 4, "ExtensionStateList": 1, "DBGet": 1, "DBGetTree": 2, "ShowDialPlan": 10,
	}
	for len(missing) > 0 {
		for _, action := range catalog.Actions() {
			if action.Complete == "" {
				continue
			}
			items, err := c.List(ctx, ami.Action{Name: action.Name}.With("Family", "list").With("Key", "a").With("Conference", "7"))
			if refusal := (*ami.Error)(nil); err != nil && !errors.As(err, &refusal) {
				t.Fatalf("%s: %v; not seen yet: %v", action.Name, err, missing)
			}
			if n, ok := missing[action.Name]; ok && len(items) >= n {
				delete(missing, action.Name)
			}
		}
	}
}

func realStartOriginate(ctx context.Context, t *testing.T, c *ami.Client) {
	o, err := c.StartOriginate(ctx, ami.Action{}.With("Channel", "Local/ringing@main").With("Application", "Wait").With("Data", "1").With("Timeout", "1500"))
	if err != nil {
		t.Fatal(err)
	}
	if e, err := o.Wait(ctx); err == nil || e.Get("ActionID") != o.ActionID() || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("a call that only rings: %v, %v", e, err)
	}
}

func realMissingRights(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	c := connect(t, ami.Options{Username: "limited", Secret: "limited"}, pbx)
	for action, class := range map[string]string{
		"Command": "command", "CoreShowChannels": "reporting", "DBPut": "system", "UserEvent": "user", "Filter": "system", "ListCategories": "config", "QueueAdd": "agent",
	} {
		_, err := c.Do(ctx, ami.Action{Name: action}.With("Command", "x"))
		refusal, ok := errors.AsType[*ami.Error](err)
		if !ok || !slices.Contains(refusal.Classes, class) || !strings.Contains(err.Error(), "write = "+refusal.Classes[0]) {
			t.Errorf("%s: %v, want the class %s", action, err, class)
		}
	}
	_, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "System").With("Data", "true"))
	if refusal, ok := errors.AsType[*ami.Error](err); !ok || !slices.Equal(refusal.Classes, []string{"system"}) {
		t.Errorf("Originate of System: %v", err)
	}
	if _, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "1")); err != nil {
		t.Errorf("Originate with its two rights: %v", err)
	}
	none := connect(t, ami.Options{Username: "nobody", Secret: "nobody"}, pbx)
	if _, err := none.Do(ctx, ami.Action{Name: "Ping"}); err != nil {
		t.Errorf("Ping without any right: %v", err)
	}
	for _, action := range []string{"QueueStatus", "BridgeList"} {
		if _, err := none.List(ctx, ami.Action{Name: action}); err != nil {
			t.Errorf("%s without any right: %v", action, err)
		}
	}
	id, err := none.Identity(ctx)
	if refusal, ok := errors.AsType[*ami.Error](err); !ok || refusal.Message != "Permission denied" {
		t.Errorf("Identity without any right: %+v, %v", id, err)
	}
}

// realActionLink makes a call that rings, and sees its events before it is over: on one
// link they come only then.
func realActionLink(ctx context.Context, t *testing.T, pbx *asterisktest.Instance) {
	c := connect(t, ami.Options{ActionLink: true}, pbx)
	events := c.SubscribeTo(ami.Want{Names: []string{"Newchannel"}, Func: func(e ami.Event) bool {
		return strings.HasPrefix(e.Get("Channel"), "Local/ringing@main")
	}}, 100)
	defer events.Close()
	over := make(chan error, 1)
	go func() {
		_, err := c.Do(ctx, ami.Action{Name: "Originate"}.With("Channel", "Local/ringing@main").With("Application", "Wait").With("Data", "1").With("Timeout", "3000"))
		over <- err
	}()
	select {
	case <-events.C():
		select {
		case err := <-over:
			t.Errorf("the synchronous Originate ended before the event came: %v", err)
		default:
		}
	case <-ctx.Done():
		t.Fatal("no event")
	}
	if refusal, ok := errors.AsType[*ami.Error](<-over); !ok {
		t.Errorf("Originate: %v", refusal)
	}
	if e, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "1")); err != nil {
		t.Errorf("Originate over two links: %v, %v", e, err)
	}
	if items, err := c.List(ctx, ami.Action{Name: "ShowDialPlan"}.With("Context", "main")); err != nil || len(items) < 4 {
		t.Errorf("List over two links: %d, %v", len(items), err)
	}

	once, stop := context.WithCancel(ctx)
	defer stop()
	why := make(chan error, 1)
	single := ami.New(ami.Options{Addr: pbx.AMI, Username: "single", Secret: "single", ActionLink: true, OnState: func(_ ami.State, err error) {
		select {
		case why <- err:
		default:
		}
		stop()
	}})
	single.Run(once)
	if err := <-why; err == nil || !strings.Contains(err.Error(), "allowmultiplelogin = yes") {
		t.Errorf("two links of a user who may have one: %v", err)
	}
}

// realServerFilter subscribes to user events of one name, and later of another; ours is
// the client that raises them.
func realServerFilter(ctx context.Context, t *testing.T, pbx *asterisktest.Instance, c *ami.Client) {
	came := make(chan string, 1000)
	filtered := connect(t, ami.Options{
		ServerFilter: true, Wants: []ami.Want{
			{Names: []string{"UserEvent", "Newexten"}, Classes: []string{"user", "dialplan", "call", "agent"}},
			{Names: []string{"VarSet"}, Fields: []ami.Field{{Name: "Variable", Value: "MARK"}}, Classes: []string{"dialplan"}},
		},
		Handler: func(e ami.Event) { came <- strings.TrimSpace(e.Name() + " " + e.Get("Variable")) },
	}, pbx)
	raise := func() {
		t.Helper()
		if _, err := c.Originate(ctx, ami.Action{}.With("Channel", "Local/quick@main").With("Application", "Wait").With("Data", "1")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"OTHER", "MARK", "REMARK"} {
			if _, err := c.Do(ctx, ami.Action{Name: "Setvar"}.With("Variable", name).With("Value", "MARK")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Do(ctx, ami.Action{Name: "UserEvent"}.With("UserEvent", "Mark")); err != nil {
			t.Fatal(err)
		}
	}
	until := func(last string) map[string]bool {
		t.Helper()
		names := make(map[string]bool)
		for {
			select {
			case name := <-came:
				names[name] = true
				if name == last {
					return names
				}
			case <-ctx.Done():
				t.Fatalf("no %s, only %v", last, names)
			}
		}
	}
	raise()
	until("UserEvent") // before the filters were set anything came
	got, want := make(map[string]bool), map[string]bool{"UserEvent": true, "Newexten": true, "VarSet MARK": true, "OriginateResponse": true}
	for len(got) < len(want) && ctx.Err() == nil { // variables are told of by a thread of their own
		raise()
		maps.Copy(got, until("UserEvent"))
	}
	if !cmp.Equal(got, want) {
		t.Errorf("filtered: got %v, want %v", got, want)
	}
	later := filtered.SubscribeTo(ami.Want{Names: []string{"Newchannel"}}, 100)
	defer later.Close()
	all := filtered.Subscribe(nil, 1000)
	defer all.Close()
	// Actions are taken in turn, so the client's own requests are done by now or before
	// this is answered; ask until they show.
	for ctx.Err() == nil {
		raise()
		if got := until("UserEvent"); got["Newchannel"] && got["Newstate"] {
			return
		}
	}
	t.Error("the later subscriptions' events do not come")
}

// realTLS switches TLS on in a running Asterisk.
func realTLS(ctx context.Context, t *testing.T, pbx *asterisktest.Instance, c *ami.Client) {
	settings, err := c.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show settings"))
	if err != nil {
		t.Fatal(err)
	}
	var dir string // as Asterisk sees it
	for _, line := range settings.Output() {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "Configuration directory:"); ok {
			dir = strings.TrimSpace(path)
		}
	}
	outside, err := filepath.Glob(filepath.Join(asterisktest.CacheDir(), "*", dir))
	if err != nil || len(outside) != 1 {
		t.Fatalf("the configuration in %s: %v, %v", dir, outside, err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	ca := newAuthority(t)
	for name, text := range map[string]string{
		"tls.pem":            ca.pemOf(ca.issue("pbx.example")),
		"manager_local.conf": realUsers + fmt.Sprintf("[general](+)\ntlsenable = yes\ntlsbindaddr = %s\ntlscertfile = %s/tls.pem\n", addr, dir),
	} {
		if err := os.WriteFile(filepath.Join(outside[0], name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pbx.Console(ctx, "manager reload"); err != nil {
		t.Fatal(err)
	}
	for wait := time.Duration(0); ; wait = 20 * time.Millisecond { // until it listens
		if !pause(ctx, wait) {
			t.Fatal("Asterisk does not listen for TLS")
		}
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			break
		}
	}
	secure := connect(t, ami.Options{
		Addr: addr, ActionLink: true,
		TLS: &tls.Config{RootCAs: ca.pool, ServerName: "pbx.example", Certificates: []tls.Certificate{ca.issue("app")}},
	}, pbx)
	if _, err := secure.Do(ctx, ami.Action{Name: "Ping"}); err != nil {
		t.Errorf("Ping over TLS: %v", err)
	}
	states := make(chan error, 1)
	short, cancel := context.WithCancel(ctx)
	defer cancel()
	wrong := ami.New(ami.Options{
		Addr: addr, Username: pbx.AMIUser, Secret: pbx.AMISecret, TLS: &tls.Config{RootCAs: ca.pool},
		OnState: func(_ ami.State, err error) { states <- err; cancel() },
	})
	wrong.Run(short)
	if err := <-states; err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("the wrong server name: %v", err)
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
