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
