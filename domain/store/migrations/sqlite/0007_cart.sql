-- Carts, which an order empties when its units are held; and how an order was paid, for the receipt. The build before this one places orders
-- that leave the cart as it is.

-- +goose Up
CREATE TABLE cart_items (
    user_id    TEXT NOT NULL,
    product_id TEXT NOT NULL,
    quantity   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, product_id)
);

ALTER TABLE orders ADD COLUMN from_cart INTEGER NOT NULL DEFAULT 0;

ALTER TABLE payments ADD COLUMN method TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN receipt_url TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE payments DROP COLUMN receipt_url;
ALTER TABLE payments DROP COLUMN method;
ALTER TABLE orders DROP COLUMN from_cart;
DROP TABLE cart_items;
