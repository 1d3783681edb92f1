package activities_test

import (
	"context"
	"testing"

	"runrun/activities"
	"runrun/domain"
	"runrun/workflows"
)

// post is a mail with its server: what is queued, what the server says, and what is written down.
type post struct {
	queued   domain.Mail
	answer   error
	sent     int
	finished domain.MailStatus
}

func (p *post) QueuedMail(context.Context, domain.MailID) (domain.Mail, error) { return p.queued, nil }

func (p *post) FinishMail(_ context.Context, _ domain.MailID, status domain.MailStatus) error {
	p.finished = status
	return nil
}

func (p *post) Send(context.Context, domain.Mail) error {
	p.sent++
	return p.answer
}

func TestWhatBecomesOfAMail(t *testing.T) {
	unknown, down := domain.Errorf(domain.CodeValidation, "no such box"), domain.Errorf(domain.CodeUnavailable, "down")
	for name, c := range map[string]struct {
		post
		status   domain.MailStatus
		fails    bool
		sent     int
		finished domain.MailStatus
	}{
		"taken":           {post{queued: domain.Mail{Status: domain.MailQueued}}, domain.MailSent, false, 1, domain.MailSent},
		"sent before":     {post{queued: domain.Mail{Status: domain.MailSent}}, domain.MailSent, false, 0, ""},
		"expired":         {post{queued: domain.Mail{Status: domain.MailExpired}}, domain.MailExpired, false, 0, ""},
		"no such box":     {post{queued: domain.Mail{Status: domain.MailQueued}, answer: unknown}, domain.MailRefused, false, 1, domain.MailRefused},
		"the server down": {post{queued: domain.Mail{Status: domain.MailQueued}, answer: down}, "", true, 1, ""},
	} {
		p := c.post
		status, err := activities.NewMails(&p, &p).SendMail(t.Context(), workflows.MailInput{MailID: "mal_1"})
		if status != c.status || (err != nil) != c.fails || p.sent != c.sent || p.finished != c.finished {
			t.Errorf("%s: %q, %v; sent %d times, written down as %q", name, status, err, p.sent, p.finished)
		}
	}
}
