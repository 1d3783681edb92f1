package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"runrun/domain"
)

// StaticDetails is the part of an order's page that needs no worker: a short runbook.
func StaticDetails(in OrderInput) string {
	text := fmt.Sprintf("Order `%s` of `%s`.\n\n", in.OrderID, in.UserID) +
		"**Support staff:** *Current details* tell the whole story. They need a running worker; without one, read the order's row"
	if in.Pages.Admin != "" {
		text += fmt.Sprintf(" at %s", in.Pages.orderAt(in.OrderID))
	}
	text += ". Never terminate: that skips the compensations. Use the updates `retry`, `cancel`, `refund` and `resolve`."
	if in.Pages.Guide != "" {
		text += " Guide: " + in.Pages.Guide
	}
	return text
}

func (p Pages) orderAt(id domain.OrderID) string { return p.Admin + "/v1/admin/orders/" + string(id) }

// updatePage writes the story of the order anew. It costs no event.
func (o *order) updatePage(ctx workflow.Context) { workflow.SetCurrentDetails(ctx, o.page()) }

// page is what support staff read: what happened, what is certain, what comes by itself, what they can do.
func (o *order) page() string {
	paragraphs := []string{"## " + o.headline(), o.in.Name + ", " + o.in.Due.String()}
	paragraph := func(title, text string) {
		if text != "" {
			paragraphs = append(paragraphs, "**"+title+"** "+text)
		}
	}
	paragraph("What happened:", o.happened())
	paragraph("Certain:", o.certain())
	paragraph("By itself:", o.byItself())
	paragraph("You can:", o.options())
	if o.in.Pages.Admin != "" {
		paragraph("The order in the shop:", o.in.Pages.orderAt(o.in.OrderID))
	}
	paragraph("Guide:", o.in.Pages.Guide)
	return strings.Join(paragraphs, "\n\n")
}

// at shows a moment in the shop's zone.
func (o *order) at(t time.Time) string {
	zone := time.UTC
	if o.in.Pages.Zone != "" {
		zone = time.FixedZone(o.in.Pages.Zone, o.in.Pages.ZoneOffset)
	}
	return t.In(zone).Format("2006-01-02 15:04:05 ") + zone.String()
}

func (o *order) headline() string {
	if o.view.Attention != domain.AttentionNone {
		return fmt.Sprintf("%s needs you: %s", o.view.Status, o.view.Attention)
	}
	if o.view.Reason != "" {
		return fmt.Sprintf("%s: %s", o.view.Status, o.view.Reason)
	}
	return string(o.view.Status)
}

// happened says what is wrong, since when, and how often it was tried.
func (o *order) happened() string {
	if o.view.Attention == domain.AttentionNone {
		return ""
	}
	return fmt.Sprintf("since %s, failed tries: %d, the last: %s.", o.at(o.attentionSince), o.failures,
		strings.TrimRight(o.view.AttentionDetail, " ."))
}

// certain says what is known of money and units.
func (o *order) certain() string {
	charged := "the shopper was charged " + o.in.Due.String()
	if !o.view.Payment.ApprovedAt.IsZero() {
		charged += " at " + o.at(o.view.Payment.ApprovedAt)
	}
	charged += fmt.Sprintf(" (payment `%s`)", o.view.PaymentKey)
	if o.beside {
		if o.view.Payment.Outcome != domain.OutcomePaid {
			return fmt.Sprintf("the payment `%s` does not pay the order; whether it charged the shopper is being looked up.", o.view.PaymentKey)
		}
		return charged + ", which does not pay the order and goes back."
	}
	switch o.view.Status {
	case domain.StatusReceived:
		return "nothing is charged, and no units are held that the workflow knows of."
	case domain.StatusHeld:
		return "nothing is charged. The units are held."
	case domain.StatusPaying:
		return fmt.Sprintf("the payment `%s` of %s is open: the shopper may have been charged. The units are held.", o.view.PaymentKey, o.in.Due)
	case domain.StatusCanceling, domain.StatusReturning:
		return charged + ", and that is to go back. The units stay sold until it is back."
	case domain.StatusCanceled, domain.StatusReturned, domain.StatusExpired, domain.StatusPaymentFailed, domain.StatusRefused:
		if o.view.Attention != domain.AttentionNone {
			return charged + " after the order had ended, and that is not back yet. No units are held."
		}
		return "the order has ended. It holds no units and no money."
	}
	return charged + ". The units are sold."
}

// byItself says what comes next if nobody does anything.
func (o *order) byItself() string {
	switch {
	case o.view.Attention != domain.AttentionNone && !o.nextTry.IsZero():
		return fmt.Sprintf("the next try is at %s, then at growing pauses of up to an hour, without end.", o.at(o.nextTry))
	case o.view.Attention != domain.AttentionNone:
		return "it is being tried in this moment."
	case o.canceled != nil || o.stopped() && o.view.Status.Cancelable():
		return "the order is being canceled."
	}
	switch o.view.Status {
	case domain.StatusReceived:
		return "the units are being reserved."
	case domain.StatusHeld:
		return fmt.Sprintf("the shopper pays by %s, or the order expires and its units are released.", o.at(o.view.PayBy))
	case domain.StatusPaying:
		return "the payment is confirmed, or looked up until its outcome is known."
	case domain.StatusPlaced, domain.StatusInTransit, domain.StatusDelivered:
		if next, _ := o.in.Fulfilment.Next(o.view.Status); !o.view.NextAt.IsZero() {
			text := fmt.Sprintf("it becomes %s at %s.", next, o.at(o.view.NextAt))
			if o.view.Status.Returnable() {
				text += fmt.Sprintf(" The shopper may return it until %s.", o.at(o.view.ReturnBy))
			}
			return text
		}
	case domain.StatusReturning:
		if !o.view.NextAt.IsZero() && !o.arrived {
			return fmt.Sprintf("the goods are awaited until %s; then the money goes back, and the units are on sale again.", o.at(o.view.NextAt))
		}
		return "the money goes back, and then the units are on sale again."
	case domain.StatusCanceling:
		return "the money goes back, and then the units are on sale again."
	}
	return ""
}

// options lists what staff can do now, each with the line that does it.
func (o *order) options() string {
	var options []string
	offer := func(what, update, input string) {
		options = append(options, fmt.Sprintf("\n- %s: `temporal workflow update execute --workflow-id %s --name %s --input '%s'`",
			what, OrderWorkflowID(o.in.OrderID), update, input))
	}
	const who = `{"by": "…", "note": "…"`
	if o.view.Attention != domain.AttentionNone {
		offer("repair the cause and try again now", RetryUpdate, who+"}")
		if o.view.Attention == domain.AttentionRefundFailed {
			offer("say that the money went back by another way", ResolveUpdate, who+`, "as": "REFUNDED"}`)
		}
		offer("close this workflow, if the row is gone or broken", ResolveUpdate, who+`, "as": "GIVE_UP"}`)
	}
	if o.view.Status.Cancelable() {
		offer("cancel the order", CancelUpdate, who+"}")
	}
	switch o.view.Status {
	case domain.StatusPlaced, domain.StatusInTransit, domain.StatusDelivered:
		offer("refund it now, or a part with amount", RefundUpdate, who+`, "amount": 0}`)
	case domain.StatusReturning:
		if !o.arrived {
			offer("refund at once, since the goods are here", ResolveUpdate, who+`, "as": "ARRIVED"}`)
		}
	}
	return strings.Join(options, "")
}
