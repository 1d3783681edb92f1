package store

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"runrun/domain"
)

const newerKeys = DevelopmentDataKey + ",2:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func TestSealerRotation(t *testing.T) {
	old, err := newSealer(DevelopmentDataKey)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := newSealer(newerKeys)
	if err != nil {
		t.Fatal(err)
	}
	sealed := old.seal("here", "secret")
	if text, err := rotated.open("here", sealed); err != nil || text != "secret" {
		t.Errorf("after a rotation the old value opens as %q, %v", text, err)
	}
	if fresh := rotated.seal("here", "secret"); fresh[0] != 2 {
		t.Errorf("new values are sealed with key %d, want the newest, 2", fresh[0])
	} else if _, err := old.open("here", fresh); domain.CodeOf(err) != domain.CodeInternal {
		t.Errorf("a value of an unknown key: %v, want INTERNAL", err)
	}
	if old.index("A@b.c") != rotated.index("a@b.c ") {
		t.Error("the index changed with the rotation: accounts could not be found")
	}
}

func TestSealerRefusesTampering(t *testing.T) {
	s, err := newSealer(DevelopmentDataKey)
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal("here", "secret")
	if bytes.Equal(sealed, s.seal("here", "secret")) {
		t.Error("the same text sealed twice is the same")
	}
	if _, err := s.open("there", sealed); err == nil {
		t.Error("a value opened in another place")
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := s.open("here", bad); err == nil {
			t.Errorf("a value with byte %d changed opened", i)
		}
	}
	if _, err := s.open("here", sealed[:5]); err == nil {
		t.Error("a cut value opened")
	}
}

// Fault 19 of the predecessor: a cipher that threads shared corrupted personal data. This one is shared, and keeps nothing between uses.
func TestPersonalDataSurvivesConcurrentUse(t *testing.T) {
	s, err := newSealer(newerKeys)
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	for n := range 20 {
		done.Go(func() {
			for i := range 200 {
				place, text := fmt.Sprint("place ", n), fmt.Sprint("010-0000-", n, i)
				if got, err := s.open(place, s.seal(place, text)); got != text || err != nil {
					t.Errorf("%q came back as %q, %v", text, got, err)
				}
			}
		})
	}
	done.Wait()
}
