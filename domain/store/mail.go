package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"runrun/domain"
)

// oldMails is how long it is kept that a mail was sent; what it said is gone with the sending.
const oldMails = 30 * 24 * time.Hour

type mailRow struct {
	ID        domain.MailID
	Recipient []byte
	Subject   []byte
	Body      []byte
	Status    domain.MailStatus
	ExpiresAt int64
	Now       int64
}

func (s *Store) insertMail(tx *gorm.DB, m domain.Mail, now int64) error {
	return tx.Exec(`INSERT INTO mails (id, recipient, subject, body, status, expires_at, dispatch_after, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		m.ID, s.sealer.seal(mailPlace("recipient", m.ID), m.To), s.sealer.seal(mailPlace("subject", m.ID), m.Subject),
		s.sealer.seal(mailPlace("body", m.ID), m.Text), domain.MailQueued, now+m.Life.Milliseconds(),
		now+dispatchAfter.Milliseconds(), now, now).Error
}

func mailPlace(column string, id domain.MailID) string { return "mails." + column + " " + string(id) }

// QueuedMail reads a mail with its status, and while it waits to be sent what it says. One that is not worth sending any more expires.
// Errors: NotFound; Internal if its data cannot be decrypted.
func (s *Store) QueuedMail(ctx context.Context, id domain.MailID) (domain.Mail, error) {
	var rows []mailRow
	err := s.query(ctx, &rows, "SELECT id, recipient, subject, body, status, expires_at, "+s.dialect.now()+" AS now FROM mails WHERE id = ?", id)
	if err == nil && len(rows) == 0 {
		err = domain.Errorf(domain.CodeNotFound, "there is no mail %s", id)
	}
	if err != nil {
		return domain.Mail{}, err
	}
	r := rows[0]
	m := domain.Mail{ID: id, Status: r.Status, ExpiresAt: fromMillis(r.ExpiresAt)}
	if r.Status != domain.MailQueued {
		return m, nil
	}
	if r.ExpiresAt <= r.Now {
		m.Status = domain.MailExpired
		return m, s.FinishMail(ctx, id, domain.MailExpired)
	}
	for _, field := range []struct {
		name   string
		sealed []byte
		into   *string
	}{{"recipient", r.Recipient, &m.To}, {"subject", r.Subject, &m.Subject}, {"body", r.Body, &m.Text}} {
		if *field.into, err = s.sealer.open(mailPlace(field.name, id), field.sealed); err != nil {
			return domain.Mail{}, err
		}
	}
	return m, nil
}

// FinishMail writes down that a mail was sent, or will not be, and deletes what it says.
func (s *Store) FinishMail(ctx context.Context, id domain.MailID, status domain.MailStatus) error {
	return s.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE mails SET status = ?, recipient = '', subject = '', body = '', updated_at = "+s.dialect.now()+
			" WHERE id = ? AND status = ?", status, id, domain.MailQueued).Error
	})
}

// ClaimMails leases up to limit mails that should have been sent. Concurrent callers get disjoint mails.
func (s *Store) ClaimMails(ctx context.Context, limit int, lease time.Duration) (mine []domain.MailID, err error) {
	err = s.InTx(ctx, func(tx *gorm.DB) error {
		mine = nil
		err := tx.Raw("SELECT id FROM mails WHERE status = ? AND dispatch_after < "+s.dialect.now()+" ORDER BY dispatch_after LIMIT ?"+
			s.dialect.skipLocked(), domain.MailQueued, limit).Scan(&mine).Error
		if err != nil {
			return err
		}
		if err := s.deleteOldMails(tx); err != nil || len(mine) == 0 {
			return err
		}
		return tx.Exec("UPDATE mails SET dispatch_after = "+s.dialect.now()+" + ? WHERE id IN ?", lease.Milliseconds(), mine).Error
	})
	return mine, err
}

// deleteOldMails deletes what is long over: mails, and codes that nobody used.
func (s *Store) deleteOldMails(tx *gorm.DB) error {
	err := tx.Exec("DELETE FROM mails WHERE status IN ? AND dispatch_after < "+s.dialect.now()+" - ?",
		[]domain.MailStatus{domain.MailSent, domain.MailExpired, domain.MailRefused}, oldMails.Milliseconds()).Error
	if err != nil {
		return err
	}
	return tx.Exec("DELETE FROM email_auths WHERE expires_at < "+s.dialect.now()+" - ?", oldAuths.Milliseconds()).Error
}
