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
		_ = o.awaitRetry(ctx, domain.AttentionRefundFailed,
			"payment "+o.view.PaymentKey+" was charged, has no row and is not refunded yet", failures)
	}
}

// executeRefund sends cancel requests until the refund is confirmed. After every response that is not a refund it looks the
// payment up, since the money may be refunded all the same. The next try then uses a new idempotency key, because the gateway
// replays a response under the same key for 15 days; only a request without a response keeps its key. A denied refund raises
// attention at once, an unconfirmed one after AttentionAfter.
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
		o.log.Warn("gateway activity failed", "order_id", o.in.OrderID, "activity", "CancelPayment", "error", err)
		return domain.RefundResult{Outcome: domain.RefundUnproven}
	}
	return result
}
