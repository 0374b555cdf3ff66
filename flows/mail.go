package flows

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"

	"github.com/cenkalti/backoff/v5"
	"github.com/wneessen/go-mail"
)

// Mail is how notices are sent by mail.
type Mail struct {
	// Host and Port are the mail server's; no Host means that no mail is sent.
	Host string
	Port int
	// From is the address of the sender.
	From string
	// Username and Password sign in; empty means that the server wants none.
	Username, Password string
	// TLS is starttls, tls (from the beginning) or none.
	TLS string
	// Certificates holds further authorities and a certificate of our own; nil means those
	// of the system and none.
	Certificates *tls.Config
}

// isMailAddress reports whether the text is one mail address and no more.
func isMailAddress(text string) bool {
	a, err := netmail.ParseAddress(text)
	return err == nil && a.Address == text
}

// mail sends a notice by mail. What the mail server refuses for good is not repeated.
func (e *Engine) mail(ctx context.Context, n *Notifier, text string, meta Meta) error {
	if e.Mail.Host == "" {
		return backoff.Permanent(errors.New("there is no mail server: name one under mail in pbxflow.yaml"))
	}
	m := mail.NewMsg()
	err := errors.Join(m.From(e.Mail.From), m.To(n.addresses...))
	m.Subject(cmp.Or(n.subject, subjectOf(meta)))
	m.SetDate()
	m.SetMessageID()
	m.SetBodyString(mail.TypeTextPlain, text)
	client, clientErr := e.Mail.client()
	if err = errors.Join(err, clientErr); err != nil {
		return backoff.Permanent(err)
	}
	bounded, cancel := e.clock().WithTimeout(ctx, noticeTimeout, context.DeadlineExceeded)
	defer cancel()
	err = client.DialAndSendWithContext(bounded, m)
	if refused, ok := errors.AsType[*mail.SendError](err); ok && !refused.IsTemp() {
		return backoff.Permanent(err)
	}
	return err
}

// subjectOf says where a notice comes from.
func subjectOf(meta Meta) string {
	subject := "notice of " + cmp.Or(meta.Rule, meta.Flow, "pbxflow")
	if meta.Severity != "" {
		subject = fmt.Sprintf("[%s] %s", meta.Severity, subject)
	}
	return subject
}

func (m Mail) client() (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(m.Port), mail.WithTimeout(noticeTimeout)}
	switch m.TLS {
	case "tls":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.Certificates != nil {
		config := m.Certificates.Clone()
		config.ServerName = m.Host
		options = append(options, mail.WithTLSConfig(config))
	}
	if m.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.Username), mail.WithPassword(m.Password))
	}
	return mail.NewClient(m.Host, options...)
}
