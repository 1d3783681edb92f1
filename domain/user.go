package domain

// Role is what a user may do.
type Role string

// The roles.
const (
	RoleCustomer Role = "CUSTOMER"
	RoleSeller   Role = "SELLER"
	RoleStaff    Role = "STAFF"
)

// Known reports whether r is a role.
func (r Role) Known() bool { return r == RoleCustomer || r == RoleSeller || r == RoleStaff }

// User is an account. E-mail, name and phone are personal data: encrypted at rest, never logged.
type User struct {
	ID           UserID
	Email        string
	Name         string
	Phone        string
	PasswordHash string
	Role         Role
	Verified     bool
}
