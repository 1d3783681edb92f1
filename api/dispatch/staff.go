package dispatch

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"go.temporal.io/api/serviceerror"

	"runrun/domain"
	"runrun/workflows"
)

// Act sends what support staff ask for to an order's workflow, which is started if it is lost.
// Errors: OrderState if the workflow has ended, or refuses; Validation; Unavailable if there is no answer in time.
func (s *Starter) Act(ctx context.Context, o domain.Order, in domain.StaffAction) error {
	var args any
	switch in.Name {
	case domain.StaffRetry:
		args = workflows.RetryRequest{By: in.By, Note: in.Note}
	case domain.StaffCancel:
		args = workflows.CancelRequest{By: in.By, Note: in.Note}
	case domain.StaffReturn:
		args = workflows.ReturnRequest{By: in.By, Note: in.Note}
	case domain.StaffRefund:
		args = workflows.RefundRequest{By: in.By, Note: in.Note, Amount: in.Amount}
	case domain.StaffResolve:
		args = workflows.ResolveRequest{By: in.By, Note: in.Note, As: in.As}
	default:
		return domain.Errorf(domain.CodeValidation, "staff cannot ask for %q", in.Name)
	}
	_, err := s.update(ctx, o, string(in.Name), string(in.Name)+"/"+uuid.NewString(), args)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		err = domain.Wrap(domain.CodeOrderState, err, "the order is "+string(o.Status)+" and its workflow has ended: there is nothing to act on")
	}
	return err
}
