package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// refund is the compensation of a payment: intent, money back, record. It does not end before the money is back.
func (o *order) refund(ctx workflow.Context, _ ReleaseInput) {
	refund := o.recordRefundIntent(ctx)
	if refund == nil || refund.Status == domain.RefundDone {
		return
	}
	o.executeRefund(ctx, *refund)
	_, _ = step(ctx, o, quickStep("Write the refund down").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefund,
		RefundRecord{OrderID: o.in.OrderID, PaymentKey: refund.PaymentKey, Status: domain.RefundDone})
}

// recordRefundIntent writes the intent down, before the gateway is asked. Money without a row is for a person.
func (o *order) recordRefundIntent(ctx workflow.Context) *domain.Refund {
	for failures := 0; ; failures++ {
		refund, err := step(ctx, o, quickStep("Write the refund intent").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefundIntent,
			RefundInput{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Reason: domain.RefundReason})
		if err != nil || refund != nil {
			o.clearAttention(ctx)
			return refund
		}
		_ = o.awaitRetry(ctx, domain.AttentionRefundFailed, "payment "+o.view.PaymentKey+" was approved and has no row", failures)
	}
}

// executeRefund asks until a refund is proven. After any answer that is no refund the payment is looked up, since the money may be
// back all the same, and then the next try goes under a new key: under the old one the gateway repeats its answer for 15 days.
// Only a request without an answer is sent again under its own key. A denial is for a person, and so is a refund that stays
// unproven for long.
func (o *order) executeRefund(ctx workflow.Context, r domain.Refund) {
	p := domain.Payment{OrderID: r.OrderID, PaymentKey: r.PaymentKey, Amount: r.Amount}
	since := workflow.Now(ctx)
	key, denials := 0, 0
	for tries := 0; ; tries++ {
		result := o.cancelPayment(ctx, p, key)
		if result.Outcome == domain.Refunded || o.lookUp(ctx, p).Refunded >= r.Amount.Amount {
			o.clearAttention(ctx)
			return
		}
		if result.Answered {
			key++
		}
		if result.Outcome == domain.RefundDenied {
			detail := fmt.Sprintf("the gateway denies the refund of %s: %s %s", p.PaymentKey, result.Code, result.Message)
			_ = o.awaitRetry(ctx, domain.AttentionRefundFailed, detail, denials)
			denials++
			continue
		}
		asked := o.retries
		if workflow.Now(ctx).Sub(since) >= o.in.AttentionAfter {
			o.raiseAttention(ctx, domain.AttentionRefundFailed,
				fmt.Sprintf("the refund of %s is not proven yet: %s %s", p.PaymentKey, result.Code, result.Message))
		}
		_ = o.awaitNext(ctx, asked, min(firstLookUp<<min(tries, 12), longestPause), "Next try of the refund")
	}
}

func (o *order) cancelPayment(ctx workflow.Context, p domain.Payment, key int) domain.RefundResult {
	var result domain.RefundResult
	ctx = gatewayOptions(ctx, o, activityName(PaymentActivities.CancelPayment), fmt.Sprintf("Refund %s", p.Amount))
	in := CancelInput{Payment: p, Reason: domain.RefundReason, IdempotencyKey: fmt.Sprintf("%s-cancel-%s-%d", p.OrderID, p.PaymentKey, key)}
	if err := workflow.ExecuteActivity(ctx, PaymentActivities.CancelPayment, in).Get(ctx, &result); err != nil {
		o.log.Warn("gateway", "activity", "CancelPayment", "error", err)
		return domain.RefundResult{Outcome: domain.RefundUnproven}
	}
	return result
}
