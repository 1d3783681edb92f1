package checkout

import (
	"context"
	"log/slog"

	"runrun/api/batch"
	"runrun/domain"
)

// Intake writes new orders durably, many in one transaction, and hands those that are new to the dispatcher, whether or not their
// shoppers still wait.
type Intake struct {
	rows       Rows
	gate       Gate
	dispatcher Dispatcher
	writes     *batch.Batcher[domain.NewOrder, bool]
}

// NewIntake returns a running Intake.
func NewIntake(rows Rows, gate Gate, d Dispatcher, cfg batch.Config) (*Intake, error) {
	i := &Intake{rows: rows, gate: gate, dispatcher: d}
	cfg.Name = "intake"
	var err error
	i.writes, err = batch.New(i.accept, cfg)
	return i, err
}

// Stop writes what is waiting, and ends.
func (i *Intake) Stop() { i.writes.Stop() }

// Accept writes an order, and reports whether it is new: its idempotency key was not used before. A new order is on its way to its
// workflow.
// Errors: Overloaded, Unavailable; domain.MayBeWritten reports whether it may have been written all the same.
func (i *Intake) Accept(ctx context.Context, order domain.NewOrder) (isNew bool, err error) {
	return i.writes.Do(ctx, order)
}

// room returns an error if the dispatcher's queue is full.
// Errors: Overloaded.
func (i *Intake) room() error {
	if i.dispatcher.Room() <= 0 {
		return domain.Errorf(domain.CodeOverloaded, "too many orders are waiting; nothing was ordered, try again in a moment")
	}
	return nil
}

// accept writes a batch. The rows are durable when it returns; then the dispatcher has the new ones, and the gate knows that their
// tickets have become orders.
func (i *Intake) accept(ctx context.Context, orders []domain.NewOrder) ([]bool, error) {
	news, err := i.rows.Accept(ctx, orders)
	if err != nil {
		return nil, err
	}
	var accepted []domain.NewOrder
	var rows []domain.Order
	for n, o := range orders {
		if news[n] {
			accepted, rows = append(accepted, o), append(rows, o.Row())
		}
	}
	if len(accepted) == 0 {
		return news, nil
	}
	i.dispatcher.Add(rows...)
	if err := i.gate.ConfirmTickets(context.WithoutCancel(ctx), accepted); err != nil {
		slog.DebugContext(ctx, "ticket confirmation failed; left to the reconciler",
			"orders", len(accepted), "first_order_id", accepted[0].ID, "error", err)
	}
	return news, nil
}
