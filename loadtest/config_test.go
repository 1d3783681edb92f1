package main

import (
	"strings"
	"testing"
	"time"
)

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	cfg := Config{Scenario: "drop", JWTKey: "short", Shoppers: 1, For: time.Second, Patience: time.Second}
	err := cfg.Validate()
	for _, want := range []string{"jwt-key", "shoppers, for", "connections"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestNumbersOverrideTheScenario(t *testing.T) {
	if s := (Config{Scenario: "drop"}).scenario(); s.shoppers != 10_000 || s.rate != 300 || s.units != 1000 {
		t.Errorf("the drop is %+v", s)
	}
	if s := (Config{Scenario: "soak", Rate: 5, For: time.Minute, Units: 7}).scenario(); s.shoppers != 300 || s.units != 7 {
		t.Errorf("a minute at five a second is %+v", s)
	}
}
