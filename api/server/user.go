package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-redis/redis_rate/v10"

	"runrun/domain"
)

type loginInput struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254" doc:"In any case of letters."`
		Password string `json:"password" minLength:"1" maxLength:"200"`
	}
}

type loginOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		AccessToken string `json:"accessToken" doc:"For the header Authorization: Bearer …"`
		ExpiresIn   int    `json:"expiresIn" doc:"Seconds that the token lives."`
	}
}

func (s *Server) userRoutes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/v1/users/login", Tags: []string{"accounts"},
		Summary: "Log in", Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests}, Description: "Errors: 401 LOGIN_FAILED, 422 VALIDATION, 429 TOO_MANY_REQUESTS after failures, with growing pauses; 503 OVERLOADED.",
	}, s.login)
}

// nobody is hashed against where there is no account, so that the time of an answer does not tell which addresses have one.
var nobody = sync.OnceValue(func() string { return HashPassword("nobody") })

// login exchanges an e-mail address and a password for an access token.
// Errors: LoginFailed, TooManyRequests after failures of the account or of the caller's address, Overloaded.
func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	tries := s.loginTries(ctx, in.Body.Email)
	end, err := s.logins.take(ctx, tries[0].who) // one after another, so that failures at the same time are counted
	if err != nil {
		return nil, err
	}
	defer end()
	for _, t := range tries {
		if v := s.limiter.take(ctx, t.who, t.limit, 0); !v.allowed {
			v.show(headersOf(ctx))
			return nil, v.refusal(ctx, "too many logins have failed; try again later")
		}
	}
	user, err := s.store.UserByEmail(ctx, in.Body.Email)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return nil, err
	}
	hash := user.PasswordHash
	if err != nil {
		hash = nobody()
	}
	same, busy := s.checkPassword(ctx, hash, in.Body.Password)
	if busy != nil {
		return nil, busy
	}
	if err != nil || !same || !user.Verified {
		for _, t := range tries {
			s.limiter.take(ctx, t.who, t.limit, 1)
		}
		return nil, domain.Errorf(domain.LoginFailed, "the e-mail address or the password is wrong")
	}
	s.knownAddresses.Add(addressOf(ctx), true)
	token, life, err := s.tokens.issue(user.ID, user.Role, time.Now())
	if err != nil {
		return nil, err
	}
	out := &loginOutput{CacheControl: "no-store"}
	out.Body.AccessToken, out.Body.ExpiresIn = token, int(life.Seconds())
	return out, nil
}

// tried is whose failures a login counts towards.
type tried struct {
	who   string
	limit limit
}

// loginTries are the limits of failed logins: a few a minute, and a few more an hour, so that pauses grow; for the account, whether
// or not it exists, and for the caller's address.
func (s *Server) loginTries(ctx context.Context, email string) []tried {
	of := func(name string, most int, period time.Duration) limit {
		return limit{name: name, Limit: redis_rate.Limit{Rate: most, Burst: most, Period: period}, shared: true}
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	account, address := hex.EncodeToString(sum[:16]), addressOf(ctx)
	return []tried{
		{account, of("account-minute", s.cfg.Limits.AccountTries, time.Minute)}, {account, of("account-hour", 4*s.cfg.Limits.AccountTries, time.Hour)},
		{address, of("address-minute", s.cfg.Limits.AddressTries, time.Minute)}, {address, of("address-hour", 4*s.cfg.Limits.AddressTries, time.Hour)},
	}
}

// Bounds of the lane in which passwords are hashed.
const (
	hashWait    = 5 * time.Second
	hashAtOnce  = 2
	hashWaiting = 64
	// addressesKnown bounds the addresses that are remembered to have logged in.
	addressesKnown = 20_000
)

func (s *Server) checkPassword(ctx context.Context, hash, password string) (same bool, busy error) {
	waiting, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	leave, err := s.hashing.enter(waiting, s.knownAddresses.Contains(addressOf(ctx)))
	if err != nil {
		return false, err
	}
	defer leave()
	return samePassword(hash, password), nil
}
