package activities

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"runrun/domain"
	"runrun/workflows"
)

// ClaimStore is the database, as far as the gate's reconciler asks it.
type ClaimStore interface {
	Claims(ctx context.Context, product domain.ProductID, tickets []int64) (domain.Claims, error)
	Owned(ctx context.Context, product domain.ProductID) (map[domain.UserID]int64, error)
	ProductsByID(ctx context.Context, ids []domain.ProductID) (map[domain.ProductID]domain.Product, error)
}

// GateKeeper is the gate, as far as its reconciler corrects it.
type GateKeeper interface {
	Gates(ctx context.Context) ([]domain.ProductID, error)
	Snapshot(ctx context.Context, product domain.ProductID, abandoned time.Duration) (domain.GateSnapshot, bool, error)
	Correct(ctx context.Context, product domain.ProductID, since domain.GateSnapshot, to domain.GateCorrection) (bool, error)
	Configure(ctx context.Context, product domain.ProductID, rules domain.GateRules) error
}

// Gates are the activities that keep the gate in step with the database.
type Gates struct {
	store ClaimStore
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
func NewGates(store ClaimStore, gate GateKeeper) *Gates {
	return &Gates{store: store, gate: gate, pause: secondLook}
}

// ReconcileGates compares every gate with the database and corrects the gate, never the truth: what is left, and what each shopper
// owns of a product with a limit. Only discrepancies that two snapshots confirm are corrected. Tickets that nobody has made an
// order of are dropped, and so let the next shopper in.
func (a *Gates) ReconcileGates(ctx context.Context) (workflows.GateReport, error) {
	report := workflows.GateReport{}
	off, compared, err := a.compareAll(ctx, func() { activity.RecordHeartbeat(ctx) })
	report.Gates = compared
	if err != nil {
		return report, toApplicationError(ctx, "ReconcileGates", err)
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
		corrected, err := a.correct(ctx, product, first)
		if err != nil {
			return report, toApplicationError(ctx, "ReconcileGates", err)
		}
		if corrected {
			report.Mended++
		}
	}
	return report, nil
}

// DifferingGates returns how many gates differ from the database, as two snapshots a moment apart confirm, and drops tickets that
// nobody has made an order of. It is no method of Gates, whose exported methods are all registered as activities.
// Errors: Unavailable.
func DifferingGates(ctx context.Context, a *Gates) (int, error) {
	off, _, err := a.compareAll(ctx, func() {})
	if err != nil || len(off) == 0 {
		return 0, err
	}
	select {
	case <-time.After(a.pause):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	count := 0
	for product, first := range off {
		_, again, err := a.compare(ctx, product)
		if err != nil {
			return count, err
		}
		if !first.confirmed(again).none() {
			count++
		}
	}
	return count, nil
}

// compareAll compares every gate, and returns those that are off.
func (a *Gates) compareAll(ctx context.Context, each func()) (off map[domain.ProductID]discrepancy, compared int, err error) {
	products, err := a.gate.Gates(ctx)
	if err != nil {
		return nil, 0, err
	}
	off = map[domain.ProductID]discrepancy{}
	for _, product := range products {
		each()
		_, found, err := a.compare(ctx, product)
		if err != nil {
			return off, compared, err
		}
		compared++
		if !found.none() {
			off[product] = found
		}
	}
	return off, compared, nil
}

// discrepancy is by how much a gate is off: positive if it lets too few in, or counts too few units of a shopper.
type discrepancy struct {
	left  int64
	owned map[domain.UserID]int64
	rules *domain.GateRules // those that it should have
}

func (d discrepancy) none() bool { return d.left == 0 && len(d.owned) == 0 && d.rules == nil }

// confirmed is what another snapshot shows as well.
func (d discrepancy) confirmed(again discrepancy) discrepancy {
	both := discrepancy{owned: map[domain.UserID]int64{}}
	if d.rules != nil && again.rules != nil && d.rules.Equal(*again.rules) {
		both.rules = again.rules
	}
	if d.left == again.left {
		both.left = d.left
	}
	for user, units := range d.owned {
		if again.owned[user] == units {
			both.owned[user] = units
		}
	}
	return both
}

// compare returns a gate's state and by how much it differs from the database.
func (a *Gates) compare(ctx context.Context, product domain.ProductID) (domain.GateSnapshot, discrepancy, error) {
	seen, there, err := a.gate.Snapshot(ctx, product, abandonedAfter)
	if err != nil || !there {
		return seen, discrepancy{}, err
	}
	tickets := make([]int64, len(seen.Pending))
	for n, p := range seen.Pending {
		tickets[n] = p.Ticket
	}
	claims, err := a.store.Claims(ctx, product, tickets)
	if domain.CodeOf(err) == domain.CodeNotFound {
		return seen, discrepancy{}, nil
	}
	if err != nil {
		return seen, discrepancy{}, err
	}
	// A ticket stays pending for a moment after its order is written. It must not count twice, or a busy gate would seem to let
	// too many in, and be corrected until it refuses shoppers there are units for.
	left, owned := claims.Unclaimed, map[domain.UserID]int64{}
	for _, p := range seen.Pending {
		if !claims.Written[p.Ticket] {
			left -= p.Quantity
			owned[p.User] += p.Quantity
		}
	}
	found := discrepancy{left: max(0, left) - seen.Left}
	if found.rules, err = a.compareRules(ctx, product, seen.Rules); err != nil {
		return seen, discrepancy{}, err
	}
	if seen.Limited {
		found.owned, err = a.compareOwned(ctx, product, seen, owned)
	}
	return seen, found, err
}

// compareRules returns the rules that a gate should have, if it has others.
func (a *Gates) compareRules(ctx context.Context, product domain.ProductID, seen domain.GateRules) (*domain.GateRules, error) {
	products, err := a.store.ProductsByID(ctx, []domain.ProductID{product})
	if err != nil {
		return nil, err
	}
	want := domain.NeverOpen()
	if p, there := products[product]; there {
		want = p.GateRules()
	}
	if seen.Equal(want) {
		return nil, nil //nolint:nilnil // nothing differs
	}
	return &want, nil
}

// compareOwned returns the shoppers whose units the gate counts wrongly. pending is what their tickets may become.
func (a *Gates) compareOwned(
	ctx context.Context,
	product domain.ProductID,
	seen domain.GateSnapshot,
	pending map[domain.UserID]int64,
) (map[domain.UserID]int64, error) {
	owned, err := a.store.Owned(ctx, product)
	if err != nil {
		return nil, err
	}
	for user, units := range pending {
		owned[user] += units
	}
	off := map[domain.UserID]int64{}
	for user, units := range owned {
		if units != seen.Owned[user] {
			off[user] = units - seen.Owned[user]
		}
	}
	for user, units := range seen.Owned {
		if owned[user] == 0 && units != 0 {
			off[user] = -units
		}
	}
	return off, nil
}

func (a *Gates) correct(ctx context.Context, product domain.ProductID, first discrepancy) (bool, error) {
	seen, again, err := a.compare(ctx, product)
	if err != nil {
		return false, err
	}
	found := first.confirmed(again)
	if found.none() {
		return false, nil
	}
	if found.rules != nil {
		if err := a.gate.Configure(ctx, product, *found.rules); err != nil {
			return false, err
		}
		slog.InfoContext(ctx, "gate's rules corrected", "product", product)
		if found.left == 0 && len(found.owned) == 0 {
			return true, nil
		}
		if seen, again, err = a.compare(ctx, product); err != nil { // since the rules are a change of the gate
			return true, err
		}
		found = found.confirmed(again)
	}
	to := domain.GateCorrection{Left: seen.Left + found.left, Owned: map[domain.UserID]int64{}}
	for user, units := range found.owned {
		to.Owned[user] = seen.Owned[user] + units
	}
	corrected, err := a.gate.Correct(ctx, product, seen, to)
	if corrected {
		slog.InfoContext(ctx, "gate corrected", "product", product, "left_by", found.left, "shoppers", len(found.owned))
	}
	return corrected, err
}
