package auth

import (
	"context"
	"testing"
	"time"

	"runrun/domain"
)

// emailRows are the rows of accounts, of which none is verified.
type emailRows struct {
	users
	started int
}

func (r *emailRows) StartEmailAuth(context.Context, string, string, domain.Mail) error {
	r.started++
	return nil
}
func (*emailRows) VerifyEmail(context.Context, string, string, time.Duration) error { return nil }
func (*emailRows) CheckVerified(context.Context, string) error                      { return errNotVerified }
func (*emailRows) SignUp(context.Context, domain.User, domain.Address) error        { return errNotVerified }
func (*emailRows) SendMail(context.Context, domain.MailID) error                    { return errNotVerified }

var errNotVerified = domain.Errorf(domain.CodeEmailNotVerified, "verify it first")

func newTestEmails(t *testing.T) (*Emails, *emailRows) {
	t.Helper()
	logins, limiter := newTestLogins(t, nil)
	rows := &emailRows{users: users{accounts: map[string]domain.User{}}}
	return NewEmails(rows, rows, limiter, logins, EmailLimits{Email: 2, Address: 3}), rows
}

// An address that has used up its limit takes nothing of anybody's: the e-mail addresses it names can still sign up.
func TestACallerBeyondTheLimitUsesUpNobodyElses(t *testing.T) {
	e, rows := newTestEmails(t)
	ignore := func(domain.RateVerdict) {}
	for n := range 10 {
		err := e.Start(t.Context(), "victim"+string(rune('a'+n/2))+"@example.com", "10.0.0.6", ignore)
		if want := domain.CodeOf(err); (n < 3) != (want == "") {
			t.Errorf("code %d: %v", n, err)
		}
	}
	for range 2 {
		if err := e.Start(t.Context(), "victime@example.com", "10.0.0.1", ignore); err != nil {
			t.Errorf("the victim: %v", err)
		}
	}
	if rows.started != 5 {
		t.Errorf("%d codes were started, want 3 and 2", rows.started)
	}
}

// A code is accepted once its row is written, though its workflow could not be started.
func TestACodeIsAcceptedWithoutTemporal(t *testing.T) {
	e, rows := newTestEmails(t)
	if err := e.Start(t.Context(), "a@example.com", "10.0.0.1", func(domain.RateVerdict) {}); err != nil || rows.started != 1 {
		t.Errorf("%v, %d rows", err, rows.started)
	}
}

// No password is hashed for an e-mail address that was not verified, and one network address has a limit.
func TestASignUpIsCheckedBeforeItsPasswordIsHashed(t *testing.T) {
	e, _ := newTestEmails(t)
	e.logins.hashing = lane{} // whoever gets as far as hashing is told OVERLOADED
	in := domain.SignUp{
		Email: "a@example.com", Password: "Runrun-2024!", Role: domain.RoleCustomer, ZipCode: "04524", Address: "110 Sejong-daero, Seoul",
		Profile: domain.Profile{Name: "Kim Minji", Phone: "010-1234-5678"},
	}
	want := []domain.Code{domain.CodeEmailNotVerified, domain.CodeEmailNotVerified, domain.CodeEmailNotVerified, domain.CodeTooManyRequests}
	for n, code := range want {
		if _, err := e.SignUp(t.Context(), in, "10.0.0.1", func(domain.RateVerdict) {}); domain.CodeOf(err) != code {
			t.Errorf("sign-up %d: %v, want %s", n, err, code)
		}
	}
}
