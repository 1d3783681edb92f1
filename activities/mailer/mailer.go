// Package mailer sends mails over SMTP.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"runrun/domain"
)

// Config names the mail server and the sender.
type Config struct {
	URL  string `name:"smtp-url" env:"SMTP_URL" default:"smtp://127.0.0.1:1025" help:"Mail server: smtp://USER:PASSWORD@HOST:PORT (STARTTLS where a password is given), or smtps://… (TLS from the beginning)."`
	From string `name:"mail-from" env:"MAIL_FROM" default:"RUNRUN <no-reply@runrun.test>" help:"Sender of the shop's mails."`
}

// timeout bounds one mail.
const timeout = 30 * time.Second

// Ports of the two schemes: https://www.rfc-editor.org/rfc/rfc8314#section-3.3
const (
	submissionPort = 587
	tlsPort        = 465
)

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if _, _, err := c.options(); err != nil {
		errs = append(errs, err)
	}
	if err := mail.NewMsg().From(c.From); err != nil {
		errs = append(errs, fmt.Errorf("mail-from: %q is no sender", c.From))
	}
	return errors.Join(errs...)
}

// options reads the URL. A password is only sent encrypted.
func (c Config) options() (host string, options []mail.Option, err error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return "", nil, errors.New("smtp-url: want smtp://[user:password@]host[:port] or smtps://…")
	}
	port := submissionPort
	options = []mail.Option{mail.WithTimeout(timeout), mail.WithTLSPolicy(mail.TLSOpportunistic)}
	if u.Scheme == "smtps" {
		port, options = tlsPort, append(options, mail.WithSSL())
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return "", nil, fmt.Errorf("smtp-url: %q is no port", text)
		}
	}
	if password, given := u.User.Password(); given {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
		if u.Scheme == "smtp" {
			options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
		}
	}
	return u.Hostname(), append(options, mail.WithPort(port)), nil
}

// Mailer sends mails. It is safe for concurrent use: every mail has a connection of its own.
type Mailer struct{ cfg Config }

// New returns a Mailer.
func New(cfg Config) *Mailer { return &Mailer{cfg} }

// Send hands a mail to the mail server.
// Errors: Unavailable; Validation if there is no such recipient.
func (m *Mailer) Send(ctx context.Context, in domain.Mail) error {
	host, options, err := m.cfg.options()
	if err != nil {
		return err
	}
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(message.From(m.cfg.From), message.To(in.To)); err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the mail has no valid sender or recipient")
	}
	message.Subject(in.Subject)
	message.SetMessageIDWithValue(string(in.ID) + "@runrun")
	message.SetDate()
	message.SetBodyString(mail.TypeTextPlain, in.Text)
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "the mail server's settings are not usable")
	}
	return classify(client.DialAndSendWithContext(ctx, message))
}

// classify turns the library's error into ours. The text of a refused mail names its recipient, so it is not kept.
func classify(err error) error {
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		if err == nil {
			return nil
		}
		return domain.Wrap(domain.CodeUnavailable, err, "the mail server did not take the mail")
	}
	if refused.Reason == mail.ErrSMTPRcptTo && !refused.IsTemp() && refused.ErrorCode() >= permanentFrom {
		return domain.Errorf(domain.CodeValidation, "the mail server does not know the recipient (%d)", refused.ErrorCode())
	}
	return domain.Errorf(domain.CodeUnavailable, "the mail server did not take the mail (%d)", refused.ErrorCode())
}

// permanentFrom are the replies that no repetition changes: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
const permanentFrom = 500
