package domain

import "time"

// Mail is a message to a person. Recipient and text are personal data: encrypted at rest, deleted when the mail is sent, and never in a
// workflow or a log.
type Mail struct {
	ID      MailID
	To      string
	Subject string
	Text    string
	Status  MailStatus
	// ExpiresAt is when the message says nothing true any more: it is not sent after that.
	ExpiresAt time.Time
	// Life is how long a new mail may wait, by the database's clock.
	Life time.Duration
}

// MailStatus is how far a mail is.
type MailStatus string

// The statuses of a mail.
const (
	MailQueued  MailStatus = "QUEUED"
	MailSent    MailStatus = "SENT"
	MailExpired MailStatus = "EXPIRED"
	MailRefused MailStatus = "REFUSED" // the mail server knows no such recipient
)
