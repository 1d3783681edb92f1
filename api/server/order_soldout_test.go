package server

import (
	"testing"
	"testing/synctest"
	"time"
)

// Of all who come when the belief has grown old, one asks the gate; nobody believes for longer than a second.
func TestSoldOutIsAskedAgainByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s soldOut
		if s.is("prd_a") {
			t.Error("sold out before anybody said so")
		}
		s.set("prd_a")
		if !s.is("prd_a") || s.is("prd_b") {
			t.Error("it is sold out, and nothing else is")
		}
		time.Sleep(soldOutFor)
		asking := 0
		for range 100 {
			if !s.is("prd_a") {
				asking++
			}
		}
		if asking != 1 {
			t.Errorf("%d ask the gate, want one", asking)
		}
		time.Sleep(probeFor)
		if s.is("prd_a") {
			t.Error("still believed after a second")
		}
	})
}

// Nobody asked for a while: the first who comes does not refuse by an old belief.
func TestSoldOutOfLongAgoIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s soldOut
		s.set("prd_a")
		time.Sleep(time.Hour)
		if s.is("prd_a") {
			t.Error("an hour later it is still believed")
		}
		s.set("prd_a")
		s.clear("prd_a")
		if s.is("prd_a") {
			t.Error("units came back, and it is still believed")
		}
	})
}
