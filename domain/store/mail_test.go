package store_test

import (
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// queued writes a mail with a code.
func queued(t *testing.T, s *store.Store, email string) domain.Mail {
	t.Helper()
	m := domain.Mail{ID: domain.MailID(storetest.ID(domain.MailPrefix)), To: email, Subject: "Code", Text: "123456", Life: time.Hour}
	if err := s.StartEmailAuth(t.Context(), email, "123456", m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAMailIsKeptUntilItIsSentAndThenForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := queued(t, s, "a@runrun.test")
		got, err := s.QueuedMail(t.Context(), m.ID)
		if err != nil || got.Status != domain.MailQueued || got.To != m.To || got.Text != m.Text || got.Subject != m.Subject {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := s.FinishMail(t.Context(), m.ID, domain.MailSent); err != nil {
			t.Fatal(err)
		}
		if got, err := s.QueuedMail(t.Context(), m.ID); got.Status != domain.MailSent || got.Text != "" || err != nil {
			t.Errorf("a mail that was sent: %+v, %v", got, err)
		}
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM mails WHERE LENGTH(body) + LENGTH(recipient) + LENGTH(subject) > 0"); n != 0 {
			t.Error("what it said is kept")
		}
	})
}

func TestAMailThatSaysNothingTrueAnyMoreIsNotSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := queued(t, s, "a@runrun.test")
		storetest.Exec(t, s, "UPDATE mails SET expires_at = 1")
		if got, err := s.QueuedMail(t.Context(), m.ID); got.Status != domain.MailExpired || got.Text != "" || err != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if n := storetest.Count(t, s, "SELECT COUNT(*) FROM mails WHERE status = 'EXPIRED'"); n != 1 {
			t.Error("it is not written down")
		}
	})
}

func TestForgottenMailsAreClaimedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queued(t, s, "fresh@runrun.test")
		late := queued(t, s, "late@runrun.test")
		storetest.Exec(t, s, "UPDATE mails SET dispatch_after = 1 WHERE id = ?", late.ID)
		claimed := make([][]domain.MailID, 4)
		together(len(claimed), func(i int) {
			ids, err := s.ClaimMails(t.Context(), 10, time.Minute)
			if err != nil {
				t.Error(err)
			}
			claimed[i] = ids
		})
		var all []domain.MailID
		for _, ids := range claimed {
			all = append(all, ids...)
		}
		if len(all) != 1 || all[0] != late.ID {
			t.Errorf("claimed %v, want %s once", all, late.ID)
		}
	})
}

// Of two who verify with one code at once, one wins.
func TestACodeVerifiesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queued(t, s, "a@runrun.test")
		won := make(chan struct{}, 20)
		together(20, func(int) {
			switch err := s.VerifyEmail(t.Context(), "A@runrun.test", "123456", time.Hour); domain.CodeOf(err) {
			case "":
				won <- struct{}{}
			case domain.CodeVerificationFailed:
			default:
				t.Error(err)
			}
		})
		if len(won) != 1 {
			t.Errorf("%d won, want 1", len(won))
		}
	})
}

// Of two who sign up with one verified address at once, one gets the account.
func TestAVerifiedAddressServesOneSignUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queued(t, s, "a@runrun.test")
		if err := s.VerifyEmail(t.Context(), "a@runrun.test", "123456", time.Hour); err != nil {
			t.Fatal(err)
		}
		won := make(chan struct{}, 20)
		together(20, func(int) {
			user := domain.User{ID: domain.UserID(storetest.ID(domain.UserPrefix)), Email: "a@runrun.test", PasswordHash: "hash",
				Role: domain.RoleCustomer}
			switch err := s.SignUp(t.Context(), user, address(user.ID)); domain.CodeOf(err) {
			case "":
				won <- struct{}{}
			case domain.CodeEmailNotVerified:
			default:
				t.Error(err)
			}
		})
		if len(won) != 1 || storetest.Count(t, s, "SELECT COUNT(*) FROM users") != 1 || storetest.Count(t, s, "SELECT COUNT(*) FROM addresses") != 1 {
			t.Errorf("%d won, want one account with one address", len(won))
		}
	})
}
