-- Paid orders move on: when by themselves, and until when they may be returned. Refunds of a part, and the number of the next try.
-- Support staff list the orders that need them.
-- The build before this one writes none of the new columns. It placed orders and left them there: they ship a day after that.

-- +goose Up
ALTER TABLE orders ADD COLUMN next_at BIGINT NOT NULL DEFAULT 0, ADD COLUMN return_by BIGINT NOT NULL DEFAULT 0;
UPDATE orders SET next_at = updated_at + 86400000, dispatch_after = updated_at + 86400000 WHERE status = 'PLACED';
ALTER TABLE refunds ADD COLUMN seq INT NOT NULL DEFAULT 1, ADD COLUMN attempt INT NOT NULL DEFAULT 0,
    ADD COLUMN request_id VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    DROP PRIMARY KEY, ADD PRIMARY KEY (order_id, payment_key, seq);
CREATE INDEX orders_attention ON orders (attention);

-- +goose Down
DROP INDEX orders_attention ON orders;
ALTER TABLE refunds DROP PRIMARY KEY, ADD PRIMARY KEY (order_id, payment_key),
    DROP COLUMN request_id, DROP COLUMN attempt, DROP COLUMN seq;
ALTER TABLE orders DROP COLUMN return_by, DROP COLUMN next_at;
