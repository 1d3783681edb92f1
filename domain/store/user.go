package store

import (
	"context"

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
}

// AddUser writes an account, its personal data encrypted.
// Errors: Conflict if the e-mail address has an account.
func (s *Store) AddUser(ctx context.Context, u domain.User) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Exec(`INSERT INTO users (id, email_hash, email, name, phone, password_hash, role, verified, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, `+s.dialect.now()+`, `+s.dialect.now()+`)`,
			u.ID, s.sealer.index(u.Email), s.sealer.seal(userPlace("email", u.ID), u.Email), s.sealer.seal(userPlace("name", u.ID), u.Name),
			s.sealer.seal(userPlace("phone", u.ID), u.Phone), u.PasswordHash, u.Role, u.Verified).Error
	})
}

// UserByEmail reads an account by its e-mail address, in any case of letters.
// Errors: NotFound; Internal if its data cannot be decrypted.
func (s *Store) UserByEmail(ctx context.Context, email string) (domain.User, error) {
	var rows []userRow
	err := s.query(ctx, &rows,
		"SELECT id, email, name, phone, password_hash, role, verified FROM users WHERE email_hash = ?",
		s.sealer.index(email))
	if err != nil {
		return domain.User{}, err
	}
	if len(rows) == 0 {
		return domain.User{}, domain.Errorf(domain.CodeNotFound, "there is no such account")
	}
	r := rows[0]
	u := domain.User{ID: r.ID, PasswordHash: r.PasswordHash, Role: r.Role, Verified: r.Verified}
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

func userPlace(column string, id domain.UserID) string { return "users." + column + " " + string(id) }
