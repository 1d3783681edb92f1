package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/domain"
)

type loginInput struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254" doc:"In any case of letters."`
		Password string `json:"password" minLength:"1" maxLength:"200"`
	}
}

type loginOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		AccessToken string `json:"accessToken" doc:"For the header Authorization: Bearer …"`
		ExpiresIn   int    `json:"expiresIn" doc:"Seconds that the token lives."`
	}
}

func (s *Server) userRoutes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/v1/users/login", Tags: []string{"accounts"},
		Summary: "Log in", Description: "Errors: 401 LOGIN_FAILED, 422 VALIDATION, 503 OVERLOADED.",
	}, s.login)
}

// nobody is hashed against where there is no account, so that the time of an answer does not tell which addresses have one.
var nobody = sync.OnceValue(func() string { return HashPassword("nobody") })

// login exchanges an e-mail address and a password for an access token.
func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	user, err := s.store.UserByEmail(ctx, in.Body.Email)
	if err != nil && domain.CodeOf(err) != domain.NotFound {
		return nil, err
	}
	hash := user.PasswordHash
	if err != nil {
		hash = nobody()
	}
	same, busy := s.checkPassword(ctx, hash, in.Body.Password)
	if busy != nil {
		return nil, busy
	}
	if err != nil || !same || !user.Verified {
		return nil, domain.Errorf(domain.LoginFailed, "the e-mail address or the password is wrong")
	}
	token, life, err := s.tokens.issue(user.ID, user.Role, time.Now())
	if err != nil {
		return nil, err
	}
	out := &loginOutput{CacheControl: "no-store"}
	out.Body.AccessToken, out.Body.ExpiresIn = token, int(life.Seconds())
	return out, nil
}

// hashWait is how long a login waits for its turn: a hash costs 20 MB and a core for a moment.
const hashWait = 5 * time.Second

func (s *Server) checkPassword(ctx context.Context, hash, password string) (same bool, busy error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		return samePassword(hash, password), nil
	case <-time.After(hashWait):
	case <-ctx.Done():
	}
	return false, domain.Errorf(domain.Overloaded, "too many people are logging in; try again in a moment")
}
