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

func (l asyncLink) List(ctx context.Context, action string) ([]agi.AsyncEvent, error) {
	items, err := l.client.List(ctx, ami.Action{Name: action})
	events := make([]agi.AsyncEvent, len(items))
	for i, item := range items {
		events[i] = item
	}
	return events, err
}

// Calls that the dialplan gives to AGI(agi:async), served over a manager connection.
func ExampleAsyncServer() {
	greet := agi.HandlerFunc(func(ctx context.Context, s *agi.Session) error {
		return s.Answer(ctx)
	})
	// Calls that came while this program was not there are served like others.
	srv := &agi.AsyncServer{Handler: greet, Adopted: greet}
	client := ami.New(ami.Options{
		Addr: "pbx.example:5038", Username: "agi", Secret: "secret", Events: "agi,call",
		OnState: func(s ami.State, err error) {
			if s == ami.Connected {
				srv.LinkUp()
			} else {
				srv.LinkLost(err)
			}
		},
	})
	events := client.Subscribe(ami.Names("AsyncAGIStart", "AsyncAGIExec", "AsyncAGIEnd", "Hangup", "Rename"), 10000)
	srv.Link = asyncLink{client, events}
	go func() { log.Fatal(client.Run(context.Background())) }()
	log.Fatal(srv.Serve(context.Background()))
}
