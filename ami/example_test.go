package ami_test

import (
	"context"
	"fmt"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/ami/amitest"
)

func Example() {
	server := amitest.New() // stands for a real Asterisk
	defer server.Close()
	server.AnswerList("CoreShowChannels", []string{"Event", "CoreShowChannel", "Channel", "PJSIP/101-00000007"})

	up := make(chan struct{}, 1)
	client := ami.New(ami.Options{
		Name: "pbx1", Addr: server.Addr(), Dial: server.Dial,
		Username: server.Username, Secret: server.Secret,
		OnState: func(s ami.State, _ error) {
			if s == ami.Connected {
				up <- struct{}{}
			}
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- client.Run(ctx) }()
	<-up

	channels, err := client.List(ctx, ami.Action{Name: "CoreShowChannels"})
	if err != nil {
		fmt.Println(err)
	}
	for _, c := range channels {
		fmt.Println(c.Get("Channel"))
	}
	_, err = client.Do(ctx, ami.Action{Name: "Command"}.With("Command", "core show version\r\nAction: Evil"))
	fmt.Println(err)
	stop()
	<-done
	// Output:
	// PJSIP/101-00000007
	// ami: invalid action: the value of Command holds a line end or NUL (in Command)
}

// Two servers, one stream of events.
func ExamplePool() {
	var servers []ami.ServerOptions
	var fakes []*amitest.Server // stand for real Asterisks
	up := make(chan struct{}, 2)
	for _, name := range []string{"berlin", "hamburg"} {
		fake := amitest.New()
		defer fake.Close()
		fakes = append(fakes, fake)
		servers = append(servers, ami.ServerOptions{
			Options: ami.Options{
				Name: name, Addr: fake.Addr(), Dial: fake.Dial, Username: fake.Username, Secret: fake.Secret,
				OnState: func(s ami.State, _ error) {
					if s == ami.Connected {
						up <- struct{}{}
					}
				},
			},
			Labels: map[string]string{"site": name},
		})
	}
	pool, err := ami.NewPool(servers...)
	if err != nil {
		fmt.Println(err)
		return
	}
	hangups := pool.Subscribe(ami.Want{Names: []string{"Hangup"}}, 1000)
	defer hangups.Close()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- pool.Run(ctx) }()
	<-up
	<-up

	for _, fake := range fakes {
		fake.Emit("Hangup", "Uniqueid", "1700000000.7", "Cause-txt", "Normal Clearing")
		e := <-hangups.C()
		if gap, ok := e.Gap(); ok {
			fmt.Println(gap.Lost, "events are missing here")
			continue
		}
		fmt.Println(e.Ref("Uniqueid"), e.Get("Cause-txt"))
	}
	stop()
	<-done
	// Output:
	// {berlin 1700000000.7} Normal Clearing
	// {hamburg 1700000000.7} Normal Clearing
}
