package domain

import "regexp"

// Ids are a prefix and a UUIDv7 without dashes, so that they sort by age, name their kind and fit the gateway's order id
// (6–64 of A–Z a–z 0–9 _ -).
type (
	// OrderID names an order: ord_….
	OrderID string
	// ProductID names a product: prd_….
	ProductID string
	// UserID names a user: usr_….
	UserID string
	// BrandID names a brand: brd_….
	BrandID string
	// AddressID names an address of a user: adr_….
	AddressID string
	// MailID names a mail: mal_….
	MailID string
	// SessionID names a login: ses_….
	SessionID string
	// CategoryID names a category of products: cat_….
	CategoryID string
	// ImageID names a picture: img_….
	ImageID string
	// StockChangeID names a line of the ledger of stock: chg_….
	StockChangeID string
)

// Prefixes of the ids.
const (
	OrderPrefix   = "ord_"
	ProductPrefix = "prd_"
	UserPrefix    = "usr_"
	BrandPrefix   = "brd_"
	AddressPrefix = "adr_"
	MailPrefix    = "mal_"
	SessionPrefix = "ses_"

	CategoryPrefix    = "cat_"
	ImagePrefix       = "img_"
	StockChangePrefix = "chg_"
)

// maxIDLength is the width of the columns that hold ids.
const maxIDLength = 64

var (
	idPattern  = regexp.MustCompile(`^[a-z]{3}_[A-Za-z0-9-]{2,60}$`)
	keyPattern = regexp.MustCompile(`^[\x21-\x7e]{1,200}$`)
)

// ValidID reports whether id has the given prefix and the form of an id.
func ValidID(prefix, id string) bool {
	return len(id) > len(prefix) && id[:len(prefix)] == prefix && idPattern.MatchString(id)
}

// ValidKey reports whether s can be an idempotency key or a payment key: 1–200 visible ASCII characters.
func ValidKey(s string) bool { return keyPattern.MatchString(s) }
