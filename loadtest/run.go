package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"runrun/loadtest/audit"
)

// run is one run of a scenario.
type run struct {
	cfg      Config
	scenario scenario
	client   *client
	record   *recorder
	out      io.Writer

	id       string
	users    []string
	products []string
	bodies   [][]byte // of an order of each product
	shoppers []*shopper
	took     time.Duration // of the rush: from the first arrival to the last shopper's last answer

	mu sync.Mutex // guards what a shopper's concurrent clicks write
}

// Run drives a scenario, prints what was measured, counts, and writes the report.
// Errors: what is wrong with the configuration or unreachable; imbalances, all of them.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	m, err := newMinter(cfg.JWTKey)
	if err != nil {
		return err
	}
	r := &run{
		cfg:      cfg,
		scenario: cfg.scenario(),
		client:   newClient(cfg.Connections, m),
		record:   newRecorder(),
		out:      out,
		id:       uuid.NewString()[:8],
	}
	r.say("%s: %d shoppers, %g a second, %d products of %d units, at %s\n", cfg.Scenario, r.scenario.shoppers,
		r.scenario.rate, r.scenario.products, r.scenario.units, cfg.URL)
	if err := r.checkTemporal(ctx); err != nil {
		return err
	}
	if err := r.prepare(ctx); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	stop, err := r.loseAnswers(ctx, r.scenario.lost)
	if err != nil {
		return err
	}
	r.rush(ctx)
	stop()
	found, err := r.count(ctx)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	r.print(found)
	if err := r.writeReport(found); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return errors.Join(found.Findings()...)
}

func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

// prepare puts the products on sale and says who comes for what.
func (r *run) prepare(ctx context.Context) error {
	for n := range r.scenario.products {
		product, err := r.sell(ctx, fmt.Sprintf("Load %s %d", r.id, n+1))
		if err != nil {
			return err
		}
		r.products = append(r.products, product)
		r.bodies = append(r.bodies, orderOf(product))
	}
	for n := range min(r.scenario.shoppers, people) {
		user := fmt.Sprintf("usr_load-%s-%05d", r.id, n)
		r.users = append(r.users, user)
		if _, err := r.client.minter.token(user, "CUSTOMER"); err != nil {
			return err
		}
	}
	for n := range r.scenario.shoppers {
		r.shoppers = append(r.shoppers, r.shopper(n))
	}
	if r.scenario.sellOut {
		return r.buyEverything(ctx)
	}
	return nil
}

func (r *run) shopper(n int) *shopper {
	p := n % len(r.products)
	return &shopper{
		Shopper: audit.Shopper{User: r.users[n%len(r.users)], Product: r.products[p]},
		run:     r,
		key:     fmt.Sprintf("load-%s-%d", r.id, n),
		body:    r.bodies[p],
	}
}

// orderOf is the request for one unit.
func orderOf(product string) []byte {
	return body(map[string]any{
		"items":    []any{map[string]any{"productId": product, "quantity": 1}},
		"receiver": map[string]string{"name": "Load", "phone": "010-0000-0000", "zipCode": "04524", "address": "110 Sejong-daero, Seoul"},
	})
}

// buyEverything lets somebody buy the stock before the shoppers come.
func (r *run) buyEverything(ctx context.Context) error {
	for n := range int(r.scenario.units) * len(r.products) {
		first := r.shopper(n)
		first.key += "-first"
		first.due = time.Now()
		r.shoppers = append(r.shoppers, first)
		if first.come(ctx, pay); first.Fault != nil {
			return first.Fault
		}
	}
	r.record.reset()
	return nil
}

// rush lets the shoppers come, and tells how it goes until the last has been answered.
func (r *run) rush(ctx context.Context) {
	watching, stop := context.WithCancel(ctx)
	var told sync.WaitGroup
	told.Go(func() { r.watch(watching) })
	began := time.Now()
	arrive(ctx, r.scenario.shoppers, r.scenario.rate, began, func(n int, due time.Time) {
		sh := r.shoppers[n]
		sh.due = due
		sh.come(ctx, r.scenario.behaviours[n%len(r.scenario.behaviours)])
	})
	r.took = time.Since(began)
	stop()
	told.Wait()
}
