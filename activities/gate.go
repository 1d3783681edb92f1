package activities

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"runrun/domain"
	"runrun/workflows"
)

// UnclaimedStore is the database, as far as the gate's reconciler asks it.
type UnclaimedStore interface {
	Unclaimed(ctx context.Context, product domain.ProductID, tickets []int64) (unclaimed, written int64, err error)
}

// GateKeeper is the gate, as far as its reconciler mends it.
type GateKeeper interface {
	Gates(ctx context.Context) ([]domain.ProductID, error)
	Look(ctx context.Context, product domain.ProductID, abandoned time.Duration) (domain.GateLook, bool, error)
	Mend(ctx context.Context, product domain.ProductID, seen domain.GateLook, left int64) (bool, error)
}

// Gates are the activities that keep the gate in step with the database.
type Gates struct {
	store UnclaimedStore
	gate  GateKeeper
	pause time.Duration
}

var _ workflows.GateActivities = (*Gates)(nil)

// Times of the reconciler.
const (
	abandonedAfter = 30 * time.Second
	secondLook     = time.Second
)

// NewGates makes the gate's reconciler.
func NewGates(store UnclaimedStore, gate GateKeeper) *Gates {
	return &Gates{store: store, gate: gate, pause: secondLook}
}

// ReconcileGates compares every gate with the database and mends the gate, never the truth. What two looks a moment apart
// agree on is a difference; anything else is traffic. Tickets that nobody has made an order of are dropped, and so let the
// next shopper in.
func (a *Gates) ReconcileGates(ctx context.Context) (workflows.GateReport, error) {
	report := workflows.GateReport{}
	products, err := a.gate.Gates(ctx)
	if err != nil {
		return report, forHistory(ctx, "ReconcileGates", err)
	}
	off := map[domain.ProductID]int64{}
	for _, product := range products {
		activity.RecordHeartbeat(ctx)
		_, difference, err := a.compare(ctx, product)
		if err != nil {
			return report, forHistory(ctx, "ReconcileGates", err)
		}
		report.Gates++
		if difference != 0 {
			off[product] = difference
		}
	}
	if len(off) == 0 {
		return report, nil
	}
	select {
	case <-time.After(a.pause):
	case <-ctx.Done():
		return report, ctx.Err()
	}
	for product, first := range off {
		mended, err := a.mend(ctx, product, first)
		if err != nil {
			return report, forHistory(ctx, "ReconcileGates", err)
		}
		if mended {
			report.Mended++
		}
	}
	return report, nil
}

// compare says by how much the gate is off: positive if it lets too few in.
func (a *Gates) compare(ctx context.Context, product domain.ProductID) (domain.GateLook, int64, error) {
	seen, there, err := a.gate.Look(ctx, product, abandonedAfter)
	if err != nil || !there {
		return seen, 0, err
	}
	// A ticket stays pending for a moment after its order is written. It must not count twice, or a busy gate would seem to let
	// too many in, and be mended until it refuses shoppers there are units for.
	unclaimed, written, err := a.store.Unclaimed(ctx, product, seen.Tickets)
	if domain.CodeOf(err) == domain.NotFound {
		return seen, 0, nil
	}
	return seen, max(0, unclaimed-(seen.Pending-written)) - seen.Left, err
}

func (a *Gates) mend(ctx context.Context, product domain.ProductID, first int64) (bool, error) {
	seen, difference, err := a.compare(ctx, product)
	if err != nil || difference != first {
		return false, err
	}
	mended, err := a.gate.Mend(ctx, product, seen, seen.Left+difference)
	if mended {
		slog.InfoContext(ctx, "gate mended", "product", product, "by", difference)
	}
	return mended, err
}
