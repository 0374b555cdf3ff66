package ami_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// Two servers in one pool: what they tell is kept apart, one of them may be restarted, and
// each tells who it is.
func TestRealPool(t *testing.T) {
	config := asterisktest.Config{ManagerRead: "all", ManagerWrite: "all"}
	newest := asterisktest.Start(t, config)
	asterisktest.Each(t, func(t *testing.T, v asterisktest.Version, start func(asterisktest.Config) *asterisktest.Instance) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		pbxs := map[string]*asterisktest.Instance{"newest": newest, "other": start(config)}
		var servers []ami.ServerOptions
		for name, pbx := range pbxs {
			servers = append(servers, ami.ServerOptions{
				Options:  ami.Options{Name: name, Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Events: "user"},
				Location: time.Local, Labels: map[string]string{"version": pbx.Version.Name},
			})
		}
		pool, err := ami.NewPool(servers...)
		if err != nil {
			t.Fatal(err)
		}
		sub := pool.Subscribe(ami.Want{Names: []string{"UserEvent"}}, 100)
		defer sub.Close()
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- pool.Run(running) }()
		defer func() {
			stop()
			if err := <-done; err != context.Canceled {
				t.Errorf("Run: %v", err)
			}
		}()
		await := func(name string) *ami.PoolServer {
			t.Helper()
			s, _ := pool.Get(name)
			awaitSession(ctx, t, s.Client)
			return s
		}
		identities := make(map[string]ami.Identity)
		for name, pbx := range pbxs {
			s := await(name)
			id, err := s.Identity(ctx)
			if at, zoned := id.StartTime(s.Location); err != nil || zoned != nil || time.Since(at).Abs() > 5*time.Minute {
				t.Errorf("%s: %+v, %v; started %v, %v", name, id, err, at, zoned)
			}
			if s.Labels["version"] != pbx.Version.Name {
				t.Errorf("%s has labels %v", name, s.Labels)
			}
			identities[name] = id
		}
		if restarted, known := identities["newest"].Restarted(identities["other"]); !restarted || !known {
			t.Errorf("two servers look like one: %+v", identities)
		}
		if err := pbxs["other"].Restart(ctx); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"newest", "other"} {
			raise(ctx, t, await(name).Client, "Hello")
		}
		got := make(map[string]string)
		for len(got) < 3 {
			select {
			case e := <-sub.C():
				got[tell(e)+" of "+e.Server()] = e.Get("UserEvent")
			case <-ctx.Done():
				t.Fatalf("got only %v", got)
			}
		}
		want := map[string]string{"UserEvent of newest": "Hello", "UserEvent of other": "Hello", "[0, reconnected] of other": ""}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got -, want +\n%s", diff)
		}
		for name, before := range identities {
			s, _ := pool.Get(name)
			after, err := s.Identity(ctx)
			if restarted, known := before.Restarted(after); err != nil || restarted != (name == "other") || !known {
				t.Errorf("%s: from %+v to %+v, %v: restarted %v, known %v", name, before, after, err, restarted, known)
			}
		}
	})
}
