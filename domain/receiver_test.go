package domain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"runrun/domain"
)

func TestPhoneNumbers(t *testing.T) {
	for phone, want := range map[string]bool{
		"010-1234-5678": true, "010-123-4567": true, "02-123-4567": true, "02-1234-5678": true, "031-123-4567": true, "070-1234-5678": true,
		"080-123-4567": true, "0505-123-4567": true, "0502-1234-5678": true,
		"": false, "01012345678": false, "010 1234 5678": false, "+82-10-1234-5678": false, "000-1234-5678": false, "090-1234-5678": false,
		"0501-123-4567": false, "010-12-5678": false, "010-12345-6789": false, "010-1234-567": false, "010-1234-56789": false,
		"010-1234-5678\n": false, "０１０-1234-5678": false, "call 010-1234-5678": false,
	} {
		if got := domain.ValidPhone(phone); got != want {
			t.Errorf("%q: %t, want %t", phone, got, want)
		}
	}
}

// Lengths count characters, not bytes, and a label can be printed: what cannot be read is no name.
func TestReceiverBounds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*domain.Receiver)
		want   []string
	}{
		"two characters of Hangul":  {func(r *domain.Receiver) { r.Name = "김민" }, nil},
		"thirty of them":            {func(r *domain.Receiver) { r.Name = strings.Repeat("가", 30) }, nil},
		"a foreign name":            {func(r *domain.Receiver) { r.Name = "Zoë O'Neil-김" }, nil},
		"an address of digits":      {func(r *domain.Receiver) { r.Address = "12345678" }, nil},
		"one character":             {func(r *domain.Receiver) { r.Name = "김" }, []string{"/receiver/name"}},
		"thirty-one":                {func(r *domain.Receiver) { r.Name = strings.Repeat("가", 31) }, []string{"/receiver/name"}},
		"a zero-width character":    {func(r *domain.Receiver) { r.Name = "Kim\u200bMinji" }, []string{"/receiver/name"}},
		"a change of direction":     {func(r *domain.Receiver) { r.Name = "Kim \u202eMinji" }, []string{"/receiver/name"}},
		"fillers of Hangul only":    {func(r *domain.Receiver) { r.Name = "\u3164\uffa0\u115f" }, []string{"/receiver/name"}},
		"signs only":                {func(r *domain.Receiver) { r.Address = "-- ... --" }, []string{"/receiver/address"}},
		"not UTF-8":                 {func(r *domain.Receiver) { r.Name = "Kim\xff" }, []string{"/receiver/name"}},
		"a line break":              {func(r *domain.Receiver) { r.Address = "110 Sejong-daero\nSeoul" }, []string{"/receiver/address"}},
		"a short address":           {func(r *domain.Receiver) { r.Address = "Seoul 1" }, []string{"/receiver/address"}},
		"a phone without dashes":    {func(r *domain.Receiver) { r.Phone = "01012345678" }, []string{"/receiver/phone"}},
		"four digits of a zip code": {func(r *domain.Receiver) { r.ZipCode = "4524" }, []string{"/receiver/zipCode"}},
		"six digits of a zip code":  {func(r *domain.Receiver) { r.ZipCode = "045240" }, []string{"/receiver/zipCode"}},
		"a letter in the zip code":  {func(r *domain.Receiver) { r.ZipCode = "O4524" }, []string{"/receiver/zipCode"}},
		"a break behind a zip code": {func(r *domain.Receiver) { r.ZipCode = "04524\n" }, []string{"/receiver/zipCode"}},
		"a private-use character":   {func(r *domain.Receiver) { r.Name = "Kim \ue000" }, []string{"/receiver/name"}},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := validOrder().Receiver
			c.change(&receiver)
			err := receiver.Validate()
			if diff := cmp.Diff(c.want, pointersOf(err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if c.want != nil && domain.CodeOf(err) != domain.CodeValidation {
				t.Errorf("got %v, want VALIDATION", err)
			}
		})
	}
}
