-- Accounts that people make themselves: codes that prove an e-mail address, mails that wait to be sent, logins with their refresh tokens,
-- addresses. The build before this one knows none of it; users that it adds have no address yet.

-- +goose Up
ALTER TABLE users ADD COLUMN default_address_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';

CREATE TABLE addresses (
    id         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    receiver   BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY addresses_of_user (user_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE email_auths (
    email_hash  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code_hash   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tries       INT NOT NULL,
    expires_at  BIGINT NOT NULL,
    verified_at BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (email_hash),
    KEY email_auths_expired (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE mails (
    id             VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    recipient      BLOB NOT NULL,
    subject        BLOB NOT NULL,
    body           BLOB NOT NULL,
    status         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expires_at     BIGINT NOT NULL,
    dispatch_after BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY mails_dispatch (status, dispatch_after)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE sessions (
    id         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    token_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY sessions_of_user (user_id, updated_at),
    KEY sessions_expired (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- +goose Down
DROP TABLE sessions;
DROP TABLE mails;
DROP TABLE email_auths;
DROP TABLE addresses;
ALTER TABLE users DROP COLUMN default_address_id;
