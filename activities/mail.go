package activities

import (
	"context"

	"runrun/domain"
	"runrun/workflows"
)

// MailStore keeps mails until they are sent.
type MailStore interface {
	// QueuedMail returns a mail with its status; what it says only while it is QUEUED.
	QueuedMail(ctx context.Context, id domain.MailID) (domain.Mail, error)
	FinishMail(ctx context.Context, id domain.MailID, status domain.MailStatus) error
}

// Mailer is the mail server.
type Mailer interface {
	// Send hands a mail over. A mail that is sent twice has the same message id, so that its reader sees one.
	Send(ctx context.Context, m domain.Mail) error
}

// Mails are the activities of the queue mails.
type Mails struct {
	store  MailStore
	mailer Mailer
}

var _ workflows.MailActivities = (*Mails)(nil)

// NewMails makes the activities of the queue mails.
func NewMails(store MailStore, mailer Mailer) *Mails { return &Mails{store, mailer} }

// SendMail sends a mail that is queued. If the worker dies before it is written down, the mail is sent again.
func (a *Mails) SendMail(ctx context.Context, in workflows.MailInput) (domain.MailStatus, error) {
	mail, err := a.store.QueuedMail(ctx, in.MailID)
	if err != nil {
		return "", toApplicationError(ctx, "SendMail", err)
	}
	if mail.Status != domain.MailQueued {
		return mail.Status, nil
	}
	status := domain.MailSent
	switch err := a.mailer.Send(ctx, mail); domain.CodeOf(err) {
	case "":
	case domain.CodeValidation:
		status = domain.MailRefused
	default:
		return "", toApplicationError(ctx, "SendMail", err)
	}
	return status, toApplicationError(ctx, "SendMail", a.store.FinishMail(ctx, mail.ID, status))
}
