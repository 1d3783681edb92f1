package auth

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"time"

	"runrun/domain"
	"runrun/domain/ids"
)

// EmailRows keeps codes, verifications and accounts durably.
type EmailRows interface {
	Users
	StartEmailAuth(ctx context.Context, email, code string, mail domain.Mail) error
	VerifyEmail(ctx context.Context, email, code string, life time.Duration) error
	// CheckVerified returns an error unless the address was verified a moment ago.
	CheckVerified(ctx context.Context, email string) error
	SignUp(ctx context.Context, u domain.User, first domain.Address) error
}

// Mails sends what is written in the rows of mails.
type Mails interface {
	// SendMail begins to send a mail. If it fails, somebody else begins later.
	SendMail(ctx context.Context, id domain.MailID) error
}

// codeLife is how long a code can be used, and a verified address for a sign-up.
const codeLife = 30 * time.Minute

// EmailLimits are how many codes are mailed at once, and as many more within codeLife.
type EmailLimits struct {
	Email   int // to one e-mail address
	Address int // asked for from one network address; as many sign-ups may come from there
}

// Emails proves that people receive mail at the address with which they sign up.
type Emails struct {
	rows    EmailRows
	mails   Mails
	limiter Limiter
	limits  EmailLimits
	logins  *Logins
}

// NewEmails returns Emails. Passwords are hashed in the lane of logins.
func NewEmails(rows EmailRows, mails Mails, limiter Limiter, logins *Logins, limits EmailLimits) *Emails {
	return &Emails{rows: rows, mails: mails, limiter: limiter, logins: logins, limits: limits}
}

// Start mails a code to an e-mail address. An address that has an account gets a mail that says so instead, and no answer of ours tells the
// difference. When Start returns without an error the mail is written durably.
// Errors: Validation; TooManyRequests, which limited is told of.
func (e *Emails) Start(ctx context.Context, email, address string, limited func(domain.RateVerdict)) error {
	if err := domain.ValidateEmail(email); err != nil {
		return err
	}
	// The caller's limit goes first: who has used it up takes nothing of somebody else's.
	if err := e.take(ctx, address, limitOf("address-codes", e.limits.Address, codeLife), limited); err != nil {
		return err
	}
	if err := e.take(ctx, emailKey(email), limitOf("email-codes", e.limits.Email, codeLife), limited); err != nil {
		return err
	}
	_, err := e.rows.UserByEmail(ctx, email)
	taken := err == nil
	if !taken && domain.CodeOf(err) != domain.CodeNotFound {
		return err
	}
	code, err := newCode()
	if err != nil {
		return err
	}
	mail := codeMail(email, code)
	if taken { // the code is kept all the same, and nobody knows it
		mail.Subject, mail.Text = accountExistsSubject, accountExistsText
	}
	if err := e.rows.StartEmailAuth(ctx, email, code, mail); err != nil {
		return err
	}
	_ = e.mails.SendMail(ctx, mail.ID) // the row is there: what is not begun now is begun by the sweeper
	return nil
}

// take uses one of somebody's limit.
// Errors: TooManyRequests.
func (e *Emails) take(ctx context.Context, who string, of domain.RateLimit, limited func(domain.RateVerdict)) error {
	v := e.limiter.Take(ctx, who, of, 1)
	if v.Allowed {
		return nil
	}
	limited(v)
	return domain.Errorf(domain.CodeTooManyRequests, "this was asked for too often; try again later").WithRetryAt(v.RetryAt)
}

// Verify marks an e-mail address as verified, for a sign-up.
// Errors: VerificationFailed; Validation.
func (e *Emails) Verify(ctx context.Context, email, code string) error {
	if err := domain.ValidateEmail(email); err != nil {
		return err
	}
	return e.rows.VerifyEmail(ctx, email, code, codeLife)
}

// SignUp makes an account with its first address, of an e-mail address that was verified.
// Errors: Validation; EmailNotVerified; Overloaded; TooManyRequests, which limited is told of.
func (e *Emails) SignUp(ctx context.Context, in domain.SignUp, address string, limited func(domain.RateVerdict)) (domain.User, error) {
	in.ID = ids.New[domain.UserID](domain.UserPrefix)
	if err := in.Validate(); err != nil {
		return domain.User{}, err
	}
	if err := e.take(ctx, address, limitOf("address-sign-ups", e.limits.Address, codeLife), limited); err != nil {
		return domain.User{}, err
	}
	if err := e.rows.CheckVerified(ctx, in.Email); err != nil { // before a password is hashed, which is dear
		return domain.User{}, err
	}
	hash, err := e.logins.Hash(ctx, in.Password)
	if err != nil {
		return domain.User{}, err
	}
	user := domain.User{
		ID: in.ID, Email: in.Email, Name: in.Name, Phone: in.Phone, PasswordHash: hash, Role: in.Role, Verified: true,
	}
	err = e.rows.SignUp(ctx, user, in.FirstAddress(ids.New[domain.AddressID](domain.AddressPrefix)))
	return user, err
}

// newCode returns six random digits.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%06d", n), nil
}

const (
	accountExistsSubject = "[RUNRUN] 이미 가입된 이메일입니다 / You already have an account"
	accountExistsText    = `누군가 이 이메일 주소로 가입하려고 했지만, 이미 계정이 있습니다. 본인이라면 로그인해 주세요. 아니라면 아무것도 하지 않으셔도 됩니다.

Somebody tried to sign up with this e-mail address, which has an account. If it was you, log in. If not, there is nothing to do.
`
)

// codeMail is the mail with a code, which stands in its text by itself.
func codeMail(email, code string) domain.Mail {
	return domain.Mail{
		ID: ids.New[domain.MailID](domain.MailPrefix), To: email, Life: codeLife,
		Subject: "[RUNRUN] 인증 코드 / Your code",
		Text: "이메일 인증 코드 / Your code:\n\n" + code + "\n\n" +
			"30분 동안 한 번만 쓸 수 있습니다. 요청하지 않으셨다면 무시해 주세요.\n" +
			"It can be used once, within 30 minutes. If you did not ask for it, ignore this mail.\n",
	}
}
