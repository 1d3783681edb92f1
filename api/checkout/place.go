package checkout

import (
	"context"
	"time"

	"runrun/domain"
	"runrun/domain/ids"
)

// readTimeout bounds a look-up that many shoppers wait for.
const readTimeout = 2 * time.Second

// Checkout takes orders, payments and cancellations.
type Checkout struct {
	*Orders
	rows        Rows
	shoppers    KeyedMutex
	requests    *RequestQueue
	idempotency *Idempotency
	limits      *Limits
	breakers    *Breakers
	admission   *Admission
	pricing     *Pricing
	intake      *Intake
	demand      *Demand
	workflows   Workflows
}

// Parts are what a Checkout is made of.
type Parts struct {
	Orders      *Orders
	Rows        Rows
	Requests    *RequestQueue
	Idempotency *Idempotency
	Limits      *Limits
	Breakers    *Breakers
	Admission   *Admission
	Pricing     *Pricing
	Intake      *Intake
	Demand      *Demand
	Workflows   Workflows
}

// New returns a Checkout made of the parts.
func New(p Parts) *Checkout {
	return &Checkout{
		Orders: p.Orders, rows: p.Rows, requests: p.Requests, idempotency: p.Idempotency, limits: p.Limits, breakers: p.Breakers,
		admission: p.Admission, pricing: p.Pricing, intake: p.Intake, demand: p.Demand, workflows: p.Workflows,
	}
}

// Request asks for an order.
type Request struct {
	User     domain.UserID
	Key      string // of idempotency
	Items    []domain.OrderItem
	Receiver domain.Receiver
	// FromCart removes what is ordered from the shopper's cart, once its units are held.
	FromCart bool
	// Canonical returns the request as text: the same for the same request.
	Canonical func() string
	// OnRate is told what is left of the shopper's rate of orders.
	OnRate func(domain.RateVerdict)

	fingerprint string
}

// Validate checks what can be checked without the database.
// Errors: IdempotencyMissing, Validation.
func (r *Request) Validate() error {
	if r.Key == "" {
		return domain.Errorf(domain.CodeIdempotencyMissing, "send a new Idempotency-Key with every order")
	}
	if !domain.ValidKey(r.Key) {
		return &domain.Error{Code: domain.CodeValidation, Message: "the Idempotency-Key is not valid",
			Fields: []domain.FieldError{{In: "header", Name: "Idempotency-Key", Detail: "1–200 visible ASCII characters"}}}
	}
	return domain.ValidateOrder(r.Items, r.Receiver)
}

// Placed is what became of a request for an order.
type Placed struct {
	Order domain.Order
	// Replayed reports whether the idempotency key was used before; Order is then the earlier order in its present
	// state.
	Replayed bool
}

// Place returns the order of the request's idempotency key. A new order passes limits and gate, is written durably, and
// is handed to the dispatcher; Place then waits up to wait for the decision, without which the order is returned as
// RECEIVED.
// Errors: IdempotencyMissing, IdempotencyReused, Validation, TooManyRequests, LimitExceeded, BreakerOpen, SoldOut,
// NotOpenYet, Closed, UnknownProduct; Overloaded and Unavailable, also after the order was accepted: the same request
// finds it.
func (c *Checkout) Place(ctx context.Context, r *Request, wait time.Duration) (Placed, error) {
	if err := r.Validate(); err != nil {
		return Placed{}, err
	}
	order, replayed, err := c.findOrCreate(ctx, r)
	releaseSlot(ctx)
	if !replayed {
		c.demand.count(ctx, r.Items, err)
	}
	if err != nil {
		return Placed{}, err
	}
	if order, err = c.Decided(ctx, order, wait); err != nil {
		return Placed{Replayed: replayed}, err
	}
	if order.CreatedAt.IsZero() { // it was not read since it was written
		if order, err = c.Get(ctx, order.ID); err != nil {
			return Placed{Replayed: replayed}, err
		}
	}
	return Placed{order, replayed}, nil
}

// Replayed returns the order that was made under the request's key, if there is one. It looks at nothing else of the request than what the
// key remembers.
// Errors: NotFound if there is none; IdempotencyReused; BreakerOpen, Overloaded, Unavailable.
func (c *Checkout) Replayed(ctx context.Context, r *Request) (Placed, error) {
	if !domain.ValidKey(r.Key) || domain.ValidateItems(r.Items) != nil {
		return Placed{}, domain.Errorf(domain.CodeNotFound, "no order was ever accepted under such a request")
	}
	order, err := c.replay(ctx, r)
	return Placed{order, true}, err
}

// findOrCreate returns the order that was made under the key, or creates it. The orders of one shopper are created one after another,
// so that concurrent clicks do not draw a ticket each, and what the shopper holds is counted right.
func (c *Checkout) findOrCreate(ctx context.Context, r *Request) (order domain.Order, replayed bool, err error) {
	unlock, err := c.lockShopper(ctx, r.User)
	if err != nil {
		return domain.Order{}, false, err
	}
	defer unlock()
	if order, err := c.replay(ctx, r); domain.CodeOf(err) != domain.CodeNotFound {
		return order, err == nil, err
	}
	if err := c.limits.checkRate(ctx, r); err != nil {
		return domain.Order{}, false, err
	}
	done, err := c.breakers.allow(r.Items)
	if err != nil {
		return domain.Order{}, false, err
	}
	defer func() { done(err) }()
	return c.create(ctx, r)
}

// lockShopper waits until the shopper's earlier orders are created, away from the requests: many clicks of one shopper hold no places.
func (c *Checkout) lockShopper(ctx context.Context, user domain.UserID) (unlock func(), err error) {
	if unlock, locked := c.shoppers.TryLock(string(user)); locked {
		return unlock, nil
	}
	releaseSlot(ctx)
	if unlock, err = c.shoppers.Lock(ctx, string(user)); err != nil {
		return nil, err
	}
	if err = c.requests.reenter(ctx); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// create makes an order: through the gate, into the database.
func (c *Checkout) create(ctx context.Context, r *Request) (order domain.Order, replayed bool, err error) {
	if err := c.intake.room(); err != nil {
		return domain.Order{}, false, err
	}
	if err := c.limits.checkHoldings(ctx, r); err != nil {
		return domain.Order{}, false, err
	}
	candidate, err := c.admit(ctx, r)
	if err != nil {
		return domain.Order{}, false, err
	}
	c.workflows.Trace(ctx, candidate.ID)
	isNew, err := c.intake.Accept(ctx, candidate)
	if err != nil {
		// An order that may be written keeps its tickets, until the reconciler finds its row or does not.
		if ctx.Err() == nil && !domain.MayBeWritten(err) {
			c.admission.returnTickets(ctx, candidate.ID, candidate.UserID, candidate.Items)
		}
		return domain.Order{}, false, err
	}
	if !isNew { // another process was faster with the same click
		c.admission.returnTickets(ctx, candidate.ID, candidate.UserID, candidate.Items)
		order, err := c.idempotency.find(ctx, r)
		return order, true, err
	}
	return candidate.Row(), false, nil
}

// admit takes an order through the gate, and prices it.
func (c *Checkout) admit(ctx context.Context, r *Request) (domain.NewOrder, error) {
	order := domain.NewOrder{ID: ids.New[domain.OrderID](domain.OrderPrefix), UserID: r.User, IdempotencyKey: r.Key,
		Items: r.Items, Receiver: r.Receiver, FromCart: r.FromCart}
	admitted, err := c.admission.acquireTickets(ctx, order.ID, order.UserID, order.Items)
	if err != nil {
		return domain.NewOrder{}, err
	}
	order.Items = admitted.withTickets(order.Items)
	if err := c.pricing.apply(ctx, &order, admitted.gateless); err != nil {
		c.admission.returnTickets(ctx, order.ID, order.UserID, order.Items)
		return domain.NewOrder{}, err
	}
	order.Fingerprint = c.idempotency.fingerprint(r)
	order.Name, order.Ticket = domain.OrderName(order.Items), order.Items[0].Ticket
	return order, nil
}
