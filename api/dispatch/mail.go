package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"runrun/domain"
	"runrun/workflows"
)

const (
	mailBatch = 100
	// mailLease is for how long a claimed mail is left alone: its workflow may be at work all the time.
	mailLease = 5 * time.Minute
	// mailStart bounds the start that a person waits for; what is not started then is started by the sweeper.
	mailStart = 2 * time.Second
)

// MailClaims leases mails to one of several processes.
type MailClaims interface {
	// ClaimMails leases up to limit mails that should have been sent.
	ClaimMails(ctx context.Context, limit int, lease time.Duration) ([]domain.MailID, error)
}

// Mails starts the workflows that send mails.
type Mails struct {
	temporal client.Client
	claims   MailClaims
	every    time.Duration
}

// NewMails returns Mails that look for forgotten mails at every interval.
func NewMails(c client.Client, claims MailClaims, every time.Duration) *Mails {
	return &Mails{c, claims, every}
}

// SendMail starts the workflow of a mail, unless it was started before.
// Errors: Unavailable; then Run starts it later.
func (m *Mails) SendMail(ctx context.Context, id domain.MailID) error {
	ctx, cancel := context.WithTimeout(ctx, mailStart)
	defer cancel()
	_, err := m.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.MailWorkflowID(id), TaskQueue: workflows.OrdersQueue,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflows.MailWorkflow, workflows.MailInput{MailID: id})
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err == nil || errors.As(err, &started) {
		return nil
	}
	return domain.Wrap(domain.CodeUnavailable, err, "the mail's workflow was not started")
}

// Run starts the workflows of mails that a crash or an absent Temporal left without one, until ctx ends.
func (m *Mails) Run(ctx context.Context) {
	ticker := time.NewTicker(m.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := m.sendForgotten(ctx); err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "mails wait to be sent", "error", err)
			}
		}
	}
}

func (m *Mails) sendForgotten(ctx context.Context) error {
	forgotten, err := m.claims.ClaimMails(ctx, mailBatch, mailLease)
	if err != nil {
		return err
	}
	for _, id := range forgotten {
		if err := m.SendMail(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
