package domain_test

import (
	"testing"

	"runrun/domain"
)

// Only a gate that said nothing at all is seeded: seeding one that could not be asked would let everybody in again.
func TestWhichGateIsNotSeeded(t *testing.T) {
	for name, c := range map[string]struct {
		answer domain.GateAnswer
		want   bool
	}{
		"said nothing":       {domain.GateAnswer{}, true},
		"let in":             {domain.GateAnswer{Ticket: 1}, false},
		"refused":            {domain.GateAnswer{Refusal: &domain.GateRefusal{Code: domain.CodeSoldOut}}, false},
		"could not be asked": {domain.GateAnswer{Err: domain.Errorf(domain.CodeUnavailable, "gone")}, false},
	} {
		if got := c.answer.Unseeded(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
