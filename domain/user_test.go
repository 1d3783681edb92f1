package domain_test

import (
	"testing"

	"runrun/domain"
)

// A role in a token that is none of ours must give no rights.
func TestRoles(t *testing.T) {
	for role, want := range map[domain.Role]bool{
		domain.RoleCustomer: true, domain.RoleSeller: true, domain.RoleStaff: true, "": false, "staff": false, "ADMIN": false,
	} {
		if got := role.Known(); got != want {
			t.Errorf("%q: %t, want %t", role, got, want)
		}
	}
}
