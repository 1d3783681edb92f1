package store

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"runrun/domain"
)

type addressRow struct {
	ID       domain.AddressID
	UserID   domain.UserID
	Receiver []byte
	Chosen   bool
}

// Addresses lists a user's addresses, the default first, then the newest.
func (s *Store) Addresses(ctx context.Context, user domain.UserID) ([]domain.Address, error) {
	return s.addresses(ctx, "a.user_id = ? ORDER BY chosen DESC, a.id DESC LIMIT ?", user, domain.MaxAddresses)
}

// AddressOf reads an address of a user; another's does not exist for them.
// Errors: NotFound.
func (s *Store) AddressOf(ctx context.Context, user domain.UserID, id domain.AddressID) (domain.Address, error) {
	found, err := s.addresses(ctx, "a.user_id = ? AND a.id = ?", user, id)
	if err == nil && len(found) == 0 {
		err = errNoAddress()
	}
	if err != nil {
		return domain.Address{}, err
	}
	return found[0], nil
}

func (s *Store) addresses(ctx context.Context, where string, args ...any) ([]domain.Address, error) {
	var rows []addressRow
	err := s.query(ctx, &rows, `SELECT a.id, a.user_id, a.receiver, (u.default_address_id = a.id) AS chosen
		FROM addresses a JOIN users u ON u.id = a.user_id WHERE `+where, args...)
	found := make([]domain.Address, 0, len(rows))
	for _, r := range rows {
		text, openErr := s.sealer.open(addressPlace(r.ID), r.Receiver)
		if openErr != nil {
			return nil, openErr
		}
		a := domain.Address{ID: r.ID, UserID: r.UserID, Default: r.Chosen}
		if err := json.Unmarshal([]byte(text), &a.Receiver); err != nil {
			return nil, domain.Wrap(domain.CodeInternal, err, "an address cannot be read")
		}
		found = append(found, a)
	}
	return found, err
}

func errNoAddress() error { return domain.Errorf(domain.CodeNotFound, "there is no such address") }

func addressPlace(id domain.AddressID) string { return "addresses.receiver " + string(id) }

func (s *Store) sealReceiver(a domain.Address) ([]byte, error) {
	text, err := json.Marshal(a.Receiver)
	return s.sealer.seal(addressPlace(a.ID), string(text)), err
}

// AddAddress keeps an address; the first of a user, and one that says so, becomes the default.
// Errors: Validation; NotFound without an account; LimitExceeded.
func (s *Store) AddAddress(ctx context.Context, a domain.Address) error {
	if err := a.Validate(); err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockUser(tx, a.UserID); err != nil {
			return err
		}
		if there, err := rowIsThere(tx, "addresses", string(a.ID)); err != nil || there { // by the try before this one, whose answer was lost
			return err
		}
		var n int64
		if err := tx.Raw("SELECT COUNT(*) FROM addresses WHERE user_id = ?", a.UserID).Scan(&n).Error; err != nil {
			return err
		}
		if n >= domain.MaxAddresses {
			return domain.Errorf(domain.CodeLimitExceeded, "an account keeps at most %d addresses; delete one first", domain.MaxAddresses)
		}
		return s.insertAddress(tx, a, a.Default || n == 0)
	})
}

func (s *Store) insertAddress(tx *gorm.DB, a domain.Address, asDefault bool) error {
	sealed, err := s.sealReceiver(a)
	if err != nil {
		return err
	}
	err = tx.Exec("INSERT INTO addresses (id, user_id, receiver, created_at, updated_at) VALUES (?, ?, ?, "+s.dialect.now()+", "+
		s.dialect.now()+")", a.ID, a.UserID, sealed).Error
	if err != nil || !asDefault {
		return err
	}
	return tx.Exec("UPDATE users SET default_address_id = ? WHERE id = ?", a.ID, a.UserID).Error
}

// ChangeAddress replaces what an address says.
// Errors: Validation; NotFound.
func (s *Store) ChangeAddress(ctx context.Context, a domain.Address) error {
	if err := a.Validate(); err != nil {
		return err
	}
	sealed, err := s.sealReceiver(a)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return oneRow(tx.Exec("UPDATE addresses SET receiver = ?, updated_at = "+s.dialect.now()+" WHERE id = ? AND user_id = ?",
			sealed, a.ID, a.UserID), errNoAddress)
	})
}

// MakeDefault makes an address the default one.
// Errors: NotFound.
func (s *Store) MakeDefault(ctx context.Context, user domain.UserID, id domain.AddressID) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockUser(tx, user); err != nil {
			return err
		}
		return oneRow(tx.Exec(`UPDATE users SET default_address_id = ? WHERE id = ?
			AND EXISTS (SELECT 1 FROM addresses WHERE id = ? AND user_id = ?)`, id, user, id, user), errNoAddress)
	})
}

// DeleteAddress deletes an address, but not the only one; after the default one, the newest is the default.
// Errors: NotFound; Conflict for the only one.
func (s *Store) DeleteAddress(ctx context.Context, user domain.UserID, id domain.AddressID) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockUser(tx, user); err != nil {
			return err
		}
		if err := oneRow(tx.Exec("DELETE FROM addresses WHERE id = ? AND user_id = ?", id, user), errNoAddress); err != nil {
			return err
		}
		var left []domain.AddressID
		if err := tx.Raw("SELECT id FROM addresses WHERE user_id = ? ORDER BY id DESC", user).Scan(&left).Error; err != nil {
			return err
		}
		if len(left) == 0 {
			return domain.Errorf(domain.CodeConflict, "an account keeps at least one address; add another first")
		}
		return tx.Exec("UPDATE users SET default_address_id = ? WHERE id = ? AND default_address_id = ?", left[0], user, id).Error
	})
}
