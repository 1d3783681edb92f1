-- Who changed an order and why, where a person did; and the refunds that are still open, which the sweeper looks for. The build
-- before this one writes events without the new columns.

-- +goose Up
ALTER TABLE order_events ADD COLUMN actor VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL DEFAULT '';
ALTER TABLE order_events ADD COLUMN note VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL DEFAULT '';
CREATE INDEX refunds_open ON refunds (status, updated_at);

-- +goose Down
DROP INDEX refunds_open ON refunds;
ALTER TABLE order_events DROP COLUMN note;
ALTER TABLE order_events DROP COLUMN actor;
