package agi_test

import (
	"context"
	"os"

	"github.com/pbxflow/pbxflow/agi"
)

// A program that Asterisk starts for a call, by AGI(/path/program).
func ExampleServeStdio() {
	hello := func(ctx context.Context, s *agi.Session) error {
		_, _, err := s.StreamFile(ctx, "hello-world", "", 0)
		return err
	}
	if err := agi.ServeStdio(context.Background(), agi.HandlerFunc(hello), nil); err != nil {
		os.Exit(1)
	}
}
