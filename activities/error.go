package activities

import (
	"context"
	"errors"
	"log/slog"

	"go.temporal.io/sdk/temporal"

	"runrun/domain"
)

// nonRetryable are the codes that no repetition changes.
var nonRetryable = map[domain.Code]bool{domain.CodeNotFound: true, domain.CodeValidation: true, domain.CodeOrderState: true}

// toApplicationError turns an error into one for the workflow's history, which staff read: code and message, but not the cause, which
// may quote data. The cause goes to this process's log.
func toApplicationError(ctx context.Context, activity string, err error) error {
	if err == nil {
		return nil
	}
	code, message := domain.CodeOf(err), "see the worker's log"
	var ours *domain.Error
	if errors.As(err, &ours) && ours.Message != "" {
		message = ours.Message
	}
	slog.WarnContext(ctx, "activity failed", "activity", activity, "error", err)
	return temporal.NewApplicationErrorWithOptions(message, string(code), temporal.ApplicationErrorOptions{NonRetryable: nonRetryable[code]})
}
