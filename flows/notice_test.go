package flows_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/agi/agitest"
	"github.com/pbxflow/pbxflow/flows"
)

// runNotice sends one notice as a rule does, to the place that notify describes.
func runNotice(t *testing.T, engine *flows.Engine, notify string) string {
	t.Helper()
	a := load(t, "notify: { ops: "+notify+" }\nflows: { main: { notify: ops, text: \"<!channel> & line\\nтwo\" } }")
	if _, err := a.Resolve("", nil); err != nil {
		t.Fatal(err)
	}
	// How it ended is in the trace.
	trace, _ := engine.RunSteps(t.Context(), a.Program, a.Program.Flows["main"].Steps, map[string]any{}, flows.Meta{Rule: "r", Severity: "critical"})
	return summary(trace)
}

func TestChat(t *testing.T) {
	for notify, want := range map[string]string{
		`{ chat: "https://chat.example/" }`:                      `application/json {"text":"&lt;!channel&gt; &amp; line\nтwo"}`,
		`{ chat: "https://chat.example/", service: mattermost }`: `application/json {"text":"&lt;!channel&gt; &amp; line\nтwo"}`,
		`{ chat: "https://chat.example/", service: discord }`:    `application/json {"allowed_mentions":{"parse":[]},"content":"<!channel> & line\nтwo"}`,
		`{ chat: "https://chat.example/", service: ntfy }`:       "text/plain; charset=utf-8 <!channel> & line\nтwo",
		`{ chat: "https://chat.example/", service: teams }`: `application/json {"attachments":[{"content":{"body":[{"text":"<!channel> & line\nтwo","type":"TextBlock","wrap":true}],` +
			`"type":"AdaptiveCard","version":"1.4"},"contentType":"application/vnd.microsoft.card.adaptive"}],"type":"message"}`,
	} {
		t.Run(notify, func(t *testing.T) {
			var got string
			engine := &flows.Engine{HTTP: clientOf(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got = r.Header.Get("Content-Type") + " " + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(body))
			}))}
			if s := runNotice(t, engine, notify); s != "notify\nDONE by flow" {
				t.Error(s)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the chat got something else (-want +got):\n%s", diff)
			}
		})
	}
}

// mailServer is an SMTP server that takes one message, or refuses the recipient.
func mailServer(t *testing.T, refuse string) (port int, message <-chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	got := make(chan string, 10)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go serveMail(conn, refuse, got)
		}
	}()
	return ln.Addr().(*net.TCPAddr).Port, got
}

func serveMail(conn net.Conn, refuse string, got chan<- string) {
	defer conn.Close()
	fmt.Fprint(conn, "220 mail.example ESMTP\r\n")
	lines := bufio.NewScanner(conn)
	var b strings.Builder
	for lines.Scan() {
		verb, _, _ := strings.Cut(lines.Text(), " ")
		b.WriteString(lines.Text() + "\n")
		switch {
		case strings.EqualFold(verb, "EHLO"):
			fmt.Fprint(conn, "250-mail.example\r\n250 8BITMIME\r\n")
		case strings.EqualFold(verb, "RCPT") && refuse != "":
			fmt.Fprint(conn, refuse+"\r\n")
			got <- "refused"
		case strings.EqualFold(verb, "DATA"):
			fmt.Fprint(conn, "354 go on\r\n")
			for lines.Scan() && lines.Text() != "." {
				b.WriteString(lines.Text() + "\n")
			}
			fmt.Fprint(conn, "250 taken\r\n")
			got <- b.String()
		case strings.EqualFold(verb, "QUIT"):
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
	}
}

func TestMail(t *testing.T) {
	const notify = "{ email: [ops@example.com, \"${env.CHIEF ?? 'chief@example.com'}\"] }"
	port, message := mailServer(t, "")
	engine := &flows.Engine{Mail: flows.Mail{Host: "127.0.0.1", Port: port, From: "pbx@example.com", TLS: "none"}}
	if s := runNotice(t, engine, notify); s != "notify\nDONE by flow" {
		t.Error(s)
	}
	got := <-message
	for _, want := range []string{
		"MAIL FROM:<pbx@example.com>", "RCPT TO:<ops@example.com>", "RCPT TO:<chief@example.com>",
		"Subject: [critical] notice of r", "<!channel> & line",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	// For good: it is not tried again.
	port, message = mailServer(t, "550 no such user")
	engine.Mail.Port = port
	if s := runNotice(t, engine, notify); !strings.Contains(s, `550 "no such user"`) {
		t.Error(s)
	}
	if <-message; len(message) > 1 { // one for each recipient at most
		t.Errorf("the server was asked %d times more", len(message))
	}
	if s := runNotice(t, &flows.Engine{}, notify); !strings.Contains(s, "there is no mail server: name one under mail in pbxflow.yaml") {
		t.Error(s)
	}
	// A server that knows no STARTTLS gets no mail.
	engine.Mail.TLS = "starttls"
	engine.Mail.Port, _ = mailServer(t, "")
	ended := make(chan string, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { ended <- runNotice(t, engine, notify) }()
	select {
	case s := <-ended:
		if !strings.Contains(s, "STARTTLS") {
			t.Error(s)
		}
	case <-ctx.Done():
		t.Error("no end within 20 s")
	}
}

// TestMailCertificates sends mail to a server whose authority is only known to us.
func TestMailCertificates(t *testing.T) {
	authority := httptest.NewTLSServer(nil)
	authority.Close()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", authority.TLS)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan string, 10)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go serveMail(conn, "", got)
		}
	}()
	roots := x509.NewCertPool()
	roots.AddCert(authority.Certificate())
	engine := &flows.Engine{Mail: flows.Mail{
		Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, From: "pbx@example.com", TLS: "tls", Certificates: &tls.Config{RootCAs: roots},
	}}
	if s := runNotice(t, engine, "{ email: ops@example.com }"); s != "notify\nDONE by flow" {
		t.Fatal(s)
	}
	if mail := <-got; !strings.Contains(mail, "RCPT TO:<ops@example.com>") {
		t.Errorf("the server got\n%s", mail)
	}
}

// TestNoticeOfFlow does not let the caller wait, and ends what waits.
func TestNoticeOfFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := load(t, named+"flows: { main: [{ notify: ops, text: a }, { log: at once }] }")
		if _, err := a.Resolve("", nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		background := flows.NewBackground(ctx)
		requests := 0
		engine := &flows.Engine{
			Program: func() *flows.Program { return a.Program }, Background: background,
			HTTP: clientOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests++; requests < 3 {
					w.WriteHeader(500)
				}
			})),
			OnTrace: func(trace *flows.Trace) {
				if got := summary(trace); got != "notify\nlog at once\nDONE by dialplan" || trace.Took > 0 {
					t.Errorf("after %v\n%s", trace.Took, got)
				}
			},
		}
		agitest.Run(t, engine, "env agi_request: agi://127.0.0.1/main\n"+conversation{}.told())
		if err := background.Wait(t.Context()); err != nil || requests != 3 {
			t.Errorf("%d requests, %v, want 3", requests, err)
		}
		cancel()
		background.Close()
	})
}
