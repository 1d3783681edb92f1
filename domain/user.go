package domain

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

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
	CreatedAt    time.Time
}

// Profile is what people say of themselves.
type Profile struct {
	Name, Phone string
}

func (p Profile) check(v *violations) {
	checkName(v, p.Name)
	checkPhone(v, p.Phone)
}

// ProfileChange is what people change of their profile; nil leaves a field.
type ProfileChange struct {
	Name, Phone *string
}

// Validate checks a change of a profile.
// Errors: Validation.
func (c ProfileChange) Validate() error {
	var v violations
	if c.Name != nil {
		checkName(&v, *c.Name)
	}
	if c.Phone != nil {
		checkPhone(&v, *c.Phone)
	}
	return v.err("the profile is not valid")
}

func checkName(v *violations, name string) { v.text("/name", name, 2, 30) }

func checkPhone(v *violations, phone string) {
	if !ValidPhone(phone) {
		v.add("/phone", phoneForm)
	}
}

// SignUp is what a new account is made of.
type SignUp struct {
	ID       UserID
	Email    string
	Password string
	Role     Role
	Profile
	ZipCode string
	Address string
}

// Validate checks a sign-up. Support staff do not sign up.
// Errors: Validation.
func (s SignUp) Validate() error {
	var v violations
	checkEmail(&v, s.Email)
	checkPassword(&v, "/password", s.Password)
	s.check(&v)
	s.receiver().checkPlace(&v, "")
	if s.Role != RoleCustomer && s.Role != RoleSeller {
		v.add("/role", "%s or %s", RoleCustomer, RoleSeller)
	}
	return v.err("the sign-up is not valid")
}

// FirstAddress is the address that an account begins with.
func (s SignUp) FirstAddress(id AddressID) Address {
	return Address{ID: id, UserID: s.ID, Receiver: s.receiver()}
}

func (s SignUp) receiver() Receiver {
	return Receiver{Name: s.Name, Phone: s.Phone, ZipCode: s.ZipCode, Address: s.Address}
}

// maxEmailLength is that of RFC 5321, 4.5.3.1.3, without the angle brackets.
const maxEmailLength = 254

// ValidateEmail checks an e-mail address that mail will be sent to.
// Errors: Validation.
func ValidateEmail(email string) error {
	var v violations
	checkEmail(&v, email)
	return v.err("the e-mail address is not valid")
}

func checkEmail(v *violations, email string) {
	parsed, err := mail.ParseAddress(email)
	_, host, _ := strings.Cut(email, "@")
	if err != nil || parsed.Address != email || parsed.Name != "" || len(email) > maxEmailLength || !strings.Contains(host, ".") ||
		strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII }) {
		v.add("/email", "an e-mail address such as minji@example.com")
	}
}

// Bounds of a password, in characters.
const (
	minPassword = 8
	maxPassword = 128
)

// ValidatePassword checks a password that somebody chooses; pointer says where it stands in the input.
// Errors: Validation.
func ValidatePassword(pointer, password string) error {
	var v violations
	checkPassword(&v, pointer, password)
	return v.err("the password is not valid")
}

func checkPassword(v *violations, pointer, password string) {
	var upper, lower, digit, sign bool
	for _, r := range password {
		upper, lower, digit = upper || unicode.IsUpper(r), lower || unicode.IsLower(r), digit || unicode.IsDigit(r)
		sign = sign || unicode.IsPunct(r) || unicode.IsSymbol(r)
	}
	length := utf8.RuneCountInString(password)
	if length < minPassword || length > maxPassword || !upper || !lower || !digit || !sign || !utf8.ValidString(password) {
		v.add(pointer, "%d to %d characters with a capital and a small letter, a digit and a sign", minPassword, maxPassword)
	}
}
