package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// refundReason is what the shopper reads on the card statement.
const refundReason = "The order could not be completed"

// refund is the compensation of a payment: intent, money back, record. It does not end before the money is back.
func (o *order) refund(ctx workflow.Context) {
	refund := o.intendRefund(ctx)
	if refund == nil || refund.Status == domain.RefundDone {
		return
	}
	o.giveMoneyBack(ctx, *refund)
	_, _ = step(ctx, o, quick("Write the refund down").raising(domain.RefundFailed), OrderActivities.RecordRefund,
		RefundRecord{OrderID: o.in.OrderID, PaymentKey: refund.PaymentKey, Status: domain.RefundDone})
}

// intendRefund writes the intent down, before the gateway is asked. Money that is not in the books is for a person.
func (o *order) intendRefund(ctx workflow.Context) *domain.Refund {
	for failures := 0; ; failures++ {
		refund, err := step(ctx, o, quick("Write the refund intent").raising(domain.RefundFailed), OrderActivities.RecordRefundIntent,
			RefundInput{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Reason: refundReason})
		if err != nil || refund != nil {
			o.calm(ctx)
			return refund
		}
		_ = o.askForHelp(ctx, domain.RefundFailed, "payment "+o.view.PaymentKey+" was approved and is not in the books", failures)
	}
}

// giveMoneyBack asks until a refund is proven. A denial is for a person, and so is a refund that stays unproven for long.
// After a denial the next try, at a growing pause or when staff ask for it, goes under a new key: under the old one the
// gateway would only repeat its denial.
func (o *order) giveMoneyBack(ctx workflow.Context, r domain.Refund) {
	p := domain.Payment{OrderID: r.OrderID, PaymentKey: r.PaymentKey, Amount: r.Amount}
	since := workflow.Now(ctx)
	denials := 0
	for tries := 0; ; tries++ {
		result := o.cancelPayment(ctx, p, denials)
		switch {
		case result.Outcome == domain.Refunded,
			result.Outcome == domain.RefundUnproven && o.lookUp(ctx, p).Refunded >= r.Amount.Amount:
			o.calm(ctx)
			return
		case result.Outcome == domain.RefundDenied:
			trouble := fmt.Sprintf("the gateway denies the refund of %s: %s %s", p.PaymentKey, result.Code, result.Message)
			_ = o.askForHelp(ctx, domain.RefundFailed, trouble, denials)
			denials++
		default:
			asked := o.retries
			if workflow.Now(ctx).Sub(since) >= o.in.AttentionAfter {
				o.raise(ctx, domain.RefundFailed, fmt.Sprintf("the refund of %s is not proven yet: %s", p.PaymentKey, result.Code))
			}
			_ = o.awaitNext(ctx, asked, min(firstLookUp<<min(tries, 12), longestPause), "Next try of the refund")
		}
	}
}

func (o *order) cancelPayment(ctx workflow.Context, p domain.Payment, denials int) domain.RefundResult {
	var result domain.RefundResult
	ctx = gatewayOptions(ctx, o, nameOf(PaymentActivities.CancelPayment), fmt.Sprintf("Refund %s", p.Amount))
	in := CancelInput{Payment: p, Reason: refundReason, IdempotencyKey: fmt.Sprintf("%s-cancel-%s-%d", p.OrderID, p.PaymentKey, denials)}
	if err := workflow.ExecuteActivity(ctx, PaymentActivities.CancelPayment, in).Get(ctx, &result); err != nil {
		o.log.Warn("gateway", "activity", "CancelPayment", "error", err)
		return domain.RefundResult{Outcome: domain.RefundUnproven}
	}
	return result
}
