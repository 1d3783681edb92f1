package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"runrun/domain"
)

// What an access token says besides its subject (RFC 9068).
const (
	issuer    = "runrun"
	audience  = "runrun-api"
	tokenType = "at+jwt"
	tokenLife = 15 * time.Minute
	bearer    = "bearer"
)

// tokens signs and reads access tokens, by the rules of RFC 8725: one pinned algorithm, a type, and every claim checked. What
// was found valid is remembered until it expires: a shopper in a drop asks many times with one token, and checking it is an
// eighth of what a refusal costs.
type tokens struct {
	key  []byte
	seen *lru.Cache[string, seen]
}

// seen is a token that was checked.
type seen struct {
	caller  caller
	expires time.Time
}

// tokensSeen bounds the tokens that are remembered.
const tokensSeen = 20_000

func newTokens(key []byte) (tokens, error) {
	known, err := lru.New[string, seen](tokensSeen)
	return tokens{key, known}, err
}

type claims struct {
	jwt.RegisteredClaims
	Role domain.Role `json:"role"`
}

// caller is who asks.
type caller struct {
	ID   domain.UserID
	Role domain.Role
}

// issue makes an access token and says how long it lives.
func (t tokens) issue(user domain.UserID, role domain.Role, now time.Time) (string, time.Duration, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{Role: role, RegisteredClaims: jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: string(user), ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
	}})
	token.Header["typ"] = tokenType
	signed, err := token.SignedString(t.key)
	return signed, tokenLife, err
}

// read returns the caller that a token names.
// Errors: TokenExpired, TokenInvalid.
func (t tokens) read(text string) (caller, error) {
	if known, there := t.seen.Get(text); there && time.Now().Before(known.expires) {
		return known.caller, nil
	}
	var c claims
	token, err := jwt.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return caller{}, domain.Because(domain.TokenExpired, err, "the access token has expired")
	case err != nil:
		return caller{}, domain.Because(domain.TokenInvalid, err, "the access token is not valid")
	case token.Header["typ"] != tokenType || c.ID == "" || c.IssuedAt == nil || !c.Role.Known() || !domain.ValidID(domain.UserPrefix, c.Subject):
		return caller{}, domain.Errorf(domain.TokenInvalid, "this is not an access token of ours")
	}
	who := caller{ID: domain.UserID(c.Subject), Role: c.Role}
	t.seen.Add(text, seen{who, c.ExpiresAt.Time})
	return who, nil
}

type callerKey struct{}

// callerOf returns who asks; operations with security have one.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// authenticate demands a token for the operations that declare security, before their input is read.
func (s *Server) authenticate() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if len(ctx.Operation().Security) == 0 {
			next(ctx)
			return
		}
		who, err := s.tokens.fromHeader(ctx.Header("Authorization"))
		if err != nil {
			writeProblem(humagin.Unwrap(ctx), err)
			return
		}
		next(huma.WithValue(ctx, callerKey{}, who))
	}
}

func (t tokens) fromHeader(header string) (caller, error) {
	text, isBearer := strings.CutPrefix(header, "Bearer ")
	if !isBearer || text == "" {
		return caller{}, domain.Errorf(domain.Unauthenticated, "send an access token: Authorization: Bearer …")
	}
	return t.read(text)
}

// secured marks an operation that needs an access token.
var secured = []map[string][]string{{bearer: {}}}
