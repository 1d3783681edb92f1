package server

import (
	"context"
	"errors"
	"slices"
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
	// clockLeeway is how far the clocks of those who issue and who read tokens may differ.
	clockLeeway = 5 * time.Second
	bearer      = "bearer"
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
	signed, err := t.sign(tokenType, claims{Role: role, RegisteredClaims: registered(audience, user, now, tokenLife)})
	return signed, tokenLife, err
}

func registered(audience string, user domain.UserID, now time.Time, life time.Duration) jwt.RegisteredClaims {
	return jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: string(user), ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}
}

func (t tokens) sign(kind string, of jwt.Claims) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, of)
	token.Header["typ"] = kind
	return token.SignedString(t.key)
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
		jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return caller{}, domain.Because(domain.TokenExpired, err, "the access token has expired")
	case err != nil:
		return caller{}, domain.Because(domain.TokenInvalid, err, "the access token is not valid")
	case c.IssuedAt != nil && time.Until(c.IssuedAt.Time) > clockLeeway:
		return caller{}, domain.Errorf(domain.TokenInvalid, "the access token is from the future")
	case token.Header["crit"] != nil: // RFC 7515, 4.1.11: we understand none
		return caller{}, domain.Errorf(domain.TokenInvalid, "the access token has critical headers that are not understood")
	case token.Header["typ"] != tokenType || c.ID == "" || c.IssuedAt == nil || !c.Role.Known() || !domain.ValidID(domain.UserPrefix, c.Subject):
		return caller{}, domain.Errorf(domain.TokenInvalid, "this is not an access token of ours")
	}
	who := caller{ID: domain.UserID(c.Subject), Role: c.Role}
	t.seen.Add(text, seen{who, c.ExpiresAt.Time})
	return who, nil
}

// A ticket opens the event stream of one order. It is another kind of token than an access token, so neither passes as the other.
const (
	ticketScheme   = "ticket"
	ticketType     = "et+jwt"
	ticketAudience = "runrun-events"
	ticketLife     = time.Minute
)

type ticketClaims struct {
	jwt.RegisteredClaims
	Order domain.OrderID `json:"order"`
}

// issueTicket makes a ticket for an order's events and says how long it lives.
func (t tokens) issueTicket(user domain.UserID, order domain.OrderID, now time.Time) (string, time.Duration, error) {
	signed, err := t.sign(ticketType, ticketClaims{Order: order, RegisteredClaims: registered(ticketAudience, user, now, ticketLife)})
	return signed, ticketLife, err
}

// readTicket returns the caller whom a ticket for the order was given to.
// Errors: TokenExpired, TokenInvalid.
func (t tokens) readTicket(text string, order domain.OrderID) (caller, error) {
	var c ticketClaims
	token, err := jwt.ParseWithClaims(text, &c, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(ticketAudience), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return caller{}, domain.Because(domain.TokenExpired, err, "the ticket has expired; get a new one")
	case err != nil || token.Header["typ"] != ticketType || c.Order != order:
		return caller{}, domain.Because(domain.TokenInvalid, err, "this is not a ticket for this order")
	}
	return caller{ID: domain.UserID(c.Subject), Role: domain.Customer}, nil
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
		who, err := s.caller(ctx)
		if err != nil {
			writeProblem(humagin.Unwrap(ctx), err)
			return
		}
		next(huma.WithValue(ctx, callerKey{}, who))
	}
}

// caller reads who asks: from the access token, or from a ticket where the operation takes one.
func (s *Server) caller(ctx huma.Context) (caller, error) {
	ticket := ctx.Query("ticket")
	takesTickets := slices.ContainsFunc(ctx.Operation().Security, func(scheme map[string][]string) bool { return scheme[ticketScheme] != nil })
	if ticket == "" || !takesTickets {
		return s.tokens.fromHeader(ctx.Header("Authorization"))
	}
	return s.tokens.readTicket(ticket, domain.OrderID(ctx.Param("id")))
}

func (t tokens) fromHeader(header string) (caller, error) {
	scheme, text, _ := strings.Cut(header, " ")
	if text = strings.TrimSpace(text); !strings.EqualFold(scheme, "Bearer") || text == "" {
		return caller{}, domain.Errorf(domain.Unauthenticated, "send an access token: Authorization: Bearer …")
	}
	return t.read(text)
}

// secured marks an operation that needs an access token.
var secured = []map[string][]string{{bearer: {}}}
