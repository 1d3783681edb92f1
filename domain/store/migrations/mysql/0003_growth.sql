-- A shopper's open orders are counted for every order that comes in; without this index the count read all that the shopper ever ordered.

-- +goose Up
CREATE INDEX orders_open ON orders (user_id, status);

-- +goose Down
DROP INDEX orders_open ON orders;
