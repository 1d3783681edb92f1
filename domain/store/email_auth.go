package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// maxCodeTries is how many wrong codes are taken for one mail.
const maxCodeTries = 5

// oldAuths is how long an expired code is kept.
const oldAuths = 24 * time.Hour

// StartEmailAuth keeps the code that was mailed to an e-mail address, in the place of an earlier one, and the mail itself. The code
// lives as long as the mail.
func (s *Store) StartEmailAuth(ctx context.Context, email, code string, mail domain.Mail) error {
	start := func() error {
		return s.InTx(ctx, func(tx *gorm.DB) error {
			now, err := s.txNow(tx)
			if err != nil {
				return err
			}
			if err := s.keepCode(tx, email, code, now, now+mail.Life.Milliseconds()); err != nil {
				return err
			}
			return s.insertMail(tx, mail, now)
		})
	}
	err := start()
	if domain.CodeOf(err) == domain.CodeConflict { // another was asked for at the same moment: this one replaces it
		err = start()
	}
	return err
}

// keepCode puts a code in the place of an earlier one of the address.
func (s *Store) keepCode(tx *gorm.DB, email, code string, now, expiresAt int64) error {
	hash := s.sealer.index(email)
	replaced := tx.Exec(`UPDATE email_auths SET code_hash = ?, tries = 0, expires_at = ?, verified_at = 0, created_at = ?
		WHERE email_hash = ?`, s.codeHash(email, code), expiresAt, now, hash)
	if replaced.Error != nil || replaced.RowsAffected == 1 {
		return replaced.Error
	}
	return tx.Exec("INSERT INTO email_auths (email_hash, code_hash, tries, expires_at, verified_at, created_at) VALUES (?, ?, 0, ?, 0, ?)",
		hash, s.codeHash(email, code), expiresAt, now).Error
}

// CheckVerified returns an error unless an e-mail address was verified a moment ago.
// Errors: EmailNotVerified, also for an address that has an account.
func (s *Store) CheckVerified(ctx context.Context, email string) error {
	var n int64
	err := s.query(ctx, &n, "SELECT COUNT(*) FROM email_auths WHERE email_hash = ? AND verified_at > 0 AND expires_at > "+s.dialect.now(),
		s.sealer.index(email))
	if err == nil && n == 0 {
		return errNotVerified()
	}
	return err
}

// VerifyEmail marks an e-mail address as verified for a while, if the code is the one that was mailed to it. A code serves once, and not
// after too many wrong ones.
// Errors: VerificationFailed, whatever is wrong.
func (s *Store) VerifyEmail(ctx context.Context, email, code string, life time.Duration) error {
	verified, hit := false, false
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		hash := s.sealer.index(email)
		if verified = hit && isVerified(tx, hash); verified { // by the try before this one, whose answer was lost
			return nil
		}
		update := tx.Exec("UPDATE email_auths SET verified_at = "+s.dialect.now()+", expires_at = "+s.dialect.now()+` + ?, code_hash = ''
			WHERE email_hash = ? AND code_hash = ? AND tries < ? AND expires_at > `+s.dialect.now(),
			life.Milliseconds(), hash, s.codeHash(email, code), maxCodeTries)
		if verified = update.RowsAffected == 1; verified || update.Error != nil {
			hit = verified
			return update.Error
		}
		return tx.Exec("UPDATE email_auths SET tries = tries + 1 WHERE email_hash = ?", hash).Error
	})
	if err == nil && !verified {
		return domain.Errorf(domain.CodeVerificationFailed, "the code is wrong, was used, or is too old; ask for a new one")
	}
	return err
}

func isVerified(tx *gorm.DB, hash string) bool {
	var n int64
	err := tx.Raw("SELECT COUNT(*) FROM email_auths WHERE email_hash = ? AND verified_at > 0", hash).Scan(&n).Error
	return err == nil && n == 1
}

func (s *Store) codeHash(email, code string) string {
	return s.Digest("e-mail code of "+s.sealer.index(email), code)
}
