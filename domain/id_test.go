package domain_test

import (
	"strings"
	"testing"

	"runrun/domain"
)

func TestIDs(t *testing.T) {
	for name, c := range map[string]struct {
		id   string
		want bool
	}{
		"a UUID without dashes":    {"ord_0190d3c27b6e7c1a8f6f5a4b3c2d1e0f", true},
		"a UUID with dashes":       {"ord_0190d3c2-7b6e-7c1a-8f6f-5a4b3c2d1e0f", true},
		"the shortest":             {"ord_1a", true},
		"the width of the column":  {"ord_" + strings.Repeat("a", 60), true},
		"wider than the column":    {"ord_" + strings.Repeat("a", 61), false},
		"too short for a gateway":  {"ord_1", false},
		"a prefix alone":           {"ord_", false},
		"nothing":                  {"", false},
		"another kind":             {"prd_1a", false},
		"a prefix in capitals":     {"ORD_1a", false},
		"a line break at the end":  {"ord_1a\n", false},
		"a second underscore":      {"ord_1_a", false},
		"letters beyond ASCII":     {"ord_가나", false},
		"an id behind something":   {" ord_1a", false},
		"a statement of SQL":       {"ord_1a' OR 1=1", false},
		"a path that leads upward": {"ord_../1a", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := domain.ValidID(domain.OrderPrefix, c.id); got != c.want {
				t.Errorf("%q: %t, want %t", c.id, got, c.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct {
		key  string
		want bool
	}{
		"one character":       {"k", true},
		"every kind of sign":  {`!"#$%&'()*+,-./:;<=>?@[\]^_{|}~`, true},
		"the longest":         {strings.Repeat("k", 200), true},
		"one more":            {strings.Repeat("k", 201), false},
		"nothing":             {"", false},
		"a space":             {"a b", false},
		"a line break":        {"k\n", false},
		"a zero byte":         {"k\x00", false},
		"a character of Asia": {"키", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := domain.ValidKey(c.key); got != c.want {
				t.Errorf("%q: %t, want %t", c.key, got, c.want)
			}
		})
	}
}
