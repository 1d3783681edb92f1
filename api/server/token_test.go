package server

import (
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// A token that was checked is believed until it expires, and not a moment longer; only that very token is.
func TestATokenIsRememberedUntilItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, err := newTokens([]byte("0123456789abcdef0123456789abcdef"))
		if err != nil {
			t.Fatal(err)
		}
		token, life, err := own.issue("usr_demo-shopper", domain.Customer, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			who, err := own.read(token)
			if err != nil || who != (caller{"usr_demo-shopper", domain.Customer}) {
				t.Fatalf("%v, %v", who, err)
			}
		}
		if _, err := own.read(token[:len(token)-2]); domain.CodeOf(err) != domain.TokenInvalid {
			t.Errorf("a broken signature: %v, want TOKEN_INVALID", err)
		}
		time.Sleep(life + time.Second)
		if _, err := own.read(token); domain.CodeOf(err) != domain.TokenExpired {
			t.Errorf("after its life: %v, want TOKEN_EXPIRED", err)
		}
	})
}
