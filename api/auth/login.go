package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"runrun/domain"
)

// Users finds accounts.
type Users interface {
	UserByEmail(ctx context.Context, email string) (domain.User, error)
}

// Limiter counts what one person asks for.
type Limiter interface {
	// Take uses n of somebody's limit; 0 only reports what is left.
	Take(ctx context.Context, who string, of domain.RateLimit, n int) domain.RateVerdict
}

// Serializer lets requests with the same key run one after another.
type Serializer interface {
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// LoginLimits are failed logins per minute; four times as many are allowed per hour.
type LoginLimits struct {
	Account, Address int
}

// Logins exchanges passwords for users, and slows down those who guess.
type Logins struct {
	users   Users
	limiter Limiter
	limits  LoginLimits
	emails  Serializer
	hashing lane
	known   *lru.Cache[string, bool] // addresses that have logged in
}

// Bounds of hashing.
const (
	hashTimeout  = 5 * time.Second
	hashesAtOnce = 2
	hashQueue    = 64
	// maxKnownAddresses bounds the addresses that are remembered to have logged in.
	maxKnownAddresses = 20_000
)

// NewLogins returns Logins.
func NewLogins(users Users, limiter Limiter, emails Serializer, limits LoginLimits) (*Logins, error) {
	known, err := lru.New[string, bool](maxKnownAddresses)
	return &Logins{
		users:   users,
		limiter: limiter,
		limits:  limits,
		emails:  emails,
		known:   known,
		hashing: lane{width: hashesAtOnce, maxQueue: hashQueue},
	}, err
}

// Credentials are what a caller logs in with, and from where.
type Credentials struct {
	Email, Password, Address string
}

// dummyHash is compared with where there is no account, so that the time of an answer does not tell which addresses have one.
var dummyHash = sync.OnceValue(func() string { return HashPassword("nobody") })

// Login returns the user with the given e-mail address and password. limited is told of a limit that is used up.
// Errors: LoginFailed, TooManyRequests after failures of the account or of the caller's address, Overloaded.
func (l *Logins) Login(ctx context.Context, c Credentials, limited func(domain.RateVerdict)) (domain.User, error) {
	limits := l.limitsOf(c)
	unlock, err := l.emails.Lock(ctx, limits[0].who) // so that failures at the same time are counted
	if err != nil {
		return domain.User{}, err
	}
	defer unlock()
	for _, a := range limits {
		if v := l.limiter.Take(ctx, a.who, a.limit, 0); !v.Allowed {
			limited(v)
			return domain.User{}, domain.Errorf(domain.CodeTooManyRequests, "too many logins have failed; try again later").WithRetryAt(v.RetryAt)
		}
	}
	user, err := l.verify(ctx, c)
	if domain.CodeOf(err) == domain.CodeLoginFailed {
		for _, a := range limits {
			l.limiter.Take(ctx, a.who, a.limit, 1)
		}
	}
	if err == nil {
		l.known.Add(c.Address, true)
	}
	return user, err
}

// verify compares a password with the account's hash, and with a dummy where there is no account.
// Errors: LoginFailed, Overloaded, Unavailable.
func (l *Logins) verify(ctx context.Context, c Credentials) (domain.User, error) {
	user, missing := l.users.UserByEmail(ctx, c.Email)
	if missing != nil && domain.CodeOf(missing) != domain.CodeNotFound {
		return domain.User{}, missing
	}
	hash := user.PasswordHash
	if missing != nil {
		hash = dummyHash()
	}
	release, err := l.enterLane(ctx, l.known.Contains(c.Address))
	if err != nil {
		return domain.User{}, err
	}
	defer release()
	if !SamePassword(hash, c.Password) || missing != nil || !user.Verified {
		return domain.User{}, domain.Errorf(domain.CodeLoginFailed, "the e-mail address or the password is wrong")
	}
	return user, nil
}

// Hash hashes a new password, in the lane of logins.
// Errors: Overloaded.
func (l *Logins) Hash(ctx context.Context, password string) (string, error) {
	release, err := l.enterLane(ctx, false)
	if err != nil {
		return "", err
	}
	defer release()
	return HashPassword(password), nil
}

func (l *Logins) enterLane(ctx context.Context, known bool) (release func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, hashTimeout)
	defer cancel()
	return l.hashing.acquire(waiting, known)
}

// failureLimit bounds the failures of one account or address.
type failureLimit struct {
	who   string
	limit domain.RateLimit
}

// limitsOf are the limits of failed logins: some a minute, and a few more an hour, so that pauses grow; for the account, whether or
// not it exists, and for the caller's address.
func (l *Logins) limitsOf(c Credentials) []failureLimit {
	account := emailKey(c.Email)
	return []failureLimit{
		{account, limitOf("account-minute", l.limits.Account, time.Minute)}, {account, limitOf("account-hour", 4*l.limits.Account, time.Hour)},
		{c.Address, limitOf("address-minute", l.limits.Address, time.Minute)}, {c.Address, limitOf("address-hour",
			4*l.limits.Address, time.Hour)},
	}
}

// limitOf is a limit of most requests at once, and as many more per period.
func limitOf(name string, most int, period time.Duration) domain.RateLimit {
	return domain.RateLimit{Name: name, Rate: most, Burst: most, Period: period, Shared: true}
}

// emailKey names an e-mail address in limits, without saying which it is.
func emailKey(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return hex.EncodeToString(sum[:16])
}
