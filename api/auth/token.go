package auth

import (
	"errors"
	"strings"
	"time"

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
	// clockLeeway is how far the clocks of those who issue and who read tokens may differ.
	clockLeeway = 5 * time.Second
)

// Tokens signs and verifies tokens by the rules of RFC 8725: one pinned algorithm, a type, and every claim checked. Valid access
// tokens are cached until they expire: a shopper in a drop sends many requests with one token, and verifying it is an eighth of
// what a refusal costs.
type Tokens struct {
	keys  []Key
	valid *lru.Cache[string, validToken]
}

// Key signs tokens; its id stands in their header (kid), so that two keys are valid while the old one is replaced.
type Key struct {
	ID     string
	Secret []byte
}

// validToken is the result of verifying an access token.
type validToken struct {
	caller  Caller
	expires time.Time
}

// maxValidTokens bounds the cache of verified tokens.
const maxValidTokens = 20_000

// NewTokens returns Tokens that accept the signatures of all keys, and sign with the last.
func NewTokens(keys ...Key) (*Tokens, error) {
	valid, err := lru.New[string, validToken](maxValidTokens)
	return &Tokens{keys, valid}, err
}

type claims struct {
	jwt.RegisteredClaims
	Role domain.Role `json:"role"`
}

// Caller is who sends a request.
type Caller struct {
	ID   domain.UserID
	Role domain.Role
}

// Issue returns an access token and its lifetime.
func (t *Tokens) Issue(user domain.UserID, role domain.Role, now time.Time) (string, time.Duration, error) {
	signed, err := t.sign(tokenType, claims{Role: role, RegisteredClaims: registered(audience, user, now, tokenLife)})
	return signed, tokenLife, err
}

func registered(audience string, user domain.UserID, now time.Time, life time.Duration) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: string(user), ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}
}

func (t *Tokens) sign(kind string, of jwt.Claims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, of)
	newest := t.keys[len(t.keys)-1]
	token.Header["typ"], token.Header["kid"] = kind, newest.ID
	return token.SignedString(newest.Secret)
}

// keyOf returns the key that a token names, or all for one that names none.
func (t *Tokens) keyOf(token *jwt.Token) (any, error) {
	kid, named := token.Header["kid"]
	var all jwt.VerificationKeySet
	for _, key := range t.keys {
		if named && kid == key.ID {
			return key.Secret, nil
		}
		all.Keys = append(all.Keys, key.Secret)
	}
	if named {
		return nil, jwt.ErrTokenUnverifiable
	}
	return all, nil
}

// Verify returns the caller that an access token names.
// Errors: TokenExpired, TokenInvalid.
func (t *Tokens) Verify(text string) (Caller, error) {
	if known, cached := t.valid.Get(text); cached && time.Now().Before(known.expires) {
		return known.caller, nil
	}
	var c claims
	token, err := jwt.ParseWithClaims(text, &c, t.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return Caller{}, domain.Wrap(domain.CodeTokenExpired, err, "the access token has expired")
	case err != nil:
		return Caller{}, domain.Wrap(domain.CodeTokenInvalid, err, "the access token is not valid")
	case c.IssuedAt != nil && time.Until(c.IssuedAt.Time) > clockLeeway:
		return Caller{}, domain.Errorf(domain.CodeTokenInvalid, "the access token is from the future")
	case token.Header["crit"] != nil: // RFC 7515, 4.1.11: we understand none
		return Caller{}, domain.Errorf(domain.CodeTokenInvalid, "the access token has critical headers that are not understood")
	case token.Header["typ"] != tokenType || c.ID == "" || c.IssuedAt == nil || !c.Role.Known() ||
		!domain.ValidID(domain.UserPrefix, c.Subject):
		return Caller{}, domain.Errorf(domain.CodeTokenInvalid, "this is not an access token of ours")
	}
	who := Caller{ID: domain.UserID(c.Subject), Role: c.Role}
	t.valid.Add(text, validToken{who, c.ExpiresAt.Time})
	return who, nil
}

// A stream ticket opens the event stream of one order. Its type and audience differ from an access token's, so neither passes as
// the other.
const (
	ticketType     = "et+jwt"
	ticketAudience = "runrun-events"
	ticketLife     = time.Minute
)

type ticketClaims struct {
	jwt.RegisteredClaims
	Order domain.OrderID `json:"order"`
}

// IssueStreamTicket returns a ticket for an order's event stream and its lifetime.
func (t *Tokens) IssueStreamTicket(user domain.UserID, order domain.OrderID, now time.Time) (string, time.Duration, error) {
	signed, err := t.sign(ticketType, ticketClaims{Order: order, RegisteredClaims: registered(ticketAudience, user, now, ticketLife)})
	return signed, ticketLife, err
}

// VerifyStreamTicket returns the caller to whom a ticket for the order's event stream was issued.
// Errors: TokenExpired, TokenInvalid.
func (t *Tokens) VerifyStreamTicket(text string, order domain.OrderID) (Caller, error) {
	var c ticketClaims
	token, err := jwt.ParseWithClaims(text, &c, t.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer),
		jwt.WithAudience(ticketAudience), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return Caller{}, domain.Wrap(domain.CodeTokenExpired, err, "the ticket has expired; get a new one")
	case err != nil || token.Header["typ"] != ticketType || c.Order != order:
		return Caller{}, domain.Wrap(domain.CodeTokenInvalid, err, "this is not a ticket for this order")
	}
	return Caller{ID: domain.UserID(c.Subject), Role: domain.RoleCustomer}, nil
}

// FromHeader returns the caller that an Authorization header names.
// Errors: Unauthenticated without a bearer token; TokenExpired, TokenInvalid.
func (t *Tokens) FromHeader(header string) (Caller, error) {
	scheme, text, _ := strings.Cut(header, " ")
	if text = strings.TrimSpace(text); !strings.EqualFold(scheme, "Bearer") || text == "" {
		return Caller{}, domain.Errorf(domain.CodeUnauthenticated, "send an access token: Authorization: Bearer …")
	}
	return t.Verify(text)
}
