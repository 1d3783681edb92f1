package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func session(user domain.UserID) domain.Session {
	return domain.Session{ID: domain.SessionID(storetest.ID(domain.SessionPrefix)), UserID: user, TokenHash: "first",
		PasswordHash: "hash", Life: time.Hour}
}

func begin(t *testing.T, s *store.Store, n domain.Session) {
	t.Helper()
	if err := s.BeginSession(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

// Of many who use one refresh token at once, one gets the next; then the session is over, since the others had the token, too.
func TestARefreshTokenIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := session(account(t, s))
		begin(t, s, n)
		var won atomic.Int64
		together(20, func(i int) {
			user, err := s.RotateSession(t.Context(), domain.Rotation{Session: n.ID, Used: "first", Next: fmt.Sprint("next", i), Life: time.Hour})
			switch {
			case err == nil && user.ID == n.UserID:
				won.Add(1)
			case domain.CodeOf(err) != domain.CodeTokenInvalid:
				t.Error(err)
			}
		})
		if won.Load() != 1 || storetest.Count(t, s, "SELECT COUNT(*) FROM sessions") != 0 {
			t.Errorf("%d got the next token, and the session lives: %d", won.Load(), storetest.Count(t, s, "SELECT COUNT(*) FROM sessions"))
		}
	})
}

func TestAnExpiredRefreshTokenIsWorthNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := session(account(t, s))
		begin(t, s, n)
		storetest.Exec(t, s, "UPDATE sessions SET expires_at = 1")
		_, err := s.RotateSession(t.Context(), domain.Rotation{Session: n.ID, Used: "first", Next: "next", Life: time.Hour})
		if domain.CodeOf(err) != domain.CodeTokenInvalid {
			t.Errorf("got %v, want TOKEN_INVALID", err)
		}
	})
}

func TestSessionsOfOneUserAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		user, other := account(t, s), account(t, s)
		begin(t, s, session(other))
		first := session(user)
		begin(t, s, first)
		for range domain.MaxSessions {
			begin(t, s, session(user))
		}
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM sessions WHERE user_id = ?", user); n != domain.MaxSessions {
			t.Errorf("%d sessions, want %d", n, domain.MaxSessions)
		}
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM sessions WHERE id = ?", first.ID); n != 0 {
			t.Error("the oldest session is still there")
		}
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM sessions WHERE user_id = ?", other); n != 1 {
			t.Error("another's session ended")
		}
	})
}

// A login that was checked before the password changed, and is written after it, begins nothing.
func TestALoginWithTheOldPasswordBeginsNoSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := session(account(t, s))
		if err := s.SetPassword(t.Context(), n.UserID, "new hash", ""); err != nil {
			t.Fatal(err)
		}
		if err := s.BeginSession(t.Context(), n); domain.CodeOf(err) != domain.CodeLoginFailed {
			t.Errorf("got %v, want LOGIN_FAILED", err)
		}
	})
}
