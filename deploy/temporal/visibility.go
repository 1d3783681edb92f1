package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/searchattribute/sadefs"
)

// Temporal's schema gives the list of workflows 60 indexes and two full-text tables, and every order writes its row three times. For
// what is asked here few are read: the list by time, and searches for what is kept below.
var readColumns = []string{"", "workflow_id", "workflow_type_name", "status", sadefs.TemporalNamespaceDivision} // "" is time

// trimLimit bounds the work on the new database.
const trimLimit = 10 * time.Second

// trimVisibility drops the indexes of columns that nothing of ours searches by, and the full-text table if no search attribute is a
// Text. used are the columns of the namespace's own search attributes. A search by a dropped one is slow, and not wrong.
func trimVisibility(storage *config.SQL, used []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), trimLimit)
	defer cancel()
	db, err := openBeside(storage)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := dropIndexes(ctx, db, slices.Concat(readColumns, used)); err != nil {
		return err
	}
	if slices.ContainsFunc(used, func(column string) bool { return column == "Text01" || column == "Text02" || column == "Text03" }) {
		return nil
	}
	return dropFullText(ctx, db)
}

// openBeside opens the database that Temporal's own connection keeps open.
func openBeside(storage *config.SQL) (*sql.DB, error) {
	dsn := "file:" + storage.DatabaseName + "?mode=" + storage.ConnectAttributes["mode"]
	if cache := storage.ConnectAttributes["cache"]; cache != "" {
		dsn += "&cache=" + cache
	}
	return sql.Open("sqlite", dsn)
}

const visibilityIndexes = `SELECT i.name, COALESCE((SELECT name FROM pragma_index_info(i.name) WHERE seqno = 1), '')
	FROM sqlite_master AS i WHERE i.type = 'index' AND i.tbl_name = 'executions_visibility' AND i.sql IS NOT NULL`

// dropIndexes drops every index of the list but those of the given columns.
func dropIndexes(ctx context.Context, db *sql.DB, columns []string) error {
	rows, err := db.QueryContext(ctx, visibilityIndexes)
	if err != nil {
		return err
	}
	var unread []string
	for rows.Next() {
		var index, column string
		if err := rows.Scan(&index, &column); err != nil {
			return errors.Join(err, rows.Close())
		}
		if !slices.Contains(columns, column) {
			unread = append(unread, index)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, index := range unread {
		if _, err := db.ExecContext(ctx, "DROP INDEX "+index); err != nil {
			return fmt.Errorf("drop %s: %w", index, err)
		}
	}
	return nil
}

// textInsert is the part of a trigger that keeps the full-text table in step.
var textInsert = regexp.MustCompile(`(?s)INSERT INTO executions_visibility_fts_text\b.*?;`)

// dropFullText drops the full-text table of Text attributes, and the parts of the triggers that write it.
func dropFullText(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, name := range []string{"executions_visibility_ai", "executions_visibility_ad", "executions_visibility_au"} {
		var trigger string
		if err := tx.QueryRowContext(ctx, "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", name).Scan(&trigger); err != nil {
			return fmt.Errorf("trigger %s: %w", name, err)
		}
		for _, statement := range []string{"DROP TRIGGER " + name, textInsert.ReplaceAllString(trigger, "")} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("trigger %s: %w", name, err)
			}
		}
	}
	if _, err := tx.ExecContext(ctx, "DROP TABLE executions_visibility_fts_text"); err != nil {
		return err
	}
	return tx.Commit()
}
