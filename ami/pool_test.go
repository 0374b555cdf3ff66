package ami_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

func poolOptions(s *amitest.Server, name string) ami.ServerOptions {
	return ami.ServerOptions{Options: ami.Options{Name: name, Addr: s.Addr(), Username: s.Username, Secret: s.Secret, Dial: s.Dial}}
}

func TestPool(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one, two, wrong := amitest.New(), amitest.New(), amitest.New()
		defer one.Close()
		defer two.Close()
		defer wrong.Close()
		zone := time.FixedZone("east", 3*3600)
		first, third := poolOptions(one, "one"), poolOptions(wrong, "wrong")
		first.Location, first.Labels = zone, map[string]string{"site": "a"}
		third.Secret = "none"
		pool, err := ami.NewPool(first, poolOptions(two, "two"), third)
		if err != nil {
			t.Fatal(err)
		}
		sub := pool.Subscribe(ami.Want{Names: []string{"Hangup"}}, 10)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- pool.Run(ctx) }()
		synctest.Wait()

		var names []string
		for _, s := range pool.All() {
			names = append(names, s.Name())
			switch up := s.Connected(); {
			case up != (s.Name() != "wrong"):
				t.Errorf("%s connected: %v", s.Name(), up)
			case errors.Is(s.Err(), ami.ErrLoginRefused) == up:
				t.Errorf("%s: Err %v", s.Name(), s.Err())
			}
		}
		if want := []string{"one", "two", "wrong"}; !cmp.Equal(names, want) {
			t.Errorf("All: %v, want %v", names, want)
		}
		s, ok := pool.Get("one")
		if !ok || s.Location != zone || s.Labels["site"] != "a" {
			t.Errorf("Get: %v, %v", s, ok)
		}
		if s, _ := pool.Get("two"); s.Location != time.UTC {
			t.Errorf("location of two: %v", s.Location)
		}
		if _, ok := pool.Get("three"); ok {
			t.Error("Get of nobody")
		}

		one.Emit("Hangup", "Uniqueid", "1.1")
		synctest.Wait()
		two.Emit("Hangup", "Uniqueid", "1.1")
		two.Emit("Newchannel", "Uniqueid", "1.1")
		synctest.Wait()
		two.Drop()
		time.Sleep(time.Second)
		one.Emit("Hangup", "Uniqueid", "1.2")
		synctest.Wait()
		sub.Close()
		var got []string
		for e := range sub.C() {
			got = append(got, tell(e)+" "+e.Ref("Uniqueid").Server+" "+e.Get("Uniqueid"))
		}
		if want := []string{"Hangup one 1.1", "Hangup two 1.1", "[0, reconnected] two ", "Hangup one 1.2"}; !cmp.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		stop()
		if err := <-done; err != context.Canceled {
			t.Errorf("Run: %v", err)
		}
	})
}

// A mark for losses of several servers is none of theirs.
func TestPoolLosses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one, two := amitest.New(), amitest.New()
		defer one.Close()
		defer two.Close()
		pool, err := ami.NewPool(poolOptions(one, "one"), poolOptions(two, "two"))
		if err != nil {
			t.Fatal(err)
		}
		sub := pool.Subscribe(ami.Want{}, 1)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- pool.Run(ctx) }()
		synctest.Wait()
		for _, lossy := range [][]*amitest.Server{{one, one}, {one, two}} {
			one.Emit("A")
			synctest.Wait()
			for _, s := range lossy {
				s.Emit("Lost")
				synctest.Wait()
			}
			<-sub.C()
			one.Emit("B")
			synctest.Wait()
			mark, want := <-sub.C(), "one"
			if lossy[1] == two {
				want = ""
			}
			if tell(mark) != "[2]" || mark.Server() != want {
				t.Errorf("%s of %q, want [2] of %q", tell(mark), mark.Server(), want)
			}
			<-sub.C()
		}
		sub.Close()
		stop()
		<-done
	})
}

func TestPoolAllRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := amitest.New()
		defer s.Close()
		one, two := poolOptions(s, "one"), poolOptions(s, "two")
		one.Secret, two.Secret = "wrong", "wrong"
		pool, err := ami.NewPool(one, two)
		if err != nil {
			t.Fatal(err)
		}
		err = pool.Run(t.Context())
		if !errors.Is(err, ami.ErrLoginRefused) || !strings.Contains(err.Error(), "one: ") || !strings.Contains(err.Error(), "two: ") {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestPoolNames(t *testing.T) {
	s := amitest.Start(t)
	if _, err := ami.NewPool(poolOptions(s, "a"), poolOptions(s, "a")); err == nil {
		t.Error("two servers of one name")
	}
}
