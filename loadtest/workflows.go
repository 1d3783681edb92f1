package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	sdk "go.temporal.io/sdk/client"

	"runrun/loadtest/audit"
)

// visibleWithin is how long Temporal may take to list what it knows: its visibility store follows behind.
const visibleWithin = 30 * time.Second

// checkTemporal makes sure that Temporal can be asked before anybody comes: at the end it would be too late to say so.
func (r *run) checkTemporal(ctx context.Context) error {
	if r.cfg.Temporal == "" {
		r.say("Temporal is not counted: no address was given\n")
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, temporalWithin)
	defer cancel()
	c, err := sdk.DialContext(ctx, sdk.Options{HostPort: r.cfg.Temporal, Namespace: r.cfg.Namespace, Logger: silent{}})
	if err != nil {
		return fmt.Errorf("no Temporal at %s: set TEMPORAL_ADDRESS, or skip its count with --temporal=\"\": %w", r.cfg.Temporal, err)
	}
	c.Close()
	return nil
}

// temporalWithin bounds the first question to Temporal.
const temporalWithin = 10 * time.Second

// countWorkflows asks Temporal how many orders of each product are in which state, until it agrees with the shop or has had
// its time.
func (r *run) countWorkflows(ctx context.Context, orders map[string]audit.Order) (map[string]map[string]int64, error) {
	if r.cfg.Temporal == "" {
		return nil, nil
	}
	c, err := sdk.DialContext(ctx, sdk.Options{HostPort: r.cfg.Temporal, Namespace: r.cfg.Namespace, Logger: silent{}})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	wanted, found := audit.ByStatus(r.products, orders), map[string]map[string]int64{}
	for end := time.Now().Add(visibleWithin); ; {
		agrees := true
		for _, product := range r.products {
			if found[product], err = workflowsOf(ctx, c, product, wanted[product]); err != nil {
				return nil, err
			}
			agrees = agrees && maps.Equal(found[product], wanted[product])
		}
		if agrees || time.Now().After(end) || !pause(ctx, time.Second) {
			return found, ctx.Err()
		}
	}
}

// workflowsOf counts the workflows of a product's orders, by the statuses that are expected and in all.
func workflowsOf(ctx context.Context, c sdk.Client, product string, statuses map[string]int64) (map[string]int64, error) {
	counts := map[string]int64{}
	for status := range statuses {
		query := fmt.Sprintf("WorkflowType = 'OrderWorkflow' AND ProductIds = '%s'", product)
		if status != audit.EveryStatus {
			query += fmt.Sprintf(" AND OrderStatus = '%s'", status)
		}
		answer, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err != nil {
			return nil, err
		}
		counts[status] = answer.GetCount()
	}
	return counts, nil
}

// silent is a logger for the SDK, whose errors are returned anyway.
type silent struct{}

// Debug is part of the SDK's logger.
func (silent) Debug(string, ...any) {}

// Info is part of the SDK's logger.
func (silent) Info(string, ...any) {}

// Warn is part of the SDK's logger.
func (silent) Warn(string, ...any) {}

// Error is part of the SDK's logger.
func (silent) Error(string, ...any) {}
