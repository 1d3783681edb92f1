-- Carts, which an order empties when its units are held; and how an order was paid, for the receipt. The build before this one places orders
-- that leave the cart as it is.

-- +goose Up
CREATE TABLE cart_items (
    user_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    product_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quantity   INT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, product_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

ALTER TABLE orders ADD COLUMN from_cart INT NOT NULL DEFAULT 0;

ALTER TABLE payments ADD COLUMN method VARCHAR(255) NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN receipt_url VARCHAR(1000) NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE payments DROP COLUMN receipt_url;
ALTER TABLE payments DROP COLUMN method;
ALTER TABLE orders DROP COLUMN from_cart;
DROP TABLE cart_items;
