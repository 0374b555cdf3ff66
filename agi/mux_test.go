package agi_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

func TestMux(t *testing.T) {
	var mux, rooted agi.Mux
	for _, m := range []*agi.Mux{&mux, &rooted} {
		for _, pattern := range []string{"/support", "/menus/", "/menus/day/", "/menus/day/one"} {
			m.HandleFunc(pattern, func(ctx context.Context, s *agi.Session) error { return s.Verbose(ctx, pattern, 1) })
		}
	}
	rooted.HandleFunc("/", func(ctx context.Context, s *agi.Session) error { return s.Verbose(ctx, "/", 1) })
	for path, want := range map[string]string{
		"support?lang=en": "/support",
		"support/x":       "",
		"menus/":          "/menus/",
		"menus":           "",
		"menus/x/y":       "/menus/",
		"menus/day/two":   "/menus/day/",
		"menus/day/one":   "/menus/day/one",
		"":                "",
	} {
		synctest.Test(t, func(t *testing.T) {
			failing, serving := "> FAILURE", "> VERBOSE \""+want+"\" \"1\"\n< 200 result=1"
			request := "env agi_request: agi://pbx/" + path + "\n"
			if want == "" {
				agitest.Run(t, &mux, request+failing)
				agitest.Run(t, &rooted, request+"> VERBOSE \"/\" \"1\"\n< 200 result=1")
				return
			}
			agitest.Run(t, &mux, request+serving)
			agitest.Run(t, &rooted, request+serving)
		})
	}
}

func TestMuxMistakes(t *testing.T) {
	var mux agi.Mux
	mux.Handle("/a", &mux)
	for pattern, h := range map[string]agi.Handler{"a": &mux, "": &mux, "/a": &mux, "/b": nil} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q: got no panic", pattern)
				}
			}()
			mux.Handle(pattern, h)
		}()
	}
}
