-- Accounts that people make themselves: codes that prove an e-mail address, mails that wait to be sent, logins with their refresh tokens,
-- addresses. The build before this one knows none of it; users that it adds have no address yet.

-- +goose Up
ALTER TABLE users ADD COLUMN default_address_id TEXT NOT NULL DEFAULT '';

CREATE TABLE addresses (
    id         TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    receiver   BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX addresses_of_user ON addresses (user_id, id);

CREATE TABLE email_auths (
    email_hash  TEXT NOT NULL,
    code_hash   TEXT NOT NULL,
    tries       INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    verified_at INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (email_hash)
);
CREATE INDEX email_auths_expired ON email_auths (expires_at);

CREATE TABLE mails (
    id             TEXT NOT NULL,
    recipient      BLOB NOT NULL,
    subject        BLOB NOT NULL,
    body           BLOB NOT NULL,
    status         TEXT NOT NULL,
    expires_at     INTEGER NOT NULL,
    dispatch_after INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX mails_dispatch ON mails (status, dispatch_after);

CREATE TABLE sessions (
    id         TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX sessions_of_user ON sessions (user_id, updated_at);
CREATE INDEX sessions_expired ON sessions (expires_at);

-- +goose Down
DROP TABLE sessions;
DROP TABLE mails;
DROP TABLE email_auths;
DROP TABLE addresses;
ALTER TABLE users DROP COLUMN default_address_id;
