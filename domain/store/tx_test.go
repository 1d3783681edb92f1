package store_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// The commit itself fails: a transaction whose work was done and whose commit did not go through must be reported, and
// leave nothing.
func TestInTxReportsACommitThatFails(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s := storetest.Open(t, storetest.SQLite(t))
		storetest.Exec(t, s, "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
		storetest.Exec(t, s, "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
		err := s.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("INSERT INTO child VALUES (1)").Error })
		if domain.CodeOf(err) != domain.CodeConflict {
			t.Errorf("a commit against a deferred constraint: %v, want CONFLICT", err)
		}
		wantCount(t, s, "child", 0)
	})
	t.Run("mysql", func(t *testing.T) {
		s := storetest.Open(t, storetest.MySQL(t))
		storetest.Exec(t, s, "CREATE TABLE child (id INTEGER)")
		runs := 0
		err := s.InTx(t.Context(), func(tx *gorm.DB) error {
			runs++
			var connection int64
			if err := tx.Raw("SELECT CONNECTION_ID()").Scan(&connection).Error; err != nil {
				return err
			}
			if err := tx.Exec("INSERT INTO child VALUES (1)").Error; err != nil {
				return err
			}
			_, err := s.DB().ExecContext(t.Context(), "KILL ?", connection)
			return err
		})
		if domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("a commit on a killed connection: %v, want UNAVAILABLE", err)
		}
		if !domain.MayBeWritten(err) {
			t.Errorf("a commit on a killed connection: %v, want to hear that it may stand", err)
		}
		if runs < 2 {
			t.Errorf("the transaction ran %d times; a lost connection is worth another try", runs)
		}
		wantCount(t, s, "child", 0)
	})
}

func TestInTxRollsBackWhatFails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		err := s.InTx(t.Context(), func(tx *gorm.DB) error {
			if err := tx.Exec("UPDATE stocks SET available = 0 WHERE product_id = ?", p.ID).Error; err != nil {
				return err
			}
			return domain.Errorf(domain.CodeOrderState, "changed my mind")
		})
		if domain.CodeOf(err) != domain.CodeOrderState {
			t.Errorf("got %v, want the function's own error", err)
		}
		if domain.MayBeWritten(err) {
			t.Errorf("%v: nothing was committed", err)
		}
		storetest.WantStock(t, s, p.ID, 3, 0, 0)
	})
}

func TestTheSchemaRefusesAnOversoldStock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := storetest.Product(t, s, 3)
		for _, available := range []int{-1, 4} {
			err := s.InTx(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("UPDATE stocks SET available = ? WHERE product_id = ?", available, p.ID).Error
			})
			if domain.CodeOf(err) != domain.CodeConflict {
				t.Errorf("available = %d of 3: %v, want CONFLICT by the check constraint", available, err)
			}
		}
	})
}

func TestACanceledContextIsUnavailable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.InTx(ctx, func(*gorm.DB) error { return nil }); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
		if _, err := s.Stock(ctx, "prd_x"); domain.CodeOf(err) != domain.CodeUnavailable {
			t.Errorf("got %v, want UNAVAILABLE", err)
		}
	})
}

func wantCount(t *testing.T, s *store.Store, table string, want int) {
	t.Helper()
	var got int
	if err := s.DB().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&got); err != nil || got != want {
		t.Errorf("%s has %d rows, %v; want %d", table, got, err, want)
	}
}
