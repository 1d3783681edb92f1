package domain

import "time"

// Session is one login of a user, on one device: a family of refresh tokens, of which the newest is valid, and the one before
// it for RefreshGrace.
type Session struct {
	ID     SessionID
	UserID UserID
	// TokenHash is that of the newest token.
	TokenHash string
	// PasswordHash is what the login was checked against: it must still be the account's.
	PasswordHash string
	// Life is how long the newest token may wait for its use, by the database's clock.
	Life time.Duration
}

// MaxSessions is how many logins of one user are kept; one more ends the one that was idle the longest.
const MaxSessions = 20

// RefreshGrace is how long the token before the newest may still be used: the answer with the newest may be lost, for example when a
// page is reloaded at that moment. Whoever stole the token before has as long to use it, and ends the session by it afterwards.
const RefreshGrace = 30 * time.Second

// Rotation replaces a session's token by the next.
type Rotation struct {
	Session    SessionID
	Used, Next string // hashes
	Life       time.Duration
}
