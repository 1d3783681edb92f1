package checkout

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// Notice is what a webhook of the gateway names. Anybody can send one: nothing in it is believed, it only says where to look.
type Notice struct {
	Order      domain.OrderID
	PaymentKey string
	// Paid is the claim that money moved; without it there is nothing late to look for.
	Paid bool
}

// Notices follows up webhooks: it reads the order that a webhook names, and signals its workflow or starts a check of the payment. A
// dropped notice loses nothing: the workflow polls the gateway, and the reconciliation compares its transactions.
type Notices struct {
	orders    *Orders
	payments  PaymentRows
	workflows PaymentWorkflows
	queue     chan Notice
	running   sync.WaitGroup
	ctx       context.Context //nolint:containedctx // the workers end with it
	stop      context.CancelFunc
	counter   metric.Int64Counter
}

// PaymentRows reads payments.
type PaymentRows interface {
	Payments(ctx context.Context, id domain.OrderID) ([]domain.Payment, error)
}

// PaymentWorkflows ask the gateway.
type PaymentWorkflows interface {
	// Notify wakes an order's workflow if it waits for an outcome.
	Notify(ctx context.Context, id domain.OrderID) error
	// CheckPayment looks a payment up that does not pay its order, and refunds it if it took money.
	CheckPayment(ctx context.Context, o domain.Order, paymentKey string) error
}

const (
	noticeQueue   = 1000
	noticeWorkers = 4
	noticeTimeout = 10 * time.Second
)

// NewNotices returns Notices that work until Stop.
func NewNotices(orders *Orders, payments PaymentRows, w PaymentWorkflows) (*Notices, error) {
	counter, err := otel.Meter("runrun/webhooks").Int64Counter("runrun_webhooks",
		metric.WithDescription("Webhooks of the payment gateway, by what became of them."))
	n := &Notices{orders: orders, payments: payments, workflows: w, queue: make(chan Notice, noticeQueue), counter: counter}
	n.ctx, n.stop = context.WithCancel(context.Background())
	for range noticeWorkers {
		n.running.Go(n.work)
	}
	return n, err
}

// Stop ends the workers; what waits is dropped.
func (n *Notices) Stop() {
	n.stop()
	n.running.Wait()
}

// Add queues a notice, and drops it if too many wait.
func (n *Notices) Add(ctx context.Context, in Notice) {
	select {
	case n.queue <- in:
	default:
		n.count(ctx, "dropped")
	}
}

func (n *Notices) work() {
	for {
		select {
		case <-n.ctx.Done():
			return
		case in := <-n.queue:
			ctx, cancel := context.WithTimeout(n.ctx, noticeTimeout)
			did, err := n.handle(ctx, in)
			cancel()
			if err != nil && n.ctx.Err() == nil {
				slog.Warn("webhook not followed", "order_id", in.Order, "error", err)
				did = "failed"
			}
			n.count(n.ctx, did)
		}
	}
}

func (n *Notices) count(ctx context.Context, did string) {
	n.counter.Add(ctx, 1, metric.WithAttributes(attribute.String("did", did)))
}

// handle decides by the rows alone.
func (n *Notices) handle(ctx context.Context, in Notice) (did string, err error) {
	o, err := n.orders.Get(ctx, in.Order)
	if domain.CodeOf(err) == domain.CodeNotFound {
		return "ignored", nil
	}
	if err != nil {
		return "", err
	}
	if o.Status == domain.StatusReceived {
		return "ignored", nil
	}
	payments, err := n.payments.Payments(ctx, o.ID)
	if err != nil {
		return "", err
	}
	payment := statusOf(payments, in.PaymentKey)
	if o.Status == domain.StatusPaying && payment == domain.PaymentIntent && o.Attention == domain.AttentionNone {
		return "underway", nil // its workflow is asking the gateway right now: a signal would only cost it a task
	}
	if o.Status == domain.StatusPaying || o.Status.Reversing() || o.Attention != domain.AttentionNone {
		err := n.workflows.Notify(ctx, o.ID)
		if err != nil || o.Status == domain.StatusPaying {
			return "woke", err
		}
	}
	switch {
	case !in.Paid:
		return "ignored", nil
	case payment == domain.PaymentDone, payment == domain.PaymentIntent, payment == domain.PaymentUnknown:
		return "known", nil
	}
	return "checked", n.workflows.CheckPayment(ctx, o, in.PaymentKey)
}

// statusOf is the status of the payment with a key, or none.
func statusOf(payments []domain.Payment, key string) domain.PaymentStatus {
	for _, p := range payments {
		if p.PaymentKey == key {
			return p.Status
		}
	}
	return ""
}
