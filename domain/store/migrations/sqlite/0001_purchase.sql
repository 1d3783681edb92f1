-- The first schema. Times are milliseconds since 1970 (UTC), set by the database's clock; amounts are in the currency's minor
-- unit. Columns of type BLOB hold personal data, encrypted by the application.

-- +goose Up

CREATE TABLE users (
    id            TEXT NOT NULL,
    email_hash    TEXT NOT NULL,
    email         BLOB NOT NULL,
    name          BLOB NOT NULL,
    phone         BLOB NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    verified      INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX users_email ON users (email_hash);

CREATE TABLE brands (
    id           TEXT NOT NULL,
    seller_id    TEXT NOT NULL,
    name         TEXT NOT NULL,
    delivery_fee INTEGER NOT NULL,
    free_from    INTEGER NOT NULL,
    currency     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX brands_seller ON brands (seller_id);

CREATE TABLE products (
    id                TEXT NOT NULL,
    brand_id          TEXT NOT NULL,
    name              TEXT NOT NULL,
    category          TEXT NOT NULL,
    price             INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    discount          INTEGER NOT NULL,
    opens_at          INTEGER NULL,
    closes_at         INTEGER NULL,
    limit_per_shopper INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER NULL,
    PRIMARY KEY (id)
);
CREATE INDEX products_brand ON products (brand_id);

CREATE TABLE stocks (
    product_id TEXT NOT NULL,
    total      INTEGER NOT NULL,
    available  INTEGER NOT NULL,
    fence      INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (product_id),
    CONSTRAINT stocks_never_oversold CHECK (available >= 0 AND available <= total)
);

CREATE TABLE orders (
    id              TEXT NOT NULL,
    user_id         TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    status          TEXT NOT NULL,
    reason          TEXT NOT NULL,
    attention       TEXT NOT NULL,
    ticket          INTEGER NOT NULL,
    name            TEXT NOT NULL,
    total_amount    INTEGER NOT NULL,
    delivery_amount INTEGER NOT NULL,
    due_amount      INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    receiver        BLOB NOT NULL,
    pay_by          INTEGER NOT NULL,
    declines        INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    dispatch_after  INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX orders_idempotency ON orders (user_id, idempotency_key);
CREATE INDEX orders_dispatch ON orders (status, dispatch_after);
CREATE INDEX orders_of_user ON orders (user_id, id);

CREATE TABLE order_items (
    order_id   TEXT NOT NULL,
    line       INTEGER NOT NULL,
    product_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    quantity   INTEGER NOT NULL,
    unit_price INTEGER NOT NULL,
    ticket     INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE INDEX order_items_product ON order_items (product_id, ticket);

CREATE TABLE order_events (
    order_id  TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    status    TEXT NOT NULL,
    reason    TEXT NOT NULL,
    attention TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (order_id, seq)
);

CREATE TABLE reservations (
    order_id   TEXT NOT NULL,
    product_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    quantity   INTEGER NOT NULL,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE INDEX reservations_of_product ON reservations (product_id, status, user_id, quantity);

CREATE TABLE payments (
    order_id    TEXT NOT NULL,
    payment_key TEXT NOT NULL,
    attempt     INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    status      TEXT NOT NULL,
    code        TEXT NOT NULL,
    message     TEXT NOT NULL,
    approved_at INTEGER NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (order_id, payment_key)
);
CREATE UNIQUE INDEX payments_attempt ON payments (order_id, attempt);
CREATE INDEX payments_key ON payments (payment_key);

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

-- +goose Down
DROP TABLE refunds;
DROP TABLE payments;
DROP TABLE reservations;
DROP TABLE order_events;
DROP TABLE order_items;
DROP TABLE orders;
DROP TABLE stocks;
DROP TABLE products;
DROP TABLE brands;
DROP TABLE users;
