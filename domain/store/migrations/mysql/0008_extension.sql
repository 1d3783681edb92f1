-- How much longer a shopper who needs the time may hold units: once, when the payment begins. Orders of the build before this one have no
-- such time.

-- +goose Up
ALTER TABLE products ADD COLUMN hold_extension BIGINT NOT NULL DEFAULT 120000;
ALTER TABLE orders ADD COLUMN extend_by BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE orders DROP COLUMN extend_by;
ALTER TABLE products DROP COLUMN hold_extension;
