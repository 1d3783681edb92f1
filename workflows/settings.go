package workflows

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // images without a zone database know the shop's zone, too

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"runrun/domain"
)

// Settings is what every order's workflow is given. Whoever starts workflows reads the same: the API, and the workers that bring lost ones
// back. Orders keep what was set when their workflow was started.
type Settings struct {
	PayWithin      time.Duration `env:"PAY_WITHIN" default:"10m" help:"How long units are held for payment."`
	AttentionAfter time.Duration `env:"ATTENTION_AFTER" default:"2m" help:"How long a step of an order may fail before support staff are told."`
	ShowSteps      bool          `env:"SHOW_STEPS" help:"Run every step of an order as an activity that staff see from its beginning; costs throughput."`
	ConfirmFast    bool          `env:"CONFIRM_FAST" default:"true" negatable:"" help:"Let the worker of an order ask the payment gateway itself first; --no-confirm-fast for shops that keep the gateway's key in the workers of the queue payments."`

	ShipAfter     time.Duration `env:"SHIP_AFTER" default:"24h" help:"How long after its payment an order is shipped; until then it may be canceled."`
	DeliverAfter  time.Duration `env:"DELIVER_AFTER" default:"24h" help:"How long after that it is delivered."`
	CompleteAfter time.Duration `env:"COMPLETE_AFTER" default:"48h" help:"How long after that it is completed."`
	ReturnWithin  time.Duration `env:"RETURN_WITHIN" default:"24h" help:"How long after its delivery an order may be returned."`
	ReturnAfter   time.Duration `env:"RETURN_AFTER" default:"24h" help:"How long returned goods travel: then the money is given back."`

	// ReviveLate is how late approvals are dealt with.
	ReviveLate bool `env:"REVIVE_LATE" help:"Place an order that ended unpaid, if its payment turns out to be approved and its units are still on sale; without, and where they are not, the payment is refunded."`

	Zone     string `name:"shop-zone" env:"SHOP_ZONE" default:"Asia/Seoul" help:"Time zone of the times that support staff read."`
	AdminURL string `name:"admin-url" env:"ADMIN_URL" help:"Address of the API for support staff, for links in the Temporal Web UI: https://shop.example. Empty is where the API listens."`
	GuideURL string `name:"guide-url" env:"GUIDE_URL" default:"deploy/playbooks/support.md" help:"Where support staff read their guide."`
}

// Validate reports everything that is wrong, at once.
func (s Settings) Validate() error {
	errs := []error{s.fulfilment().Validate()}
	if s.PayWithin < time.Second || s.PayWithin > 7*24*time.Hour {
		errs = append(errs, fmt.Errorf("pay-within: 1s to 168h, not %s", s.PayWithin))
	}
	if s.AttentionAfter < time.Second || s.AttentionAfter > time.Hour {
		errs = append(errs, fmt.Errorf("attention-after: 1s to 1h, not %s", s.AttentionAfter))
	}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		errs = append(errs, fmt.Errorf("shop-zone: %w", err))
	}
	return errors.Join(errs...)
}

func (s Settings) fulfilment() domain.Fulfilment {
	return domain.Fulfilment{
		ShipAfter: s.ShipAfter, DeliverAfter: s.DeliverAfter, CompleteAfter: s.CompleteAfter,
		ReturnWithin: s.ReturnWithin, ReturnAfter: s.ReturnAfter,
	}
}

// Input is what the workflow of an order is given that is started now.
func (s Settings) Input(o domain.Order, now time.Time) OrderInput {
	in := OrderInput{
		OrderID: o.ID, UserID: o.UserID, Name: o.Name, Due: o.Due, PayWithin: s.PayWithin, AttentionAfter: s.AttentionAfter,
		Fulfilment: s.fulfilment(), Pages: Pages{Admin: s.AdminURL, Guide: s.GuideURL}, ShowSteps: s.ShowSteps, ConfirmFast: s.ConfirmFast,
	}
	if zone, err := time.LoadLocation(s.Zone); err == nil && s.Zone != "" {
		in.Pages.Zone, in.Pages.ZoneOffset = now.In(zone).Zone()
	}
	for _, item := range o.Items {
		in.ProductIDs = append(in.ProductIDs, item.ProductID)
	}
	return in
}

// Late is what the workflow of a payment is given that does not pay its order.
func (s Settings) Late(o domain.Order, paymentKey string, now time.Time) LatePayment {
	return LatePayment{Order: s.Input(o, now), PaymentKey: paymentKey, Status: o.Status, Revive: s.ReviveLate}
}

// OrderStart is how an order's workflow is started; a running one is never replaced.
func OrderStart(in OrderInput, reuse enums.WorkflowIdReusePolicy) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: OrderWorkflowID(in.OrderID), TaskQueue: OrdersQueue,
		WorkflowIDReusePolicy:                    reuse,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    StartAttributes(in),
		StaticSummary:                            in.Name + ", " + in.Due.String(),
		StaticDetails:                            StaticDetails(in),
	}
}

// RefundStart is how the workflow of a late payment is started; while one runs for the payment, that one is used.
func RefundStart(in LatePayment) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: RefundWorkflowID(in.PaymentKey), TaskQueue: OrdersQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    latePaymentAttributes(in),
		StaticSummary:            "Refund of " + in.PaymentKey + ", if it took money",
		StaticDetails:            StaticDetails(in.Order),
	}
}
