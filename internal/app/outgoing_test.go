package app_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutgoing(t *testing.T) {
	a := mustLoad(t, folder(map[string]string{
		"pbxflow.yaml": "allow: [ami]\noutgoing: { private: [127.0.0.1, 10.1.2.3/8, \"::1\"] }",
		"a.yaml":       "flows: { main: { ami: Reload } }",
	}))
	settings, err := a.Resolve("", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range settings.Outgoing.Private {
		got = append(got, netip.Prefix.String(p))
	}
	if diff := cmp.Diff([]string{"127.0.0.1/32", "10.0.0.0/8", "::1/128"}, got); diff != "" {
		t.Errorf("the ranges differ (-want +got):\n%s", diff)
	}
	if settings.Outgoing.TLS != nil {
		t.Error("there is a TLS configuration although nothing is said of it")
	}
}

func TestOutgoingMistakes(t *testing.T) {
	_, problems := load(t, folder(map[string]string{"pbxflow.yaml": "allow: [dial]\noutgoing: { private: [10.0.0] }"}))
	want := []string{
		`pbxflow.yaml:1:9: "allow": "dial" needs no allowance — only ami and exec do [wrong-type]`,
		`pbxflow.yaml:2:23: "private": "10.0.0" is neither an IP address nor a range such as 10.0.0.0/8 [wrong-type]`,
	}
	if diff := cmp.Diff(want, lines(problems)); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := mustLoad(t, folder(map[string]string{"pbxflow.yaml": "outgoing: { ca: \"" + empty + "\", cert: nix, key: nix }", "a.yaml": ""}))
	_, err := a.Resolve("", nil)
	if err == nil || !strings.Contains(err.Error(), "holds no certificate in PEM") || !strings.Contains(err.Error(), "the certificate cannot be used") {
		t.Errorf("got %v", err)
	}
}
