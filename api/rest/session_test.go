package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"runrun/domain"
	"runrun/domain/store/storetest"
)

// logIn logs an account in and returns its access token and its refresh cookie.
func (s *shop) logIn(email, password string) (token, cookie string) {
	s.t.Helper()
	in := s.as("", "")("POST", "/v1/users/login", `{"email":"`+email+`","password":"`+password+`"}`).want(s.t, http.StatusOK, nil)
	token, _ = in.body["accessToken"].(string)
	return token, in.cookie(s.t)
}

// cookie is the refresh cookie that an answer sets, as a browser sends it back.
func (a answer) cookie(t testing.TB) string {
	t.Helper()
	set, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil {
		t.Fatalf("no cookie: %v", err)
	}
	if !set.HttpOnly || !set.Secure || set.SameSite != http.SameSiteStrictMode || set.Path != "/v1/users" || set.MaxAge != 14*24*3600 {
		t.Errorf("the refresh cookie is %s", a.header.Get("Set-Cookie"))
	}
	return set.Name + "=" + set.Value
}

func TestARefreshTokenIsExchangedForTheNext(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleSeller)
	_, first := s.logIn("minji@example.com", "correct horse")
	anybody := s.as("", "")
	next := anybody("POST", "/v1/users/token", "", "Cookie", first).want(t, http.StatusOK, nil)
	token, _ := next.body["accessToken"].(string)
	anybody("GET", "/v1/users/me", "", "Authorization", "Bearer "+token).want(t, http.StatusOK, map[string]any{"role": "SELLER"})
	second := next.cookie(t)
	if second == first {
		t.Error("the token was not rotated")
	}
	anybody("POST", "/v1/users/token", "", "Cookie", second).want(t, http.StatusOK, nil)
	anybody("POST", "/v1/users/token", "").problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
	anybody("POST", "/v1/users/token", "", "Cookie", "refresh=ses_none.none").problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
}

// Of a token that two people have, nobody knows who stole it: the session ends for both.
func TestAStolenRefreshTokenEndsItsFamily(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleCustomer)
	_, stolen := s.logIn("minji@example.com", "correct horse")
	_, other := s.logIn("minji@example.com", "correct horse")
	anybody := s.as("", "")
	newest := anybody("POST", "/v1/users/token", "", "Cookie", stolen).want(t, http.StatusOK, nil).cookie(t)
	storetest.Exec(t, s.store, "UPDATE sessions SET updated_at = updated_at - ?", domain.RefreshGrace.Milliseconds())
	anybody("POST", "/v1/users/token", "", "Cookie", stolen).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("POST", "/v1/users/token", "", "Cookie", newest).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("POST", "/v1/users/token", "", "Cookie", other).want(t, http.StatusOK, nil)
}

// An access token opens the API and a refresh token the session, and neither the other.
func TestNoTokenPassesAsTheOther(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleCustomer)
	access, cookie := s.logIn("minji@example.com", "correct horse")
	refresh := strings.TrimPrefix(cookie, "refresh=")
	anybody := s.as("", "")
	anybody("GET", "/v1/users/me", "", "Authorization", "Bearer "+refresh).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("POST", "/v1/users/token", "", "Cookie", "refresh="+access).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
}

func TestLogOutOfThisAndOfAllDevices(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleCustomer)
	_, phone := s.logIn("minji@example.com", "correct horse")
	_, laptop := s.logIn("minji@example.com", "correct horse")
	_, tablet := s.logIn("minji@example.com", "correct horse")
	anybody := s.as("", "")
	out := anybody("POST", "/v1/users/logout", `{}`, "Cookie", phone).want(t, http.StatusNoContent, nil)
	if set := out.header.Get("Set-Cookie"); !strings.Contains(set, "Max-Age=0") {
		t.Errorf("the cookie is not taken away: %s", set)
	}
	anybody("POST", "/v1/users/token", "", "Cookie", phone).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	laptop = anybody("POST", "/v1/users/token", "", "Cookie", laptop).want(t, http.StatusOK, nil).cookie(t)
	anybody("POST", "/v1/users/logout", `{"everywhere":true}`, "Cookie", laptop).want(t, http.StatusNoContent, nil)
	anybody("POST", "/v1/users/token", "", "Cookie", tablet).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("POST", "/v1/users/logout", "").want(t, http.StatusNoContent, nil)
}

func TestAPageOfAnotherSiteDoesNotGetTheCookie(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleCustomer)
	_, cookie := s.logIn("minji@example.com", "correct horse")
	anybody := s.as("", "")
	anybody("POST", "/v1/users/token", "", "Cookie", cookie, "Origin", "https://evil.example").
		problem(t, http.StatusForbidden, domain.CodeForbidden)
	anybody("POST", "/v1/users/token", "", "Cookie", cookie, "Origin", s.url).want(t, http.StatusOK, nil)
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	s := newShop(t)
	minji := s.account("minji@example.com", domain.RoleCustomer)
	_, here := s.logIn("minji@example.com", "correct horse")
	_, there := s.logIn("minji@example.com", "correct horse")
	call := s.as(minji.ID, domain.RoleCustomer)
	change := func(current, next string) answer {
		return call("PUT", "/v1/users/me/password", `{"currentPassword":"`+current+`","newPassword":"`+next+`"}`, "Cookie", here)
	}
	change("correct horse", "short").problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
	change("wrong", "Runrun-2025!").problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	change("correct horse", "Runrun-2025!").want(t, http.StatusNoContent, nil)
	anybody := s.as("", "")
	anybody("POST", "/v1/users/token", "", "Cookie", there).problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("POST", "/v1/users/token", "", "Cookie", here).want(t, http.StatusOK, nil)
	s.logIn("minji@example.com", "Runrun-2025!")
}
