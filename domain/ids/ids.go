// Package ids makes ids: a prefix and a UUIDv7 without dashes, so that they sort by age and name their kind.
package ids

import (
	"strings"

	"github.com/google/uuid"
)

// New returns a new id with the prefix, one of the domain's.
func New[T ~string](prefix string) T {
	return T(prefix + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", "")) // fails only where crypto/rand does
}
