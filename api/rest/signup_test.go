package rest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"runrun/domain"
)

var sixDigits = regexp.MustCompile(`(?m)^\d{6}$`)

// code is the code in the newest mail to an address; empty if it has none.
func (s *shop) code(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.mails) - 1; i >= 0; i-- {
		if s.mails[i].To == email {
			return sixDigits.FindString(s.mails[i].Text)
		}
	}
	return ""
}

const (
	codes  = "/v1/users/email-auths"
	verify = "/v1/users/email-auths/verify"
	signup = "/v1/users/signup"
)

func signUpBody(email, role string) string {
	return fmt.Sprintf(`{"email":%q,"password":"Runrun-2024!","name":"Kim Minji","phone":"010-1234-5678","role":%q,"zipCode":"04524",`+
		`"address":"110 Sejong-daero, Seoul"}`, email, role)
}

// signUp makes an account by its mail code, and returns a caller with its token.
func (s *shop) signUp(email, role string) func(method, path, body string, headers ...string) answer {
	s.t.Helper()
	anybody := s.as("", "")
	anybody("POST", codes, fmt.Sprintf(`{"email":%q}`, email)).want(s.t, http.StatusAccepted, nil)
	anybody("POST", verify, fmt.Sprintf(`{"email":%q,"code":%q}`, email, s.code(email))).want(s.t, http.StatusNoContent, nil)
	made := anybody("POST", signup, signUpBody(email, role)).want(s.t, http.StatusCreated, map[string]any{"email": email, "role": role})
	id, _ := made.body["id"].(string)
	return s.as(domain.UserID(id), domain.Role(role))
}

func TestSignUpByMailCode(t *testing.T) {
	s := newShop(t)
	minji := s.signUp("minji@example.com", "CUSTOMER")
	minji("GET", "/v1/users/me", "").want(t, http.StatusOK, map[string]any{"name": "Kim Minji", "role": "CUSTOMER"})
	list := minji("GET", "/v1/users/addresses", "").want(t, http.StatusOK, nil)
	items, _ := list.body["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["default"] != true || items[0].(map[string]any)["zipCode"] != "04524" {
		t.Errorf("the account begins with %s", list.text)
	}
	s.as("", "")("POST", "/v1/users/login", `{"email":"MINJI@example.com","password":"Runrun-2024!"}`).want(t, http.StatusOK, nil)
}

func TestACodeServesOnce(t *testing.T) {
	s := newShop(t)
	anybody := s.as("", "")
	body := func(code string) string { return `{"email":"a@example.com","code":"` + code + `"}` }
	anybody("POST", verify, body("123456")).problem(t, http.StatusUnprocessableEntity, domain.CodeVerificationFailed)
	anybody("POST", codes, `{"email":"a@example.com"}`).want(t, http.StatusAccepted, nil)
	anybody("POST", signup, signUpBody("a@example.com", "CUSTOMER")).problem(t, http.StatusConflict, domain.CodeEmailNotVerified)
	good := s.code("a@example.com")
	anybody("POST", verify, body(good)).want(t, http.StatusNoContent, nil)
	anybody("POST", verify, body(good)).problem(t, http.StatusUnprocessableEntity, domain.CodeVerificationFailed)
	anybody("POST", signup, signUpBody("a@example.com", "CUSTOMER")).want(t, http.StatusCreated, nil)
	anybody("POST", signup, signUpBody("a@example.com", "CUSTOMER")).problem(t, http.StatusConflict, domain.CodeEmailNotVerified)
}

func TestWrongCodesAreCountedAndANewCodeReplacesTheOld(t *testing.T) {
	s := newShop(t)
	anybody := s.as("", "")
	body := func(code string) string { return `{"email":"b@example.com","code":"` + code + `"}` }
	anybody("POST", codes, `{"email":"b@example.com"}`).want(t, http.StatusAccepted, nil)
	first := s.code("b@example.com")
	wrong := "000000"
	if first == wrong {
		wrong = "000001"
	}
	for range 5 {
		anybody("POST", verify, body(wrong)).problem(t, http.StatusUnprocessableEntity, domain.CodeVerificationFailed)
	}
	anybody("POST", verify, body(first)).problem(t, http.StatusUnprocessableEntity, domain.CodeVerificationFailed)
	anybody("POST", codes, `{"email":"b@example.com"}`).want(t, http.StatusAccepted, nil)
	second := s.code("b@example.com")
	if second != first {
		anybody("POST", verify, body(first)).problem(t, http.StatusUnprocessableEntity, domain.CodeVerificationFailed)
	}
	anybody("POST", verify, body(second)).want(t, http.StatusNoContent, nil)
}

func TestCodesAreLimited(t *testing.T) {
	s := newShop(t)
	anybody := s.as("", "")
	for range 3 {
		anybody("POST", codes, `{"email":"c@example.com"}`).want(t, http.StatusAccepted, nil)
	}
	limited := anybody("POST", codes, `{"email":"C@example.com"}`).problem(t, http.StatusTooManyRequests, domain.CodeTooManyRequests)
	if limited.header.Get("Retry-After") == "" || limited.header.Get("RateLimit") == "" {
		t.Errorf("it is not said when to come again: %v", limited.header)
	}
	anybody("POST", codes, `{"email":"d@example.com"}`).want(t, http.StatusAccepted, nil)
}

// Whether an e-mail address has an account is told by mail alone.
func TestNobodyLearnsWhichAddressesHaveAnAccount(t *testing.T) {
	s := newShop(t)
	s.signUp("taken@example.com", "CUSTOMER")
	anybody := s.as("", "")
	free := anybody("POST", codes, `{"email":"free@example.com"}`)
	taken := anybody("POST", codes, `{"email":"taken@example.com"}`)
	if free.status != http.StatusAccepted || taken.status != free.status || taken.text != free.text {
		t.Errorf("%d %q and %d %q", free.status, free.text, taken.status, taken.text)
	}
	if s.code("free@example.com") == "" || s.code("taken@example.com") != "" {
		t.Error("who has an account is told so, and gets no code")
	}
	a := anybody("POST", signup, signUpBody("free@example.com", "CUSTOMER")).problem(t, http.StatusConflict, domain.CodeEmailNotVerified)
	b := anybody("POST", signup, signUpBody("taken@example.com", "CUSTOMER")).problem(t, http.StatusConflict, domain.CodeEmailNotVerified)
	if a.body["detail"] != b.body["detail"] {
		t.Errorf("%s and %s", a.text, b.text)
	}
}

func TestWhatIsWrongWithASignUpIsNamed(t *testing.T) {
	s := newShop(t)
	for pointer, body := range map[string]string{
		"/password": strings.Replace(signUpBody("e@example.com", "CUSTOMER"), "Runrun-2024!", "runrun-2024!", 1),
		"/phone":    strings.Replace(signUpBody("e@example.com", "CUSTOMER"), "010-1234-5678", "01012345678", 1),
		"/zipCode":  strings.Replace(signUpBody("e@example.com", "CUSTOMER"), "04524", "4524", 1),
		"/name":     strings.Replace(signUpBody("e@example.com", "CUSTOMER"), "Kim Minji", "K", 1),
		"/address":  strings.Replace(signUpBody("e@example.com", "CUSTOMER"), "110 Sejong-daero, Seoul", "Seoul", 1),
		"/role":     signUpBody("e@example.com", "STAFF"),
		"/email":    signUpBody("e@example", "CUSTOMER"),
	} {
		got := s.as("", "")("POST", signup, body).problem(t, http.StatusUnprocessableEntity, domain.CodeValidation)
		if !strings.Contains(got.text, `"pointer":"`+pointer+`"`) {
			t.Errorf("%s is not named: %s", pointer, got.text)
		}
	}
}
