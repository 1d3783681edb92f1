package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// MailWorkflowID is the id of the workflow that sends a mail: one for each mail, ever.
func MailWorkflowID(id domain.MailID) string { return "mail/" + string(id) }

// MailInput names a mail. What it says, and to whom, stands in the database alone, encrypted.
type MailInput struct {
	MailID domain.MailID `json:"mailId"`
}

// MailActivities speak to the mail server. They run on the queue mails.
type MailActivities interface {
	// SendMail sends a mail that is queued and answers what became of it, now or before: SENT, EXPIRED or REFUSED.
	SendMail(ctx context.Context, in MailInput) (domain.MailStatus, error)
}

// Bounds of sending a mail. It is tried until it is sent or says nothing true any more, which its row decides.
const (
	mailLimit        = time.Minute
	longestMailPause = time.Minute
)

// MailWorkflow sends one mail, however long the mail server is dead.
func MailWorkflow(ctx workflow.Context, in MailInput) (domain.MailStatus, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		Summary:             "Send the mail",
		TaskQueue:           MailsQueue,
		StartToCloseTimeout: mailLimit,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: longestMailPause},
	})
	var status domain.MailStatus
	err := workflow.ExecuteActivity(ctx, MailActivities.SendMail, in).Get(ctx, &status)
	return status, err
}
