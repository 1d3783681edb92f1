package auth

import (
	"context"
	"sync"
	"testing"
	"time"

	"runrun/domain"
)

// users are accounts by e-mail address.
type users struct {
	accounts map[string]domain.User
	gone     error
}

func (u users) UserByEmail(_ context.Context, email string) (domain.User, error) {
	if u.gone != nil {
		return domain.User{}, u.gone
	}
	user, found := u.accounts[email]
	if !found {
		return domain.User{}, domain.Errorf(domain.CodeNotFound, "no account")
	}
	return user, nil
}

// limiter counts without ever refilling.
type limiter struct {
	mu   sync.Mutex
	used map[string]int
}

func (l *limiter) Take(_ context.Context, who string, of domain.RateLimit, n int) domain.RateVerdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := of.Name + who
	v := domain.RateVerdict{Limit: of, Allowed: l.used[key] < of.Burst, RetryAt: time.Now().Add(time.Minute)}
	l.used[key] += n
	return v
}

// emails lets logins into one account run one after another.
type emails struct{ sync.Mutex }

func (e *emails) Lock(context.Context, string) (func(), error) {
	e.Mutex.Lock()
	return e.Unlock, nil
}

const password = "Runrun-2024!"

func newTestLogins(t *testing.T, gone error) (*Logins, *limiter) {
	t.Helper()
	hash := HashPassword(password)
	l := &limiter{used: map[string]int{}}
	logins, err := NewLogins(users{gone: gone, accounts: map[string]domain.User{
		"a@runrun.test":   {ID: "usr_a", PasswordHash: hash, Verified: true},
		"new@runrun.test": {ID: "usr_new", PasswordHash: hash},
	}}, l, &emails{}, LoginLimits{Account: 3, Address: 5})
	if err != nil {
		t.Fatal(err)
	}
	return logins, l
}

func wantLogin(t *testing.T, l *Logins, c Credentials, want domain.Code) {
	t.Helper()
	limited := false
	user, err := l.Login(t.Context(), c, func(domain.RateVerdict) { limited = true })
	if domain.CodeOf(err) != want || err == nil && user.ID != "usr_a" || limited != (want == domain.CodeTooManyRequests) {
		t.Errorf("%s from %s: %s, limited %t, %v; want %q", c.Email, c.Address, user.ID, limited, err, want)
	}
}

// Every failed login gets the same answer, whatever was wrong.
func TestLogin(t *testing.T) {
	l, _ := newTestLogins(t, nil)
	wantLogin(t, l, Credentials{"a@runrun.test", password, "10.0.0.1"}, "")
	wantLogin(t, l, Credentials{"a@runrun.test", "wrong", "10.0.0.1"}, domain.CodeLoginFailed)
	wantLogin(t, l, Credentials{"new@runrun.test", password, "10.0.0.1"}, domain.CodeLoginFailed)
	wantLogin(t, l, Credentials{"nobody@runrun.test", password, "10.0.0.1"}, domain.CodeLoginFailed)
	if !l.known.Contains("10.0.0.1") || l.known.Contains("10.0.0.2") {
		t.Error("addresses that have logged in are known, and no others")
	}
}

// A database that is gone is no failed login.
func TestLoginWithoutADatabase(t *testing.T) {
	l, counted := newTestLogins(t, domain.Errorf(domain.CodeUnavailable, "gone"))
	wantLogin(t, l, Credentials{"a@runrun.test", password, "10.0.0.1"}, domain.CodeUnavailable)
	for key, n := range counted.used {
		if n != 0 {
			t.Errorf("%s counts %d failures", key, n)
		}
	}
}

// Failures are counted for the account, whatever the case of its letters and whether it exists, and for the address.
func TestFailedLoginsAreLimited(t *testing.T) {
	for _, email := range []string{"a@runrun.test", "nobody@runrun.test"} {
		l, _ := newTestLogins(t, nil)
		for range 3 {
			wantLogin(t, l, Credentials{email, "wrong", "10.0.0.1"}, domain.CodeLoginFailed)
		}
		wantLogin(t, l, Credentials{email, password, "10.0.0.2"}, domain.CodeTooManyRequests)
		wantLogin(t, l, Credentials{" " + email[:1] + email[1:], password, "10.0.0.2"}, domain.CodeTooManyRequests)
	}
	l, _ := newTestLogins(t, nil)
	for n := range 5 {
		wantLogin(t, l, Credentials{string(rune('p'+n)) + "@runrun.test", "wrong", "10.0.0.1"}, domain.CodeLoginFailed)
	}
	wantLogin(t, l, Credentials{"a@runrun.test", password, "10.0.0.1"}, domain.CodeTooManyRequests)
	wantLogin(t, l, Credentials{"a@runrun.test", password, "10.0.0.2"}, "")
}
