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

// A refresh token is used once: of many who use it later, none gets the next, and the session is over, since two had the token.
func TestARefreshTokenIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := session(account(t, s))
		begin(t, s, n)
		rotate := func(used, next string) domain.Code {
			user, err := s.RotateSession(t.Context(), domain.Rotation{Session: n.ID, Used: used, Next: next, Life: time.Hour})
			if err == nil && user.ID != n.UserID {
				t.Errorf("the session is %s's", user.ID)
			}
			return domain.CodeOf(err)
		}
		if code := rotate("first", "second"); code != "" {
			t.Fatal(code)
		}
		storetest.Exec(t, s, "UPDATE sessions SET updated_at = updated_at - ?", domain.RefreshGrace.Milliseconds())
		var won atomic.Int64
		together(20, func(i int) {
			switch code := rotate("first", fmt.Sprint("next", i)); code {
			case "":
				won.Add(1)
			case domain.CodeTokenInvalid:
			default:
				t.Error(code)
			}
		})
		if won.Load() != 0 || storetest.Count(t, s, "SELECT COUNT(*) FROM sessions") != 0 {
			t.Errorf("%d got the next token, and the session lives: %d", won.Load(), storetest.Count(t, s, "SELECT COUNT(*) FROM sessions"))
		}
	})
}

// Whoever did not hear the answer uses the token again, for a moment; what was used before that is still a sign of theft.
func TestALostRefreshTokenIsReplaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		n := session(account(t, s))
		begin(t, s, n)
		for _, next := range []string{"second", "third"} {
			if _, err := s.RotateSession(t.Context(), domain.Rotation{Session: n.ID, Used: "first", Next: next, Life: time.Hour}); err != nil {
				t.Fatalf("%s: %v", next, err)
			}
		}
		for _, step := range []struct {
			used, next string
			want       domain.Code
		}{{"third", "fourth", ""}, {"first", "fifth", domain.CodeTokenInvalid}, {"fourth", "sixth", domain.CodeTokenInvalid}} {
			_, err := s.RotateSession(t.Context(), domain.Rotation{Session: n.ID, Used: step.used, Next: step.next, Life: time.Hour})
			if domain.CodeOf(err) != step.want {
				t.Errorf("%s: %v, want %q", step.used, err, step.want)
			}
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
