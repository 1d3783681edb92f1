-- Who changed an order and why, where a person did; and the refunds that are still open, which the sweeper looks for. The build
-- before this one writes events without the new columns.

-- +goose Up
ALTER TABLE order_events ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE order_events ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX refunds_open ON refunds (status, updated_at);

-- +goose Down
DROP INDEX refunds_open;
ALTER TABLE order_events DROP COLUMN note;
ALTER TABLE order_events DROP COLUMN actor;
