package main

import (
	"encoding/base64"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// tokenLife is as long as the shop's own access tokens live.
const tokenLife = 15 * time.Minute

// minter signs access tokens as the shop does: JWT HS256, header typ at+jwt. It is safe for concurrent use.
type minter struct {
	key  []byte
	kept sync.Map // of minted, by user and role
}

type minted struct {
	token string
	until time.Time
}

func newMinter(key string) (*minter, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	return &minter{key: raw}, err
}

// token lets its bearer act as a user, CUSTOMER or SELLER. It is minted anew when half its life is over.
func (m *minter) token(user, role string) (string, error) {
	now := time.Now()
	if kept, there := m.kept.Load(user + role); there {
		if t, _ := kept.(minted); now.Before(t.until) {
			return t.token, nil
		}
	}
	text, err := m.mint(user, role, now)
	m.kept.Store(user+role, minted{text, now.Add(tokenLife / 2)})
	return text, err
}

func (m *minter) mint(user, role string, now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "runrun", "aud": "runrun-api", "sub": user, "role": role, "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	})
	token.Header["typ"] = "at+jwt"
	return token.SignedString(m.key)
}
