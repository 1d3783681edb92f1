package main

import (
	"strings"
	"testing"
	"time"
)

// make demo, as a newcomer runs it.
func TestDemo(t *testing.T) {
	r := own(t, nil, func(s *settings) { s.api.PayWithin = 5 * time.Second })
	var out strings.Builder
	if err := demo(t.Context(), r.System, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.Contains(out.String(), "The books balance.") {
		t.Errorf("the demo printed:\n%s", &out)
	}
}
