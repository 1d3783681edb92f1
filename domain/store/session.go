package store

import (
	"context"

	"gorm.io/gorm"

	"runrun/domain"
)

// BeginSession keeps a login. Of too many logins of one user, those that were idle the longest end. It is decided under the lock of the
// account, as a change of its password is: whoever logged in with the old one a moment ago has no session.
// Errors: LoginFailed.
func (s *Store) BeginSession(ctx context.Context, n domain.Session) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		now, err := s.txNow(tx)
		if err != nil {
			return err
		}
		var current []string
		if err := tx.Raw("SELECT password_hash FROM users WHERE id = ?"+s.dialect.forUpdate(), n.UserID).Scan(&current).Error; err != nil {
			return err
		}
		if len(current) == 0 || current[0] != n.PasswordHash {
			return domain.Errorf(domain.CodeLoginFailed, "the e-mail address or the password is wrong")
		}
		if err := tx.Exec("DELETE FROM sessions WHERE expires_at < ?", now).Error; err != nil {
			return err
		}
		var idle []domain.SessionID
		err = tx.Raw("SELECT id FROM sessions WHERE user_id = ? ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?",
			n.UserID, domain.MaxSessions, domain.MaxSessions-1).Scan(&idle).Error
		if err != nil {
			return err
		}
		if len(idle) > 0 {
			if err := tx.Exec("DELETE FROM sessions WHERE id IN ?", idle).Error; err != nil {
				return err
			}
		}
		return tx.Exec("INSERT INTO sessions (id, user_id, token_hash, expires_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
			n.ID, n.UserID, n.TokenHash, now+n.Life.Milliseconds(), now, now).Error
	})
}

// RotateSession replaces a session's token by the next and returns whose session it is. A token that was used before ends the session: two
// have it, and one of them stole it; but for the one before the newest, for RefreshGrace.
// Errors: TokenInvalid, whatever is wrong.
func (s *Store) RotateSession(ctx context.Context, r domain.Rotation) (domain.User, error) {
	var user domain.User
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		user = domain.User{}
		var rows []sessionRow
		err := tx.Raw("SELECT user_id, token_hash, previous_hash, expires_at, updated_at, "+s.dialect.now()+" AS now FROM sessions WHERE id = ?"+
			s.dialect.forUpdate(), r.Session).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		var owners []domain.User
		if err := tx.Raw("SELECT id, role FROM users WHERE id = ? AND password_hash <> ''", rows[0].UserID).Scan(&owners).Error; err != nil {
			return err
		}
		if len(owners) == 0 || !rows[0].takes(r) {
			return tx.Exec("DELETE FROM sessions WHERE id = ?", r.Session).Error
		}
		user = owners[0]
		return tx.Exec("UPDATE sessions SET token_hash = ?, previous_hash = ?, expires_at = ?, updated_at = ? WHERE id = ?",
			r.Next, r.Used, rows[0].Now+r.Life.Milliseconds(), rows[0].Now, r.Session).Error
	})
	if err == nil && user.ID == "" {
		err = domain.Errorf(domain.CodeTokenInvalid, "the refresh token is not valid any more; log in again")
	}
	return user, err
}

// sessionRow is a row of sessions, locked.
type sessionRow struct {
	UserID                    domain.UserID
	TokenHash, PreviousHash   string
	ExpiresAt, UpdatedAt, Now int64
}

// takes reports whether the token that is used may be exchanged. One that is the next already was put there by a try before this one, whose
// answer was lost.
func (r sessionRow) takes(in domain.Rotation) bool {
	inGrace := r.PreviousHash == in.Used && r.Now-r.UpdatedAt < domain.RefreshGrace.Milliseconds()
	return r.ExpiresAt > r.Now && (r.TokenHash == in.Used || r.TokenHash == in.Next || inGrace)
}

// EndSession ends a session whose newest token has the hash, or with everywhere all of its user. One that is over is no error.
func (s *Store) EndSession(ctx context.Context, id domain.SessionID, hash string, everywhere bool) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		var owners []domain.UserID
		err := tx.Raw("SELECT user_id FROM sessions WHERE id = ? AND token_hash = ?"+s.dialect.forUpdate(), id, hash).Scan(&owners).Error
		if err != nil || len(owners) == 0 {
			return err
		}
		if everywhere {
			return tx.Exec("DELETE FROM sessions WHERE user_id = ?", owners[0]).Error
		}
		return tx.Exec("DELETE FROM sessions WHERE id = ?", id).Error
	})
}

// SessionOf returns the id if the session is the user's, and else none.
func (s *Store) SessionOf(ctx context.Context, user domain.UserID, id domain.SessionID) (domain.SessionID, error) {
	var found domain.SessionID
	err := s.query(ctx, &found, "SELECT id FROM sessions WHERE id = ? AND user_id = ?", id, user)
	return found, err
}
