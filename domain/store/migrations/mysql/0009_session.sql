-- The token before the newest may be used for a moment longer: a page that is reloaded while it gets the next never hears of it.

-- +goose Up
ALTER TABLE sessions ADD COLUMN previous_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sessions DROP COLUMN previous_hash;
