package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"runrun/domain"
)

type userRow struct {
	ID           domain.UserID
	Email        []byte
	Name         []byte
	Phone        []byte
	PasswordHash string
	Role         domain.Role
	Verified     bool
	CreatedAt    int64
}

// AddUser writes an account, its personal data encrypted.
// Errors: Conflict if the e-mail address has an account.
func (s *Store) AddUser(ctx context.Context, u domain.User) error {
	return s.InTx(ctx, func(tx *gorm.DB) error { return s.insertUser(tx, u) })
}

func (s *Store) insertUser(tx *gorm.DB, u domain.User) error {
	return tx.Exec(`INSERT INTO users (id, email_hash, email, name, phone, password_hash, role, verified, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, `+s.dialect.now()+`, `+s.dialect.now()+`)`,
		u.ID, s.sealer.index(u.Email), s.sealer.seal(userPlace("email", u.ID), u.Email), s.sealer.seal(userPlace("name", u.ID), u.Name),
		s.sealer.seal(userPlace("phone", u.ID), u.Phone), u.PasswordHash, u.Role, u.Verified).Error
}

// SignUp writes an account with its first address, if its e-mail address was verified a moment ago. A verification serves once.
// Errors: EmailNotVerified, also for an address that has an account.
func (s *Store) SignUp(ctx context.Context, u domain.User, first domain.Address) error {
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		if there, err := rowIsThere(tx, "users", string(u.ID)); err != nil || there { // by the try before this one, whose answer was lost
			return err
		}
		used := tx.Exec("DELETE FROM email_auths WHERE email_hash = ? AND verified_at > 0 AND expires_at > "+s.dialect.now(),
			s.sealer.index(u.Email))
		if used.Error != nil {
			return used.Error
		}
		if used.RowsAffected == 0 {
			return errNotVerified()
		}
		if err := s.insertUser(tx, u); err != nil {
			return err
		}
		return s.insertAddress(tx, first, true)
	})
	if domain.CodeOf(err) == domain.CodeConflict {
		return errNotVerified()
	}
	return err
}

func errNotVerified() error {
	return domain.Errorf(domain.CodeEmailNotVerified, "verify the e-mail address first, or again")
}

// UserByEmail reads an account by its e-mail address, in any case of letters.
// Errors: NotFound; Internal if its data cannot be decrypted.
func (s *Store) UserByEmail(ctx context.Context, email string) (domain.User, error) {
	return s.user(ctx, "email_hash = ?", s.sealer.index(email))
}

// UserByID reads an account that was not erased.
// Errors: NotFound; Internal if its data cannot be decrypted.
func (s *Store) UserByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	return s.user(ctx, "id = ? AND password_hash <> ''", id)
}

func (s *Store) user(ctx context.Context, where string, arg any) (domain.User, error) {
	var rows []userRow
	err := s.query(ctx, &rows, "SELECT id, email, name, phone, password_hash, role, verified, created_at FROM users WHERE "+where, arg)
	if err != nil {
		return domain.User{}, err
	}
	if len(rows) == 0 {
		return domain.User{}, errNoAccount()
	}
	r := rows[0]
	u := domain.User{ID: r.ID, PasswordHash: r.PasswordHash, Role: r.Role, Verified: r.Verified, CreatedAt: fromMillis(r.CreatedAt)}
	for _, field := range []struct {
		name   string
		sealed []byte
		into   *string
	}{{"email", r.Email, &u.Email}, {"name", r.Name, &u.Name}, {"phone", r.Phone, &u.Phone}} {
		if *field.into, err = s.sealer.open(userPlace(field.name, r.ID), field.sealed); err != nil {
			return domain.User{}, err
		}
	}
	return u, nil
}

func errNoAccount() error { return domain.Errorf(domain.CodeNotFound, "there is no such account") }

func userPlace(column string, id domain.UserID) string { return "users." + column + " " + string(id) }

// ChangeProfile changes what is given of an account's profile.
// Errors: Validation; NotFound.
func (s *Store) ChangeProfile(ctx context.Context, id domain.UserID, c domain.ProfileChange) error {
	if err := c.Validate(); err != nil {
		return err
	}
	set, args := []string{"updated_at = " + s.dialect.now()}, []any{}
	for column, value := range map[string]*string{"name": c.Name, "phone": c.Phone} {
		if value != nil {
			set, args = append(set, column+" = ?"), append(args, s.sealer.seal(userPlace(column, id), *value))
		}
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return oneRow(tx.Exec("UPDATE users SET "+strings.Join(set, ", ")+" WHERE id = ? AND password_hash <> ''", append(args,
			id)...), errNoAccount)
	})
}

// SetPassword changes an account's password and ends all its sessions but one, which may be empty.
// Errors: NotFound.
func (s *Store) SetPassword(ctx context.Context, id domain.UserID, hash string, keep domain.SessionID) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		err := oneRow(tx.Exec("UPDATE users SET password_hash = ?, updated_at = "+s.dialect.now()+" WHERE id = ? AND password_hash <> ''",
			hash, id), errNoAccount)
		if err != nil {
			return err
		}
		return tx.Exec("DELETE FROM sessions WHERE user_id = ? AND id <> ?", id, keep).Error
	})
}

// EraseUser removes the personal data of an account, and whatever could lead to it: sessions, addresses, the
// receivers of its orders, who is
// behind its brands. The orders stay, without it.
// Errors: NotFound; OrderState while an order has not ended; Conflict while the account sells products.
func (s *Store) EraseUser(ctx context.Context, id domain.UserID) error {
	user, err := s.UserByID(ctx, id)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(tx *gorm.DB) error {
		if err := s.lockUser(tx, id); err != nil {
			return err
		}
		if err := s.checkErasable(tx, id); err != nil {
			return err
		}
		for _, statement := range []string{
			"UPDATE products SET likes = likes - 1 WHERE id IN (SELECT product_id FROM product_likes WHERE user_id = ?)",
			"UPDATE brands SET seller_id = '', slot = NULL, legal_name = '', registration_number = '' WHERE seller_id = ?",
			"DELETE FROM sessions WHERE user_id = ?", "DELETE FROM addresses WHERE user_id = ?", "DELETE FROM cart_items WHERE user_id = ?",
			"DELETE FROM product_likes WHERE user_id = ?", "UPDATE orders SET receiver = '' WHERE user_id = ?",
		} {
			if err := tx.Exec(statement, id).Error; err != nil {
				return err
			}
		}
		if err := tx.Exec("DELETE FROM email_auths WHERE email_hash = ?", s.sealer.index(user.Email)).Error; err != nil {
			return err
		}
		return tx.Exec(`UPDATE users SET email_hash = ?, email = '', name = '', phone = '', password_hash = '', default_address_id = '' WHERE id = ?`,
			"erased "+string(id), id).Error
	})
}

// checkErasable returns an error while somebody still needs to know who the account is.
func (s *Store) checkErasable(tx *gorm.DB, id domain.UserID) error {
	for _, rule := range []struct {
		count string
		args  []any
		err   error
	}{
		{"SELECT COUNT(*) FROM orders WHERE user_id = ? AND status IN ?", []any{id, domain.OpenStatuses()},
			domain.Errorf(domain.CodeOrderState, "an order has not ended: it needs to know whom it belongs to")},
		{"SELECT COUNT(*) FROM products p JOIN brands b ON b.id = p.brand_id WHERE b.seller_id = ? AND p.deleted_at IS NULL", []any{id},
			domain.Errorf(domain.CodeConflict, "the account sells products: delete them first")},
	} {
		var n int64
		if err := tx.Raw(rule.count, rule.args...).Scan(&n).Error; err != nil {
			return err
		}
		if n > 0 {
			return rule.err
		}
	}
	return nil
}

// lockUser locks an account's row: the first lock of every transaction that counts what the account owns.
// Errors: NotFound.
func (s *Store) lockUser(tx *gorm.DB, id domain.UserID) error {
	var found []domain.UserID
	err := tx.Raw("SELECT id FROM users WHERE id = ? AND password_hash <> ''"+s.dialect.forUpdate(), id).Scan(&found).Error
	if err == nil && len(found) == 0 {
		return errNoAccount()
	}
	return err
}

// oneRow returns the error of an update, or missing's if it changed no row.
func oneRow(update *gorm.DB, missing func() error) error {
	if update.Error != nil || update.RowsAffected > 0 {
		return update.Error
	}
	return missing()
}

// rowIsThere reports whether a table has a row with an id that was made for one transaction: then it is done.
func rowIsThere(tx *gorm.DB, table, id string) (bool, error) {
	var n int64
	err := tx.Raw("SELECT COUNT(*) FROM "+table+" WHERE id = ?", id).Scan(&n).Error
	return n > 0, err
}
