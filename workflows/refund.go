package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// refund is the compensation of a payment: intent, money back, record. It does not end before the money is back.
func (o *order) refund(ctx workflow.Context, _ ReleaseInput) { o.refundAll(ctx, domain.RefundReason) }

// refundAll gives back what is left of the order's payment, and reports whether it is back. It is not if this run ends before.
func (o *order) refundAll(ctx workflow.Context, reason string) bool {
	for !o.mustLeave(ctx) {
		r := o.recordRefundIntent(ctx, reason)
		if r == nil {
			return false
		}
		if r.Status == domain.RefundDone {
			return true
		}
		if !o.makeRefund(ctx, *r) {
			return false
		}
		if r.Before+r.Amount.Amount >= r.Paid {
			return true
		}
	}
	return false
}

// refundPart gives back a part of the payment of an order that goes on, after any refund that is still open.
func (o *order) refundPart(ctx workflow.Context, part reversal) error {
	in := RefundInput{
		OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Reason: domain.RefundReasonStaff, Amount: part.amount, Request: part.id,
	}
	for !o.mustLeave(ctx) {
		r, err := visible[*domain.Refund](ctx, o, quickStep("Write the refund intent"), activityName(OrderActivities.RecordRefundIntent), in)
		var refused *temporal.ApplicationError
		if errors.As(err, &refused) && domain.Code(refused.Type()) == domain.CodeValidation {
			return refuse(domain.CodeValidation, "the refund was not recorded, and no money moved: "+refused.Message())
		}
		if err != nil { // it may be written or not: until the database answers
			r, err = step(ctx, o, quickStep("Write the refund intent").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefundIntent, in)
		}
		if err != nil {
			break
		}
		if r == nil || r.Status == domain.RefundDone {
			return nil
		}
		if !o.makeRefund(ctx, *r) {
			return refuse(domain.CodeUnavailable, "the refund is recorded and will be made")
		}
	}
	return refuse(domain.CodeUnavailable, "send it again in a moment: the order's workflow goes on in a fresh run")
}

// finishOpenRefund makes the refund that an earlier run left open, of an order that has ended, or of a part.
func (o *order) finishOpenRefund(ctx workflow.Context) {
	in := RefundInput{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Reason: domain.RefundReason, OpenOnly: true}
	r, err := step(ctx, o, quickStep("Read the open refund").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefundIntent, in)
	if err == nil && r != nil && r.Status != domain.RefundDone {
		o.makeRefund(ctx, *r)
	}
}

// recordRefundIntent writes the intent down, before the gateway is asked. Money without a row is for a person.
func (o *order) recordRefundIntent(ctx workflow.Context, reason string) *domain.Refund {
	for failures := 0; !o.mustLeave(ctx); failures++ {
		refund, err := step(ctx, o, quickStep("Write the refund intent").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefundIntent,
			RefundInput{OrderID: o.in.OrderID, PaymentKey: o.view.PaymentKey, Reason: reason})
		if err != nil || refund != nil {
			o.clearAttention(ctx)
			return refund
		}
		_ = o.awaitRetry(ctx, domain.AttentionRefundFailed,
			"payment "+o.view.PaymentKey+" was charged, has no row and is not refunded yet", failures)
	}
	return nil
}

// makeRefund gives the money back and writes it down. It reports whether both were done.
func (o *order) makeRefund(ctx workflow.Context, r domain.Refund) bool {
	if !o.executeRefund(ctx, &r) {
		return false
	}
	record := RefundRecord{OrderID: o.in.OrderID, PaymentKey: r.PaymentKey, Seq: r.Seq, Status: domain.RefundDone}
	if o.resolved { // this refund, not the next
		record.Code, o.resolved = domain.RefundResolved, false
	}
	_, err := step(ctx, o, quickStep("Write the refund down").raises(domain.AttentionRefundFailed), OrderActivities.RecordRefund, record)
	return err == nil
}

// executeRefund sends cancel requests until the refund is confirmed. After every response that is not a refund it looks the
// payment up, since the money may be refunded all the same. The next try then uses a new idempotency key, because the gateway
// replays a response under the same key for 15 days; only a request without a response keeps its key. What is asked for is what is
// still missing, and the gateway refuses it if less is left of the payment than expected: so nothing is refunded twice. A denied
// refund raises attention at once, an unconfirmed one after AttentionAfter.
func (o *order) executeRefund(ctx workflow.Context, r *domain.Refund) bool {
	whole := domain.Payment{OrderID: r.OrderID, PaymentKey: r.PaymentKey, Amount: r.Amount}
	whole.Amount.Amount = max(r.Paid, r.Amount.Amount)
	since, back, denials := workflow.Now(ctx), r.Before, 0
	for tries := 0; !o.mustLeave(ctx); tries++ {
		if o.resolved { // by staff, by another way: the gateway must not be asked again
			o.clearAttention(ctx)
			return true
		}
		result := o.cancelPayment(ctx, whole, *r, back)
		if result.Outcome != domain.Refunded {
			back = max(back, o.lookUp(ctx, whole).Refunded)
		}
		if result.Outcome == domain.Refunded || back >= r.Before+r.Amount.Amount {
			o.clearAttention(ctx)
			return true
		}
		if result.Answered {
			r.Attempt++
		}
		o.recordTry(ctx, *r, result)
		if result.Outcome == domain.RefundDenied {
			detail := fmt.Sprintf("the gateway denies the refund of %s: %s %s", whole.PaymentKey, result.Code, result.Message)
			_ = o.awaitRetry(ctx, domain.AttentionRefundFailed, detail, denials)
			denials++
			continue
		}
		asked := o.retries
		if workflow.Now(ctx).Sub(since) >= o.in.AttentionAfter {
			o.raiseAttention(ctx, domain.AttentionRefundFailed,
				fmt.Sprintf("the refund of %s is not proven yet: %s %s", whole.PaymentKey, result.Code, result.Message))
		}
		_ = o.awaitNext(ctx, asked, min(firstLookUp<<min(tries, 12), longestPause), "Next try of the refund")
	}
	return false
}

// recordTry writes down what became of a try that was no refund, and the number of the next: a fresh run goes on with that.
func (o *order) recordTry(ctx workflow.Context, r domain.Refund, result domain.RefundResult) {
	if workflow.GetVersion(ctx, "refund-attempts", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	record := RefundRecord{
		OrderID: o.in.OrderID, PaymentKey: r.PaymentKey, Seq: r.Seq, Status: domain.RefundUnknown, Code: result.Code, Attempt: r.Attempt,
	}
	if result.Outcome == domain.RefundDenied {
		record.Status = domain.RefundRefused
	}
	_, _ = step(ctx, o, quickStep("Write the try of the refund down").raises(domain.AttentionRefundFailed),
		OrderActivities.RecordRefund, record)
}

// cancelPayment asks the gateway for what is missing of a refund; back is what is back of the whole payment already.
func (o *order) cancelPayment(ctx workflow.Context, whole domain.Payment, r domain.Refund, back int64) domain.RefundResult {
	missing := domain.Money{Amount: r.Before + r.Amount.Amount - back, Currency: r.Amount.Currency}
	in := CancelInput{
		Payment: whole, Amount: missing.Amount, Refundable: whole.Amount.Amount - back, Reason: r.Reason, IdempotencyKey: refundKey(r),
	}
	var result domain.RefundResult
	ctx = gatewayOptions(ctx, o, activityName(PaymentActivities.CancelPayment), fmt.Sprintf("Refund %s", missing))
	if err := workflow.ExecuteActivity(ctx, PaymentActivities.CancelPayment, in).Get(ctx, &result); err != nil {
		o.log.Warn("gateway activity failed", "order_id", o.in.OrderID, "activity", "CancelPayment", "error", err)
		return domain.RefundResult{Outcome: domain.RefundUnproven, Code: "NO_WORKER_ANSWER", Message: lastMessage(err)}
	}
	return result
}

// refundKey is the idempotency key of a try: it depends on order, payment, refund and attempt alone.
func refundKey(r domain.Refund) string {
	key := fmt.Sprintf("%s-cancel-%s", r.OrderID, r.PaymentKey)
	if r.Seq > 1 {
		key += fmt.Sprintf("-%d", r.Seq)
	}
	return fmt.Sprintf("%s-%d", key, r.Attempt)
}
