package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// account writes a user without addresses.
func account(t *testing.T, s *store.Store) domain.UserID {
	t.Helper()
	id := storetest.ID(domain.UserPrefix)
	u := domain.User{ID: domain.UserID(id), Email: id + "@runrun.test", Name: "Kim Minji", Phone: "010-1234-5678",
		PasswordHash: "hash", Role: domain.RoleSeller}
	if err := s.AddUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// address is one that is not written yet.
func address(user domain.UserID) domain.Address {
	return domain.Address{ID: domain.AddressID(storetest.ID(domain.AddressPrefix)), UserID: user, Receiver: domain.Receiver{
		Name: "Kim Minji", Phone: "010-1234-5678", ZipCode: "04524", Address: "110 Sejong-daero, Seoul",
	}}
}

// addressesOf lists a user's addresses and demands that exactly one is the default, and first.
func addressesOf(t *testing.T, s *store.Store, user domain.UserID) []domain.Address {
	t.Helper()
	list, err := s.Addresses(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range list {
		if a.Default != (i == 0) {
			t.Errorf("address %d of %d is the default: %t", i, len(list), a.Default)
		}
	}
	return list
}

func TestTheFirstAddressIsTheDefaultAndTheNextFollowsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		user := account(t, s)
		a, b, c := address(user), address(user), address(user)
		for _, one := range []domain.Address{a, b, c} {
			if err := s.AddAddress(t.Context(), one); err != nil {
				t.Fatal(err)
			}
		}
		want := func(ids ...domain.AddressID) {
			t.Helper()
			list := addressesOf(t, s, user)
			got := make([]domain.AddressID, len(list))
			for i, one := range list {
				got[i] = one.ID
			}
			if fmt.Sprint(got) != fmt.Sprint(ids) {
				t.Errorf("addresses %v, want %v", got, ids)
			}
		}
		want(a.ID, c.ID, b.ID)
		if err := s.MakeDefault(t.Context(), user, b.ID); err != nil {
			t.Fatal(err)
		}
		want(b.ID, c.ID, a.ID)
		if err := s.DeleteAddress(t.Context(), user, b.ID); err != nil {
			t.Fatal(err)
		}
		want(c.ID, a.ID)
		if err := s.MakeDefault(t.Context(), account(t, s), a.ID); domain.CodeOf(err) != domain.CodeNotFound {
			t.Errorf("another's address as the default: %v", err)
		}
	})
}

// However many are added at once, an account keeps no more than it may.
func TestAddressesAreLimitedUnderARace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		user := account(t, s)
		var kept atomic.Int64
		together(domain.MaxAddresses+5, func(int) {
			switch err := s.AddAddress(t.Context(), address(user)); domain.CodeOf(err) {
			case "":
				kept.Add(1)
			case domain.CodeLimitExceeded:
			default:
				t.Error(err)
			}
		})
		if got := len(addressesOf(t, s, user)); got != domain.MaxAddresses || kept.Load() != int64(got) {
			t.Errorf("%d addresses, %d were added, want %d", got, kept.Load(), domain.MaxAddresses)
		}
	})
}

// Of two deletes that would leave none, one wins: the last address stays, and is the default.
func TestTheLastAddressStaysUnderARace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		user := account(t, s)
		list := []domain.Address{address(user), address(user), address(user), address(user)}
		for _, a := range list {
			if err := s.AddAddress(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		together(len(list), func(i int) {
			err := s.DeleteAddress(t.Context(), user, list[i].ID)
			if err != nil && domain.CodeOf(err) != domain.CodeConflict {
				t.Error(err)
			}
		})
		if got := len(addressesOf(t, s, user)); got != 1 {
			t.Errorf("%d addresses are left, want 1", got)
		}
	})
}
