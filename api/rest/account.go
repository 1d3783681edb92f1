package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"runrun/api/auth"
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

// accounts are the routes of accounts.
type accounts struct {
	logins *auth.Logins
	tokens *auth.Tokens
}

func (a accounts) routes(api huma.API) {
	handle(api, huma.Operation{
		OperationID: "login",
		Method:      http.MethodPost,
		Path:        "/v1/users/login",
		Tags:        []string{"accounts"},
		Summary:     "Log in",
		Errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests},
		Description: "Errors: 401 LOGIN_FAILED, 422 VALIDATION, 429 TOO_MANY_REQUESTS after failures, with growing pauses; 503 OVERLOADED.",
	}, a.login)
}

// login exchanges an e-mail address and a password for an access token.
// Errors: LoginFailed, TooManyRequests after failures of the account or of the caller's address, Overloaded.
func (a accounts) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	credentials := auth.Credentials{Email: in.Body.Email, Password: in.Body.Password, Address: addressOf(ctx)}
	user, err := a.logins.Login(ctx, credentials, func(v domain.RateVerdict) { showRate(headersOf(ctx), v) })
	if err != nil {
		return nil, err
	}
	token, life, err := a.tokens.Issue(user.ID, user.Role, time.Now())
	if err != nil {
		return nil, err
	}
	out := &loginOutput{CacheControl: "no-store"}
	out.Body.AccessToken, out.Body.ExpiresIn = token, int(life.Seconds())
	return out, nil
}
