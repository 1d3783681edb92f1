package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"runrun/domain"
	"runrun/domain/ids"
)

// SessionRows keeps sessions durably.
type SessionRows interface {
	BeginSession(ctx context.Context, n domain.Session) error
	RotateSession(ctx context.Context, r domain.Rotation) (domain.User, error)
	EndSession(ctx context.Context, id domain.SessionID, hash string, everywhere bool) error
	SessionOf(ctx context.Context, user domain.UserID, id domain.SessionID) (domain.SessionID, error)
}

// RefreshLife is how long a refresh token may wait for its use.
const RefreshLife = 14 * 24 * time.Hour

// Sessions gives out refresh tokens: opaque, random, kept as a hash, each used once (see domain.RefreshGrace). A token is the session's
// id and a secret.
type Sessions struct{ rows SessionRows }

// NewSessions returns Sessions.
func NewSessions(rows SessionRows) *Sessions { return &Sessions{rows} }

// Begin starts a session after a login and returns its first refresh token.
// Errors: LoginFailed if the password was changed since it was checked.
func (s *Sessions) Begin(ctx context.Context, user domain.User) (string, error) {
	id := ids.New[domain.SessionID](domain.SessionPrefix)
	token, hash := newRefreshToken(id)
	err := s.rows.BeginSession(ctx, domain.Session{ID: id, UserID: user.ID, TokenHash: hash, PasswordHash: user.PasswordHash,
		Life: RefreshLife})
	return token, err
}

// Rotate exchanges a refresh token for the next and returns whose it is. A token that was used before ends its
// session, but for the one before the newest, for domain.RefreshGrace.
// Errors: TokenInvalid.
func (s *Sessions) Rotate(ctx context.Context, token string) (next string, user domain.User, err error) {
	id, used := parseRefreshToken(token)
	next, hash := newRefreshToken(id)
	if user, err = s.rows.RotateSession(ctx, domain.Rotation{Session: id, Used: used, Next: hash, Life: RefreshLife}); err != nil {
		return "", domain.User{}, err
	}
	return next, user, nil
}

// End ends the session of a refresh token, or with everywhere all sessions of its user. A token that is not valid ends nothing.
func (s *Sessions) End(ctx context.Context, token string, everywhere bool) error {
	id, hash := parseRefreshToken(token)
	return s.rows.EndSession(ctx, id, hash, everywhere)
}

// Of returns the session of a refresh token if it is the user's, and else none.
func (s *Sessions) Of(ctx context.Context, user domain.UserID, token string) (domain.SessionID, error) {
	id, _ := parseRefreshToken(token)
	return s.rows.SessionOf(ctx, user, id)
}

func newRefreshToken(id domain.SessionID) (token, hash string) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: crypto/rand ends the program instead
	text := base64.RawURLEncoding.EncodeToString(secret)
	return string(id) + "." + text, hashSecret(text)
}

// parseRefreshToken returns the session and the hash of the secret of a token. For a malformed token it returns a session id that never
// exists.
func parseRefreshToken(token string) (domain.SessionID, string) {
	id, secret, _ := strings.Cut(token, ".")
	if !domain.ValidID(domain.SessionPrefix, id) {
		id = "none"
	}
	return domain.SessionID(id), hashSecret(secret)
}

// hashSecret needs no salt and no slowness: the secret is 256 random bits.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
