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
	hash := s.sealer.index(email)
	return s.InTx(ctx, func(tx *gorm.DB) error {
		now, err := s.txNow(tx)
		if err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM email_auths WHERE email_hash = ? OR expires_at < ?", hash, now-oldAuths.Milliseconds()).Error; err != nil {
			return err
		}
		err = tx.Exec("INSERT INTO email_auths (email_hash, code_hash, tries, expires_at, verified_at, created_at) VALUES (?, ?, 0, ?, 0, ?)",
			hash, s.codeHash(email, code), now+mail.Life.Milliseconds(), now).Error
		if err != nil {
			return err
		}
		return s.insertMail(tx, mail, now)
	})
}

// VerifyEmail marks an e-mail address as verified for a while, if the code is the one that was mailed to it. A code serves once, and not
// after too many wrong ones.
// Errors: VerificationFailed, whatever is wrong.
func (s *Store) VerifyEmail(ctx context.Context, email, code string, life time.Duration) error {
	verified := false
	err := s.InTx(ctx, func(tx *gorm.DB) error {
		hash := s.sealer.index(email)
		update := tx.Exec("UPDATE email_auths SET verified_at = "+s.dialect.now()+", expires_at = "+s.dialect.now()+` + ?, code_hash = ''
			WHERE email_hash = ? AND code_hash = ? AND tries < ? AND expires_at > `+s.dialect.now(),
			life.Milliseconds(), hash, s.codeHash(email, code), maxCodeTries)
		if verified = update.RowsAffected == 1; verified || update.Error != nil {
			return update.Error
		}
		return tx.Exec("UPDATE email_auths SET tries = tries + 1 WHERE email_hash = ?", hash).Error
	})
	if err == nil && !verified {
		return domain.Errorf(domain.CodeVerificationFailed, "the code is wrong, was used, or is too old; ask for a new one")
	}
	return err
}

func (s *Store) codeHash(email, code string) string {
	return s.Digest("e-mail code of "+s.sealer.index(email), code)
}
