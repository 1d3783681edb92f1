-- Paid orders move on: when by themselves, and until when they may be returned. Refunds of a part, and the number of the next try.
-- Support staff list the orders that need them.
-- The build before this one writes none of the new columns. It placed orders and left them there: they ship a day after that.

-- +goose Up
ALTER TABLE orders ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN return_by INTEGER NOT NULL DEFAULT 0;
UPDATE orders SET next_at = updated_at + 86400000, dispatch_after = updated_at + 86400000 WHERE status = 'PLACED';
ALTER TABLE refunds RENAME TO refunds_before;
DROP INDEX refunds_open;
CREATE TABLE refunds (
    order_id    TEXT NOT NULL,
    payment_key TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    status      TEXT NOT NULL,
    code        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    seq         INTEGER NOT NULL DEFAULT 1,
    attempt     INTEGER NOT NULL DEFAULT 0,
    request_id  TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (order_id, payment_key, seq)
);
INSERT INTO refunds (order_id, payment_key, amount, currency, reason, status, code, created_at, updated_at)
    SELECT order_id, payment_key, amount, currency, reason, status, code, created_at, updated_at FROM refunds_before;
DROP TABLE refunds_before;
CREATE INDEX refunds_open ON refunds (status, updated_at);
CREATE INDEX orders_attention ON orders (attention);

-- +goose Down
DROP INDEX orders_attention;
ALTER TABLE refunds RENAME TO refunds_after;
DROP INDEX refunds_open;
CREATE TABLE refunds (
    order_id    TEXT NOT NULL,
    payment_key TEXT NOT NULL,
    amount      INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    reason      TEXT NOT NULL,
    status      TEXT NOT NULL,
    code        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (order_id, payment_key)
);
INSERT INTO refunds SELECT order_id, payment_key, amount, currency, reason, status, code, created_at, updated_at FROM refunds_after WHERE seq = 1;
DROP TABLE refunds_after;
CREATE INDEX refunds_open ON refunds (status, updated_at);
ALTER TABLE orders DROP COLUMN return_by;
ALTER TABLE orders DROP COLUMN next_at;
