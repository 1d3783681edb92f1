-- The first schema. Times are milliseconds since 1970 (UTC), set by the database's clock; amounts are in the currency's minor
-- unit. Columns of type BLOB hold personal data, encrypted by the application. Ids, keys and states are ASCII, and a state has a
-- fixed width: so an order that is decided is changed in its place, which a hot product needs.

-- +goose Up

CREATE TABLE users (
    id            VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    email_hash    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    email         BLOB NOT NULL,
    name          BLOB NOT NULL,
    phone         BLOB NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    role          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    verified      BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_email (email_hash)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE brands (
    id           VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seller_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name         VARCHAR(255) NOT NULL,
    delivery_fee BIGINT NOT NULL,
    free_from    BIGINT NOT NULL,
    currency     CHAR(3) NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY brands_seller (seller_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE products (
    id                VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    brand_id          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name              VARCHAR(255) NOT NULL,
    category          VARCHAR(255) NOT NULL,
    price             BIGINT NOT NULL,
    currency          CHAR(3) NOT NULL,
    discount          INT NOT NULL,
    opens_at          BIGINT NULL,
    closes_at         BIGINT NULL,
    limit_per_shopper INT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    deleted_at        BIGINT NULL,
    PRIMARY KEY (id),
    KEY products_brand (brand_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE stocks (
    product_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    total      BIGINT NOT NULL,
    available  BIGINT NOT NULL,
    fence      BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (product_id),
    CONSTRAINT stocks_never_oversold CHECK (available >= 0 AND available <= total)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE orders (
    id              VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idempotency_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status          CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason          VARCHAR(255) NOT NULL,
    attention       VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ticket          BIGINT NOT NULL,
    name            VARCHAR(255) NOT NULL,
    total_amount    BIGINT NOT NULL,
    delivery_amount BIGINT NOT NULL,
    due_amount      BIGINT NOT NULL,
    currency        CHAR(3) NOT NULL,
    receiver        BLOB NOT NULL,
    pay_by          BIGINT NOT NULL,
    declines        INT NOT NULL,
    version         BIGINT NOT NULL,
    dispatch_after  BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY orders_idempotency (user_id, idempotency_key),
    KEY orders_dispatch (status, dispatch_after),
    KEY orders_of_user (user_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE order_items (
    order_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    line       INT NOT NULL,
    product_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name       VARCHAR(255) NOT NULL,
    quantity   INT NOT NULL,
    unit_price BIGINT NOT NULL,
    ticket     BIGINT NOT NULL,
    PRIMARY KEY (order_id, product_id),
    KEY order_items_product (product_id, ticket)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE order_events (
    order_id  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq       BIGINT NOT NULL,
    status    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason    VARCHAR(255) NOT NULL,
    attention VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (order_id, seq)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE reservations (
    order_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    product_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quantity   INT NOT NULL,
    status     CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, product_id),
    KEY reservations_of_product (product_id, status, user_id, quantity)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE payments (
    order_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    payment_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    attempt     INT NOT NULL,
    amount      BIGINT NOT NULL,
    currency    CHAR(3) NOT NULL,
    status      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code        VARCHAR(255) NOT NULL,
    message     VARCHAR(255) NOT NULL,
    approved_at BIGINT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (order_id, payment_key),
    UNIQUE KEY payments_attempt (order_id, attempt),
    KEY payments_key (payment_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE refunds (
    order_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    payment_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount      BIGINT NOT NULL,
    currency    CHAR(3) NOT NULL,
    reason      VARCHAR(255) NOT NULL,
    status      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code        VARCHAR(255) NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (order_id, payment_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

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
