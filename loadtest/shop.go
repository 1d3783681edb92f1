package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"runrun/loadtest/audit"
)

// readers bounds the requests by which everything is counted.
const readers = 32

// sell puts a product on sale, as its seller.
func (r *run) sell(ctx context.Context, name string) (string, error) {
	got, err := r.client.call(ctx, request{
		method: http.MethodPost, url: r.cfg.URL + "/v1/products", user: r.cfg.Seller, role: "SELLER", body: body(map[string]any{
			"brandId": r.cfg.Brand, "name": name, "category": "other", "price": 45_000, "quantity": 0, "limitPerShopper": r.scenario.limit,
		}),
	})
	if err == nil && got.status != http.StatusCreated {
		err = fmt.Errorf("put a product on sale: %d %s", got.status, got.body)
	}
	if err != nil {
		return "", err
	}
	return got.ID, r.addStock(ctx, got.ID, r.scenario.units)
}

// addStock puts units on sale, or takes them off.
func (r *run) addStock(ctx context.Context, product string, units int64) error {
	got, err := r.client.call(ctx, request{
		method: http.MethodPost,
		url:    r.cfg.URL + "/v1/products/" + product + "/stock",
		user:   r.cfg.Seller,
		role:   "SELLER",
		body:   body(map[string]any{"quantity": units}),
	})
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("put units on sale: %d %s", got.status, got.body)
	}
	return err
}

// stockOf counts a product's units.
func (r *run) stockOf(ctx context.Context, product string) (audit.Stock, error) {
	var s audit.Stock
	return s, r.client.get(ctx, request{url: r.cfg.URL + "/v1/products/" + product + "/stock"}, &s)
}

// ordersOf lists all orders of a user.
func (r *run) ordersOf(ctx context.Context, user string) ([]audit.Order, error) {
	var all []audit.Order
	for cursor := ""; ; {
		var page struct {
			Items      []audit.Order `json:"items"`
			NextCursor string        `json:"nextCursor"`
		}
		query := url.Values{"limit": {"100"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		if err := r.client.get(ctx, request{url: r.cfg.URL + "/v1/orders?" + query.Encode(), user: user, role: "CUSTOMER"}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.NextCursor; cursor == "" {
			return all, nil
		}
	}
}

// ordersOfAll adds the orders of users to the given ones.
func (r *run) ordersOfAll(ctx context.Context, users []string, orders map[string]audit.Order) error {
	reading, ctx := errgroup.WithContext(ctx)
	reading.SetLimit(readers)
	var mu sync.Mutex
	for _, user := range users {
		reading.Go(func() error {
			list, err := r.ordersOf(ctx, user)
			mu.Lock()
			defer mu.Unlock()
			for _, o := range list {
				o.User = user
				orders[o.ID] = o
			}
			return err
		})
	}
	return reading.Wait()
}

// ledger asks the gateway about money.
func (r *run) ledger(ctx context.Context) (audit.Ledger, error) {
	var l audit.Ledger
	return l, r.client.get(ctx, request{url: r.cfg.Gateway + "/mock/ledger"}, &l)
}

// loseAnswers lets the gateway lose a share of its answers to confirmations; the returned function ends that.
func (r *run) loseAnswers(ctx context.Context, share float64) (stop func(), err error) {
	if share == 0 {
		return func() {}, nil
	}
	script := r.cfg.Gateway + "/mock/script"
	got, err := r.client.call(ctx, request{
		method: http.MethodPost,
		url:    script,
		body:   body(map[string]any{"call": "confirm", "times": -1, "loseAnswer": true, "share": share}),
	})
	if err == nil && got.status != http.StatusNoContent {
		err = fmt.Errorf("script the gateway: %d %s", got.status, got.body)
	}
	return func() {
		_, _ = r.client.call(context.WithoutCancel(ctx), request{method: http.MethodDelete, url: script})
	}, err
}

// settleSlack is how long after the last deadline, and after the last sign of life, orders may still be unsettled.
const settleSlack = time.Minute

// settle follows all orders until each is bought or over, and returns them: orders that nobody pays for have to run out first.
// If nothing moves any more it returns them as they are, and the audit will find them.
func (r *run) settle(ctx context.Context) (map[string]audit.Order, error) {
	orders := map[string]audit.Order{}
	open, before, moved := r.users, 0, time.Now()
	for {
		if err := r.ordersOfAll(ctx, open, orders); err != nil {
			return nil, err
		}
		var left int
		var last time.Time
		if open, left, last = unsettled(orders); left == 0 {
			return orders, nil
		}
		if left != before {
			before, moved = left, time.Now()
		}
		if now := time.Now(); now.After(last.Add(settleSlack)) && now.After(moved.Add(settleSlack)) {
			return orders, nil
		}
		r.say("%d orders are still open, the last until %s\n", left, last.Format(time.TimeOnly))
		if !pause(ctx, 2*time.Second) {
			return nil, ctx.Err()
		}
	}
}

// unsettled says whose orders are neither bought nor over, how many they are, and when the last of them runs out.
func unsettled(orders map[string]audit.Order) (users []string, count int, last time.Time) {
	whose := map[string]bool{}
	for _, o := range orders {
		if o.Settled() {
			continue
		}
		count++
		whose[o.User] = true
		for _, at := range []time.Time{o.PayBy, o.NextAt} {
			if at.After(last) {
				last = at
			}
		}
	}
	return slices.Collect(maps.Keys(whose)), count, last
}
