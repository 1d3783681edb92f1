package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func newTestMinter(t *testing.T) *minter {
	t.Helper()
	m, err := newMinter(testConfig("", "drop").JWTKey)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestATokenIsSignedAsTheShopSigns(t *testing.T) {
	text, err := newTestMinter(t).token("usr_a", "SELLER")
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return []byte(secret), nil })
	if err != nil || token.Header["typ"] != "at+jwt" || token.Header["alg"] != "HS256" {
		t.Fatalf("%+v, %v", token, err)
	}
	id, _ := claims["jti"].(string)
	if claims["iss"] != "runrun" || claims["aud"] != "runrun-api" || claims["sub"] != "usr_a" || claims["role"] != "SELLER" || id == "" {
		t.Errorf("claims %v", claims)
	}
	issued, _ := claims.GetIssuedAt()
	expires, _ := claims.GetExpirationTime()
	if issued == nil || expires == nil || expires.Sub(issued.Time) != tokenLife {
		t.Errorf("from %v to %v, want %s", issued, expires, tokenLife)
	}
}

// A token is signed once for half its life: no request is sent with one that is about to expire.
func TestATokenIsKeptForHalfItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTestMinter(t)
		mint := func(user, role string) string {
			text, err := m.token(user, role)
			if err != nil {
				t.Error(err)
			}
			return text
		}
		first := mint("usr_a", "CUSTOMER")
		if mint("usr_b", "CUSTOMER") == first || mint("usr_a", "SELLER") == first {
			t.Error("another user or role has the same token")
		}
		pause(context.Background(), tokenLife/2-time.Second)
		if mint("usr_a", "CUSTOMER") != first {
			t.Error("it was signed anew before half its life was over")
		}
		pause(context.Background(), time.Second)
		if mint("usr_a", "CUSTOMER") == first {
			t.Error("it was not signed anew")
		}
	})
}
