package agi_test

import (
	"context"
	"errors"
	"log"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/ami"
)

// asyncLink is all that is between the packages agi and ami.
type asyncLink struct {
	client *ami.Client
	events *ami.Subscription
}

func (l asyncLink) Receive(ctx context.Context) (agi.AsyncEvent, error) {
	select {
	case e, ok := <-l.events.C():
		if !ok {
			return nil, errors.New("subscription closed")
		}
		return e, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l asyncLink) Send(ctx context.Context, action string, fields ...agi.AsyncField) error {
	a := ami.Action{Name: action}
	for _, f := range fields {
		a = a.With(f.Name, f.Value)
	}
	_, err := l.client.Do(ctx, a)
	return err
}

// Calls that the dialplan gives to AGI(agi:async), served over a manager connection.
func ExampleAsyncServer() {
	srv := &agi.AsyncServer{Handler: agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		return s.Answer(ctx)
	})}
	client := ami.New(ami.Options{
		Addr: "pbx.example:5038", Username: "agi", Secret: "secret", Events: "agi,call",
		OnState: func(s ami.State, err error) {
			if s == ami.Disconnected {
				srv.LinkLost(err)
			}
		},
	})
	events := client.Subscribe(ami.Names("AsyncAGIStart", "AsyncAGIExec", "AsyncAGIEnd", "Hangup", "Rename"), 10000)
	srv.Link = asyncLink{client, events}
	go func() { log.Fatal(client.Run(context.Background())) }()
	log.Fatal(srv.Serve(context.Background()))
}
