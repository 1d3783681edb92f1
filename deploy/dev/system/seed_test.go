package system

import (
	"testing"

	"runrun/api/auth"
	"runrun/domain"
	"runrun/domain/blob"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

func TestTheShopIsSeededOnceAndAStoppedSeedIsCompleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		images, err := blob.Open(t.Context(), blob.Config{URL: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		for _, before := range []string{"an empty shop", "a whole one", "one that was stopped in the middle"} {
			if before == "one that was stopped in the middle" {
				storetest.Exec(t, s, "DELETE FROM users WHERE id IN ('usr_demo-staff', 'usr_demo-shopper', 'usr_demo-shopper060')")
				storetest.Exec(t, s, "DELETE FROM products WHERE id = 'prd_demo-4-tea'")
				storetest.Exec(t, s, "DELETE FROM stocks WHERE product_id = 'prd_demo-4-tea'")
			}
			if err := seed(t.Context(), s, images); err != nil {
				t.Fatalf("%s: %v", before, err)
			}
			if n := storetest.Count(t, s, "SELECT COUNT(*) FROM users"); n != DemoShoppers+3 {
				t.Errorf("%s: %d accounts", before, n)
			}
			if n := storetest.Count(t, s, "SELECT COUNT(*) FROM products"); n != 5 {
				t.Errorf("%s: %d products", before, n)
			}
			storetest.WantStock(t, s, "prd_demo-4-tea", 1000, 0, 0)
		}
		for email, role := range map[string]domain.Role{
			ShopperEmail: domain.RoleCustomer, NumberedEmail(60): domain.RoleCustomer, SellerEmail: domain.RoleSeller, StaffEmail: domain.RoleStaff,
		} {
			user, err := s.UserByEmail(t.Context(), email)
			if err != nil || user.Role != role || !auth.SamePassword(user.PasswordHash, DemoPassword) {
				t.Errorf("%s: %s, %v", email, user.Role, err)
			}
		}
	})
}
