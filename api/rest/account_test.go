package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"runrun/api/auth"
	"runrun/domain"
)

// account adds a user who can log in.
func (s *shop) account(email string, role domain.Role) domain.User {
	s.t.Helper()
	u := domain.User{
		ID: domain.UserID("usr_" + strings.ReplaceAll(email, "@", "-at-")), Email: email, Name: "Kim Minji", Phone: "010-1234-5678",
		PasswordHash: auth.HashPassword("correct horse"), Role: role, Verified: true,
	}
	u.ID = domain.UserID(strings.ReplaceAll(string(u.ID), ".", "-"))
	if err := s.store.AddUser(s.t.Context(), u); err != nil {
		s.t.Fatal(err)
	}
	return u
}

func TestALoginIsATokenThatOpensTheCallersOrders(t *testing.T) {
	s := newShop(t)
	s.account("minji@example.com", domain.RoleCustomer)
	anybody := s.as("", "")
	in := anybody("POST", "/v1/users/login", `{"email":"Minji@Example.com","password":"correct horse"}`).want(t, http.StatusOK, nil)
	if in.header.Get("Cache-Control") != "no-store" || in.body["expiresIn"].(float64) < 60 {
		t.Errorf("the token may be kept by a cache, or lives too short: %v %s", in.header, in.text)
	}
	token, _ := in.body["accessToken"].(string)
	anybody("GET", "/v1/orders", "", "Authorization", "Bearer "+token).want(t, http.StatusOK, nil)
	anybody("GET", "/v1/orders", "", "Authorization", "Bearer "+token+"x").problem(t, http.StatusUnauthorized, domain.CodeTokenInvalid)
	anybody("GET", "/v1/orders", "").problem(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
}

// An address without an account, a wrong password and an account that is not verified are told apart by nobody.
func TestFailedLoginsAreAlike(t *testing.T) {
	s := newShop(t)
	s.account("yuna@example.com", domain.RoleCustomer)
	anybody := s.as("", "")
	wrong := anybody("POST", "/v1/users/login", `{"email":"yuna@example.com","password":"x"}`).
		problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	nobody := anybody("POST", "/v1/users/login", `{"email":"nobody@example.com","password":"x"}`).
		problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	if wrong.body["detail"] != nobody.body["detail"] {
		t.Errorf("an account can be told: %s, %s", wrong.text, nobody.text)
	}
}

func TestAfterFailuresAnAccountHasAPause(t *testing.T) {
	s := newShop(t)
	s.account("sora@example.com", domain.RoleCustomer)
	anybody := s.as("", "")
	const good, bad = `{"email":"sora@example.com","password":"correct horse"}`, `{"email":"sora@example.com","password":"x"}`
	for range 2 {
		anybody("POST", "/v1/users/login", bad).problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
	}
	refused := anybody("POST", "/v1/users/login", good).problem(t, http.StatusTooManyRequests, domain.CodeTooManyRequests)
	if refused.header.Get("Retry-After") == "" || refused.header.Get("Ratelimit-Policy") == "" {
		t.Errorf("when to come again is not said: %v", refused.header)
	}
	anybody("POST", "/v1/users/login", strings.ReplaceAll(good, "sora", "other")).problem(t, http.StatusUnauthorized, domain.CodeLoginFailed)
}

func TestALoginIsValidated(t *testing.T) {
	s := newShop(t)
	for name, c := range map[string]struct {
		body, pointer string
		status        int
		code          domain.Code
	}{
		"no address":    {`{"email":"kim","password":"x"}`, "/email", 422, domain.CodeValidation},
		"no password":   {`{"email":"a@example.com","password":""}`, "/password", 422, domain.CodeValidation},
		"a second key":  {`{"email":"a@example.com","password":"x","Password":"y"}`, "/Password", 422, domain.CodeValidation},
		"no JSON":       {`{"email":`, "", 400, "MALFORMED_REQUEST"},
		"a long secret": {`{"email":"a@example.com","password":"` + strings.Repeat("x", 201) + `"}`, "/password", 422, domain.CodeValidation},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.as("", "")("POST", "/v1/users/login", c.body).problem(t, c.status, c.code)
			if c.pointer != "" && !strings.Contains(got.text, `"pointer":"`+c.pointer+`"`) {
				t.Errorf("the fault is not at %s: %s", c.pointer, got.text)
			}
		})
	}
}
