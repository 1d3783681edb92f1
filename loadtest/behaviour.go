package main

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// behaviour is what a shopper does whose units are held.
type behaviour func(*shopper, context.Context)

// pay looks at the checkout, authorizes in the payment window and confirms; again if the shop could not ask the gateway.
func pay(sh *shopper, ctx context.Context) {
	for sh.confirm(ctx, sh.authorize(ctx)).Code == "PAYMENT_UNAVAILABLE" && pause(ctx, time.Second) {
	}
}

// walkAway does nothing: the units must come back by themselves.
func walkAway(*shopper, context.Context) {}

// leave does not even wait for the decision.
func leave(*shopper, context.Context) {}

// cancel gives the units back.
func cancel(sh *shopper, ctx context.Context) { sh.cancel(ctx) }

// payThenCancel pays, and thinks better of it before the order is shipped: the money comes back, and then the unit.
func payThenCancel(sh *shopper, ctx context.Context) {
	pay(sh, ctx)
	sh.cancel(ctx)
}

// payThenReturn pays, waits for the delivery and sends everything back.
func payThenReturn(sh *shopper, ctx context.Context) {
	pay(sh, ctx)
	if sh.delivered(ctx) {
		sh.giveBack(ctx)
	}
}

// declineThenPay tries a card that is refused, and then a good one.
func declineThenPay(sh *shopper, ctx context.Context) {
	sh.confirm(ctx, unknownCard())
	pay(sh, ctx)
}

// declineOut tries three cards that are refused; the third ends the order.
func declineOut(sh *shopper, ctx context.Context) {
	for range 3 {
		sh.confirm(ctx, unknownCard())
	}
}

// payTwiceAtOnce confirms the same payment twice at the same time: a double click.
func payTwiceAtOnce(sh *shopper, ctx context.Context) {
	key := sh.authorize(ctx)
	var clicks sync.WaitGroup
	for range 2 {
		clicks.Go(func() { sh.confirm(ctx, key) })
	}
	clicks.Wait()
}

// unknownCard is a payment that the gateway has never authorized, and declines.
func unknownCard() string { return "no-such-card-" + uuid.NewString() }
