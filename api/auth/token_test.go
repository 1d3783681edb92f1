package auth

import (
	"testing"
	"testing/synctest"
	"time"

	"runrun/domain"
)

// A verified token is cached until it expires, and no longer; only that very token is.
func TestAValidTokenIsCachedUntilItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, err := NewTokens(Key{"a", []byte("0123456789abcdef0123456789abcdef")})
		if err != nil {
			t.Fatal(err)
		}
		token, life, err := own.Issue("usr_demo-shopper", domain.RoleCustomer, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			who, err := own.Verify(token)
			if err != nil || who != (Caller{"usr_demo-shopper", domain.RoleCustomer}) {
				t.Fatalf("%v, %v", who, err)
			}
		}
		if _, err := own.Verify(token[:len(token)-2]); domain.CodeOf(err) != domain.CodeTokenInvalid {
			t.Errorf("a broken signature: %v, want TOKEN_INVALID", err)
		}
		time.Sleep(life + time.Second)
		if _, err := own.Verify(token); domain.CodeOf(err) != domain.CodeTokenExpired {
			t.Errorf("after its life: %v, want TOKEN_EXPIRED", err)
		}
	})
}

// A token of one kind does not pass as one of the other, nor a ticket for the stream of another order.
func TestStreamTickets(t *testing.T) {
	own, err := NewTokens(Key{"a", []byte("0123456789abcdef0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	ticket, _, err := own.IssueStreamTicket("usr_a", "ord_a", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if who, err := own.VerifyStreamTicket(ticket, "ord_a"); err != nil || who != (Caller{"usr_a", domain.RoleCustomer}) {
		t.Errorf("%v, %v", who, err)
	}
	if _, err := own.VerifyStreamTicket(ticket, "ord_b"); domain.CodeOf(err) != domain.CodeTokenInvalid {
		t.Errorf("another order: %v, want TOKEN_INVALID", err)
	}
	if _, err := own.Verify(ticket); domain.CodeOf(err) != domain.CodeTokenInvalid {
		t.Errorf("as an access token: %v, want TOKEN_INVALID", err)
	}
	access, _, err := own.Issue("usr_demo-shopper", domain.RoleCustomer, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.VerifyStreamTicket(access, "ord_a"); domain.CodeOf(err) != domain.CodeTokenInvalid {
		t.Errorf("an access token as a ticket: %v, want TOKEN_INVALID", err)
	}
	old, life, err := own.IssueStreamTicket("usr_a", "ord_a", time.Now().Add(-time.Hour))
	if err != nil || life <= 0 {
		t.Fatal(life, err)
	}
	if _, err := own.VerifyStreamTicket(old, "ord_a"); domain.CodeOf(err) != domain.CodeTokenExpired {
		t.Errorf("an old one: %v, want TOKEN_EXPIRED", err)
	}
}

// While a key is replaced both are valid: tokens of the old one until they expire, and tokens of the new one.
func TestTwoKeysAreValidAtOnce(t *testing.T) {
	before, after := Key{"2024", []byte("0123456789abcdef0123456789abcdef")}, Key{"2025", []byte("fedcba9876543210fedcba9876543210")}
	tokens := func(keys ...Key) *Tokens {
		made, err := NewTokens(keys...)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	issue := func(by *Tokens) string {
		text, _, err := by.Issue("usr_demo", domain.RoleCustomer, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	both := tokens(before, after)
	for name, c := range map[string]struct {
		reader *Tokens
		token  string
		want   domain.Code
	}{
		"the old key's token, while both are valid": {both, issue(tokens(before)), ""},
		"the new key's token, while both are valid": {both, issue(tokens(after)), ""},
		"what both issue is the new key's":          {tokens(after), issue(both), ""},
		"which the old one does not know":           {tokens(before), issue(both), domain.CodeTokenInvalid},
		"the old key's token, when it is gone":      {tokens(after), issue(tokens(before)), domain.CodeTokenInvalid},
		"a key that took the other's name":          {tokens(Key{"2025", before.Secret}), issue(tokens(after)), domain.CodeTokenInvalid},
	} {
		if _, err := c.reader.Verify(c.token); domain.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestFromHeader(t *testing.T) {
	own, err := NewTokens(Key{"a", []byte("0123456789abcdef0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := own.Issue("usr_demo-shopper", domain.RoleSeller, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]domain.Code{
		"Bearer " + token: "", "bearer  " + token: "", "": domain.CodeUnauthenticated, "Bearer": domain.CodeUnauthenticated, "Bearer ": domain.CodeUnauthenticated,
		"Basic " + token: domain.CodeUnauthenticated, token: domain.CodeUnauthenticated, "Bearer x": domain.CodeTokenInvalid, "Bearer " + token + "x": domain.CodeTokenInvalid,
	} {
		if _, err := own.FromHeader(header); domain.CodeOf(err) != want {
			t.Errorf("%.20q: %v, want %q", header, err, want)
		}
	}
}

// Whatever a stranger sends, verifying it neither panics nor succeeds.
func FuzzVerify(f *testing.F) {
	own, err := NewTokens(Key{"a", []byte("0123456789abcdef0123456789abcdef")})
	if err != nil {
		f.Fatal(err)
	}
	token, _, err := own.Issue("usr_demo-shopper", domain.RoleCustomer, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token[:len(token)-1])
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("a.b.c")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if text == token {
			return
		}
		if who, err := own.Verify(text); err == nil {
			t.Errorf("%q passes as %v", text, who)
		}
		if who, err := own.VerifyStreamTicket(text, "ord_a"); err == nil {
			t.Errorf("%q passes as a ticket of %v", text, who)
		}
	})
}
