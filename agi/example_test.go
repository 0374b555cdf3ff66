package agi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// A server with two applications: the dialplan chooses with the path, as in
// AGI(agi://127.0.0.1/support).
func ExampleServer() {
	var mux agi.Mux
	mux.HandleFunc("/support", func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Queue", "support")
		return err
	})
	mux.HandleFunc("/time", func(ctx context.Context, s *agi.Session) error {
		_, err := s.SayTime(ctx, time.Now(), "")
		return err
	})
	srv := &agi.Server{Handler: &mux, MaxSessions: 1000}
	log.Fatal(srv.ListenAndServe())
}

// A menu that gives the caller ten seconds, and cleans up after one who hangs up.
func ExampleSession() {
	menu := func(ctx context.Context, s *agi.Session) error {
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		digit, _, err := s.StreamFile(patience, "menu", "12", 0)
		switch {
		case errors.Is(err, agi.ErrHangup):
			cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return s.SetVariable(cleanup, "LEFT", "menu")
		case errors.Is(err, context.DeadlineExceeded):
			digit = "0" // the prompt was stopped
		case err != nil:
			return err
		}
		return s.SetExtension(ctx, digit)
	}
	fmt.Println(simulate(menu, `
		> STREAM FILE "menu" "12"
		< 200 result=50 endpos=8000
		> SET EXTENSION "2"
		< 200 result=0
	`))
	fmt.Println(simulate(menu, `
		> STREAM FILE "menu" "12"
		< 200 result=-1 endpos=4000
		! hangup
		> SET VARIABLE "LEFT" "menu"
		< 200 result=1
	`))
	// Output:
	// <nil>
	// <nil>
}

// Do sends commands that have no method of their own.
func ExampleSession_Do() {
	fmt.Println(simulate(func(ctx context.Context, s *agi.Session) error {
		r, err := s.Do(ctx, "RECEIVE TEXT", "5000")
		fmt.Printf("%s %q\n", r.Result, r.Data)
		return err
	}, `
		> RECEIVE TEXT "5000"
		< 200 result=1 (hello)
	`))
	// Output:
	// 1 "hello"
	// <nil>
}

// OnExchange shows what is said on the line.
func ExampleSession_OnExchange() {
	fmt.Println(simulate(func(ctx context.Context, s *agi.Session) error {
		s.OnExchange(func(e agi.Exchange) { fmt.Println(e.Command, "->", e.Reply.Text) })
		return s.Answer(ctx)
	}, "> ANSWER\n< 200 result=0"))
	// Output:
	// ANSWER -> result=0
	// <nil>
}

// simulate plays a transcript to a handler, as tests do with agitest.Run.
func simulate(h agi.HandlerFunc, transcript string) error {
	asterisk, conn := net.Pipe()
	served := make(chan struct{})
	go func() {
		defer close(served)
		(&agi.Server{Handler: h}).ServeConn(context.Background(), conn)
	}()
	err := agitest.Play(context.Background(), asterisk, transcript)
	<-served
	return err
}
