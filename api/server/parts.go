package server

import (
	"context"
	"time"

	"runrun/api/auth"
	"runrun/api/batch"
	"runrun/api/cache"
	"runrun/api/checkout"
	"runrun/api/dispatch"
	"runrun/api/picture"
	"runrun/api/rest"
	"runrun/api/watch"
	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/store"
	"runrun/domain/temporal"
)

// Timeouts of batches.
const (
	readTimeout  = 2 * time.Second // of a statement that many wait for
	writeTimeout = 10 * time.Second
)

// parts are what the process is made of, from the connections up to HTTP.
type parts struct {
	caches   rest.Caches
	breakers *checkout.Breakers
	requests *checkout.RequestQueue
	orders   *checkout.Orders
	starter  *dispatch.Starter
	queue    *dispatch.Dispatcher
	sweeper  *dispatch.Sweeper
	mails    *dispatch.Mails
	watch    *watch.Watch
	rest     rest.Parts
}

// buildParts builds the parts, each from those before it. They are stopped in the reverse order.
func (s *Server) buildParts(context.Context) error {
	for _, build := range []func() error{s.buildCaches, s.buildOrders, s.buildDispatch, s.buildRest} {
		if err := build(); err != nil {
			return err
		}
	}
	return nil
}

// buildCaches wires the caches to the announcements that invalidate them.
func (s *Server) buildCaches() error {
	a := s.adapters
	c := &s.parts.caches
	c.Stocks = cache.NewStocks(a.store.Stock)
	c.Offers = cache.NewOffers(redis.NewProducts(a.redis), a.store)
	c.Clock = cache.NewClock(a.store.Now)
	c.Categories = cache.NewCategories(a.store.Categories)
	c.SoldOut = &cache.SoldOut{}
	a.events.OnEdit(c.Offers.Invalidate)
	a.events.OnReturn(c.UnitsCameBack)
	return nil
}

func (s *Server) buildOrders() (err error) {
	p := &s.parts
	if p.breakers, err = checkout.NewBreakers(s.cfg.BreakerFor, checkout.MaxBreakers); err != nil {
		return err
	}
	p.requests = checkout.NewRequestQueue(s.cfg.OrdersAtOnce)
	a := s.adapters
	p.orders, err = checkout.NewOrders(s.baseCtx, a.store, a.events, a.presence.Absent, p.breakers.Observe, s.batchConfig())
	s.stopOnClose(p.orders.Stop)
	return err
}

// buildDispatch builds what leads from a row to a workflow.
func (s *Server) buildDispatch() (err error) {
	p := &s.parts
	input := dispatch.InputConfig{Settings: s.cfg.Settings, EagerStarts: s.cfg.EagerStarts}
	input.AdminURL = s.adminURL()
	if p.starter, err = dispatch.NewStarter(s.adapters.temporal, p.orders, input); err != nil {
		return err
	}
	p.queue, err = dispatch.NewDispatcher(p.starter.StartAndAwait,
		dispatch.Config{MaxStarts: s.cfg.Starts, Queue: s.cfg.Backlog, Hold: s.cfg.HoldStarts})
	if err != nil {
		return err
	}
	s.stopOnClose(p.queue.Stop)
	p.queue.HoldWhile(p.requests.Rush)
	p.requests.OnQueueEmpty(p.queue.Wake)
	ping := func(ctx context.Context) error { return temporal.Ping(ctx, s.adapters.temporal) }
	p.sweeper = dispatch.NewSweeper(s.adapters.store, p.queue, p.starter, ping,
		dispatch.SweepConfig{Undispatched: s.cfg.SweepEvery, Orphans: s.cfg.OrphansEvery})
	return nil
}

func (s *Server) buildRest() error {
	engine, err := s.buildCheckout()
	if err != nil {
		return err
	}
	limiter, err := redis.NewLimiter(s.adapters.redis, s.adapters.presence.Absent)
	if err != nil {
		return err
	}
	logins, err := auth.NewLogins(s.adapters.store, limiter, &checkout.KeyedMutex{},
		auth.LoginLimits{Account: s.cfg.Limits.AccountTries, Address: s.cfg.Limits.AddressTries})
	if err != nil {
		return err
	}
	keys, err := s.cfg.jwtKeys()
	if err != nil {
		return err
	}
	tokens, err := auth.NewTokens(keys...)
	if err != nil {
		return err
	}
	s.parts.mails = dispatch.NewMails(s.adapters.temporal, s.adapters.store, s.cfg.SweepEvery)
	emails := auth.NewEmails(s.adapters.store, s.parts.mails, limiter, logins,
		auth.EmailLimits{Email: s.cfg.Limits.EmailCodes, Address: s.cfg.Limits.AddressCodes})
	notices, err := checkout.NewNotices(s.parts.orders, s.adapters.store, s.parts.starter)
	s.stopOnClose(notices.Stop)
	s.parts.rest = rest.Parts{
		Checkout: engine, Requests: s.parts.requests, Breakers: s.parts.breakers,
		Accounts: rest.Accounts{
			Tokens: tokens, Logins: logins, Emails: emails, Sessions: auth.NewSessions(s.adapters.store), Rows: s.adapters.store,
		},
		Rows: s.adapters.store, Queue: s.parts.queue, Changes: s.adapters.events, Caches: s.parts.caches,
		Webhooks: rest.Webhooks{Notices: notices, Limiter: limiter},
		Support:  support{Store: s.adapters.store, Starter: s.parts.starter},
		Seller: rest.Seller{
			Catalog: s.adapters.store, Gate: s.adapters.gate, Edits: redis.NewProducts(s.adapters.redis), Images: s.adapters.images,
			Studio: picture.NewStudio(), Demand: redis.NewDemand(s.adapters.redis),
		},
	}
	return err
}

// support is what support staff see and do: rows, and updates of workflows.
type support struct {
	*store.Store
	*dispatch.Starter
}

// Act sends what staff ask for to the order's workflow. A difference that the reconciliation found stands in the row alone, and is resolved
// there: most of those orders have ended.
func (s support) Act(ctx context.Context, o domain.Order, in domain.StaffAction) error {
	if in.Name != domain.StaffResolve || o.Attention != domain.AttentionDifference {
		return s.Starter.Act(ctx, o, in)
	}
	_, err := s.SetAttention(ctx, domain.AttentionChange{OrderID: o.ID, Actor: in.By, Note: in.Note})
	return err
}

func (s *Server) buildCheckout() (*checkout.Checkout, error) {
	a, c := s.adapters, s.parts.caches
	idempotency, err := checkout.NewIdempotency(a.store, s.batchConfig())
	if err != nil {
		return nil, err
	}
	s.stopOnClose(idempotency.Stop)
	limiter, err := redis.NewLimiter(a.redis, a.presence.Absent)
	if err != nil {
		return nil, err
	}
	limits, err := checkout.NewLimits(a.store, limiter, c.SoldOut, checkout.LimitConfig{
		Rate: s.cfg.Limits.OrderRate, Burst: s.cfg.Limits.OrderBurst, OpenOrders: s.cfg.Limits.OpenOrders, OpenUnits: s.cfg.Limits.OpenUnits,
	}, s.batchConfig())
	if err != nil {
		return nil, err
	}
	s.stopOnClose(limits.Stop)
	writes := s.batchConfig()
	writes.Timeout = writeTimeout
	intake, err := checkout.NewIntake(a.store, a.gate, s.parts.queue, writes)
	if err != nil {
		return nil, err
	}
	s.stopOnClose(intake.Stop)
	admission, err := checkout.NewAdmission(a.gate, a.presence, a.store, c.Offers, c.Stocks, c.SoldOut)
	if err != nil {
		return nil, err
	}
	s.stopOnClose(admission.Stop)
	demand := checkout.NewDemand(redis.NewDemand(a.redis))
	s.stopOnClose(demand.Stop)
	return checkout.New(checkout.Parts{
		Orders: s.parts.orders, Rows: a.store, Requests: s.parts.requests, Idempotency: idempotency, Limits: limits, Breakers: s.parts.breakers,
		Admission: admission, Pricing: checkout.NewPricing(c.Offers, c.Clock), Intake: intake, Demand: demand, Workflows: s.parts.starter,
	}), nil
}

// batchConfig returns how reads and writes are batched; each part sets its own name.
func (s *Server) batchConfig() batch.Config {
	return batch.Config{Writers: s.cfg.IntakeWriters, Size: s.cfg.IntakeBatch, Queue: s.cfg.Backlog, Timeout: readTimeout}
}

func (s *Server) stopOnClose(stop func()) {
	s.onClose(func() error { stop(); return nil })
}
