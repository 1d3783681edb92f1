package cache

import (
	"testing"
	"testing/synctest"
	"time"
)

// Of all requests that come when the entry has expired, one asks the gate; no entry lasts longer than a second.
func TestSoldOutIsProbedByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s SoldOut
		if s.Refuses("prd_a") {
			t.Error("sold out before anybody said so")
		}
		s.Set("prd_a")
		if !s.Refuses("prd_a") || s.Refuses("prd_b") {
			t.Error("it is sold out, and nothing else is")
		}
		time.Sleep(soldOutFor)
		asking := 0
		for range 100 {
			if !s.Refuses("prd_a") {
				asking++
			}
		}
		if asking != 1 {
			t.Errorf("%d ask the gate, want one", asking)
		}
		time.Sleep(probeFor)
		if s.Refuses("prd_a") {
			t.Error("still refused after a second")
		}
	})
}

// An entry that nobody has looked at for a while refuses nobody.
func TestSoldOutExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s SoldOut
		s.Set("prd_a")
		time.Sleep(time.Hour)
		if s.Refuses("prd_a") {
			t.Error("still refused an hour later")
		}
		s.Set("prd_a")
		s.Clear("prd_a")
		if s.Refuses("prd_a") {
			t.Error("still refused though units came back")
		}
	})
}
