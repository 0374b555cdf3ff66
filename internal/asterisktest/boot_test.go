package asterisktest

import (
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestRealBoot(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		began := time.Now()
		pbx := start(Config{})
		t.Logf("%v up in %v", v, time.Since(began))
		out, err := pbx.Console(t.Context(), "core show version")
		if err != nil {
			t.Fatal(err)
		}
		t.Log(out)
		out, err = pbx.Console(t.Context(), "manager show user test")
		t.Log(out)
		out, err = pbx.Console(t.Context(), "core show uptime")
		t.Log(out, pbx.Log())
		b := time.Now()
		t.Log(pbx.Stop(), time.Since(b))
	})
}
