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
		own, err := NewTokens([]byte("0123456789abcdef0123456789abcdef"))
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
	own, err := NewTokens([]byte("0123456789abcdef0123456789abcdef"))
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

func TestFromHeader(t *testing.T) {
	own, err := NewTokens([]byte("0123456789abcdef0123456789abcdef"))
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
	own, err := NewTokens([]byte("0123456789abcdef0123456789abcdef"))
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
