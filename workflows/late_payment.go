package workflows

import (
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// RefundWorkflow refunds a payment that does not pay its order: it was approved after the order had ended, or beside another one. It
// looks the payment up first, and does nothing unless money was taken.
func RefundWorkflow(ctx workflow.Context, in LatePayment) (OrderView, error) {
	o := &order{
		in: in.Order, view: OrderView{OrderID: in.Order.OrderID, Status: in.Status, PaymentKey: in.PaymentKey}, log: workflow.GetLogger(ctx),
		stopped: func() bool { return false }, beside: true,
	}
	if err := o.registerStaffHandlers(ctx); err != nil {
		return o.view, err
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx) // money that must go back is not stopped
	defer cancel()
	o.updatePage(ctx)
	o.view.Payment = o.lookUpLate(ctx)
	if o.view.Payment.Outcome == domain.OutcomePaid {
		if in.Revive {
			o.revive(ctx)
		}
		o.refundLate(ctx) // unless it pays the order now: that the order is placed is no proof, another payment may have done it
	}
	if o.mustLeave(ctx) && !o.givenUp {
		return o.view, workflow.NewContinueAsNewError(ctx, RefundWorkflow, in)
	}
	return o.view, o.awaitAnswers(ctx)
}

// latePaymentAttributes are the search attributes with which a RefundWorkflow starts.
func latePaymentAttributes(in LatePayment) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(orderID.ValueSet(string(in.Order.OrderID)), userID.ValueSet(string(in.Order.UserID)),
		paymentKey.ValueSet(in.PaymentKey), orderStatus.ValueSet(string(in.Status)))
}

// lookUpLate asks the gateway until it knows.
func (o *order) lookUpLate(ctx workflow.Context) (result domain.PaymentResult) {
	p := domain.Payment{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Amount: o.in.Due}
	since := workflow.Now(ctx)
	for tries := 0; !o.mustLeave(ctx); tries++ {
		result = o.lookUp(ctx, p)
		waited := workflow.Now(ctx).Sub(since)
		switch result.Outcome {
		case domain.OutcomePaid, domain.OutcomeDeclined, domain.OutcomeMissing:
			return result
		case domain.OutcomeUnconfirmed: // nobody has confirmed it, or will
			return result
		}
		asked := o.retries
		if waited >= o.in.AttentionAfter {
			o.raiseAttention(ctx, domain.AttentionPaymentUnknown,
				fmt.Sprintf("payment %s may have charged the shopper beside the order, and the gateway does not say: %s %s",
					p.PaymentKey, result.Code, result.Message))
		}
		_ = o.awaitNext(ctx, asked, min(firstLookUp<<min(tries, 12), longestPause), "Next look at the payment")
	}
	return result
}

// revive places the order after all if it ended unpaid, not by its shopper's wish, and its units are still on sale. Then it has a workflow
// again, that goes on from its row.
func (o *order) revive(ctx workflow.Context) {
	state, err := step(ctx, o, quickStep("Place the order after all"), OrderActivities.ReviveOrder, LateApproval{
		OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Result: o.view.Payment, ShipAfter: o.in.Fulfilment.ShipAfter,
	})
	if err != nil || state.Status != domain.StatusPlaced {
		return
	}
	o.view.Status = state.Status
	child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: OrderWorkflowID(o.in.OrderID), TaskQueue: OrdersQueue, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, TypedSearchAttributes: StartAttributes(o.in),
		StaticSummary: "The order goes on", StaticDetails: StaticDetails(o.in),
	}), OrderWorkflow, o.in)
	if err := child.GetChildWorkflowExecution().Get(ctx, nil); err != nil { // one runs already, or the sweeper will start one
		o.log.Warn("revived order not started", "order_id", o.in.OrderID, "error", err)
	}
}

// refundLate writes the payment and its refund down, and makes it.
func (o *order) refundLate(ctx workflow.Context) {
	refund, err := step(ctx, o, quickStep("Write the late approval down").raises(domain.AttentionRefundFailed),
		OrderActivities.RecordLateApproval,
		LateApproval{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Result: o.view.Payment})
	if err != nil || refund == nil || refund.Status == domain.RefundDone { // it pays the order after all, or is back
		return
	}
	o.makeRefund(ctx, *refund)
}
