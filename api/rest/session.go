package rest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"runrun/api/auth"
	"runrun/domain"
)

type loginInput struct {
	Body struct {
		Email    string `json:"email" format:"email" maxLength:"254" doc:"In any case of letters." example:"shopper@runrun.test"`
		Password string `json:"password" minLength:"1" maxLength:"200" example:"Runrun-2024!"`
	}
}

type loginOutput struct {
	CacheControl string      `header:"Cache-Control"`
	Cookie       http.Cookie `header:"Set-Cookie" doc:"The refresh token: opaque, for 14 days, for one use."`
	Body         struct {
		AccessToken string `json:"accessToken" doc:"For the header Authorization: Bearer …"`
		ExpiresIn   int    `json:"expiresIn" doc:"Seconds that the token lives." example:"900"`
	}
}

type refreshInput struct {
	Token string `cookie:"refresh" maxLength:"2000" doc:"The refresh token."`
}

type logoutInput struct {
	Token string `cookie:"refresh" maxLength:"2000" doc:"The refresh token."`
	Body  *struct {
		Everywhere bool `json:"everywhere,omitempty" doc:"End the sessions of all devices."`
	}
}

type logoutOutput struct {
	Cookie http.Cookie `header:"Set-Cookie"`
}

// Where the refresh cookie is sent to, and nowhere else.
const (
	refreshCookie = "refresh"
	refreshPath   = "/v1/users"
)

func (a accounts) sessionRoutes(api huma.API) {
	tags := []string{"accounts"}
	handle(api, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/v1/users/login", Tags: tags, Summary: "Log in",
		Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests},
		Description: "An access token for 15 minutes, and a refresh token in a cookie. Errors: 401 LOGIN_FAILED, 422 VALIDATION, " +
			"429 TOO_MANY_REQUESTS after failures, with growing pauses; 503 OVERLOADED.",
	}, a.login)
	handle(api, huma.Operation{
		OperationID: "refreshToken", Method: http.MethodPost, Path: "/v1/users/token", Tags: tags, Summary: "Exchange the refresh token",
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
		Description: "By the cookie alone: a new access token, and the next refresh token. One that was used before was stolen: its session " +
			"ends. Errors: 401 UNAUTHENTICATED, TOKEN_INVALID; 403 FORBIDDEN for a page of another site.",
	}, a.refresh)
	handle(api, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/v1/users/logout", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Log out", Errors: []int{http.StatusForbidden},
		Description: "Ends the session of the refresh cookie, or with everywhere all sessions of its account. An access token that was given " +
			"out lives on for up to 15 minutes.",
	}, a.logout)
}

// login exchanges an e-mail address and a password for tokens.
// Errors: LoginFailed, TooManyRequests after failures of the account or of the caller's address, Overloaded.
func (a accounts) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	user, err := a.checkPassword(ctx, in.Body.Email, in.Body.Password)
	if err != nil {
		return nil, err
	}
	refresh, err := a.Sessions.Begin(ctx, user)
	if err != nil {
		return nil, err
	}
	return a.tokensOf(user, refresh)
}

func (a accounts) checkPassword(ctx context.Context, email, password string) (domain.User, error) {
	credentials := auth.Credentials{Email: email, Password: password, Address: addressOf(ctx)}
	return a.Logins.Login(ctx, credentials, func(v domain.RateVerdict) { showRate(headersOf(ctx), v) })
}

func (a accounts) tokensOf(user domain.User, refresh string) (*loginOutput, error) {
	token, life, err := a.Tokens.Issue(user.ID, user.Role, time.Now())
	if err != nil {
		return nil, err
	}
	out := &loginOutput{CacheControl: "no-store", Cookie: cookie(refresh, auth.RefreshLife)}
	out.Body.AccessToken, out.Body.ExpiresIn = token, int(life.Seconds())
	return out, nil
}

// cookie carries a refresh token to the routes of accounts; browsers send it over TLS, or to their own machine, and show it to no script.
func cookie(token string, life time.Duration) http.Cookie {
	return http.Cookie{
		Name: refreshCookie, Value: token, Path: refreshPath, MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
	}
}

func (a accounts) refresh(ctx context.Context, in *refreshInput) (*loginOutput, error) {
	if in.Token == "" {
		return nil, domain.Errorf(domain.CodeUnauthenticated, "there is no refresh cookie; log in")
	}
	next, user, err := a.Sessions.Rotate(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return a.tokensOf(user, next)
}

func (a accounts) logout(ctx context.Context, in *logoutInput) (*logoutOutput, error) {
	if in.Token != "" {
		if err := a.Sessions.End(ctx, in.Token, in.Body != nil && in.Body.Everywhere); err != nil {
			return nil, err
		}
	}
	gone := cookie("", -time.Second)
	return &logoutOutput{Cookie: gone}, nil
}

// guardCookie refuses requests that a page of another site sends with the refresh cookie. SameSite=Strict keeps browsers from it; this is
// for those that do not know it.
func (a *API) guardCookie(c *gin.Context) {
	path, origin := c.Request.URL.Path, c.GetHeader("Origin")
	if origin == "" || c.Request.Method != http.MethodPost || path != refreshPath+"/token" && path != refreshPath+"/logout" {
		return
	}
	if from, err := url.Parse(origin); err != nil || from.Host != c.Request.Host && !slices.Contains(a.cfg.CORSOrigins, origin) {
		writeProblem(c, domain.Errorf(domain.CodeForbidden, "pages of %s may not use the refresh cookie", origin))
	}
}
