package domain

import "regexp"

// Receiver is whom an order is sent to: personal data, encrypted at rest and never in a workflow or a log.
type Receiver struct {
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	ZipCode string `json:"zipCode"`
	Address string `json:"address"`
}

var (
	// Korean numbers: mobile (010-…), landlines (02-…, 031-…), VoIP (070-…), toll-free (080-…) and safe numbers (0502-… to
	// 0509-…). The numbering plan has no area code 000: https://en.wikipedia.org/wiki/Telephone_numbers_in_South_Korea
	phonePattern = regexp.MustCompile(`^(02|0[13-8][0-9]|050[2-9])-[0-9]{3,4}-[0-9]{4}$`)
	zipPattern   = regexp.MustCompile(`^[0-9]{5}$`)
)

// ValidPhone reports whether text is a Korean phone number, written with dashes.
func ValidPhone(text string) bool { return phonePattern.MatchString(text) }

// Validate checks a receiver.
// Errors: Validation, with a pointer below /receiver for each fault.
func (r Receiver) Validate() error {
	return r.validateAt("/receiver")
}

// validateAt checks a receiver that stands at the pointer of an input.
func (r Receiver) validateAt(pointer string) error {
	var v violations
	v.text(pointer+"/name", r.Name, 2, 30)
	if !ValidPhone(r.Phone) {
		v.add(pointer+"/phone", phoneForm)
	}
	r.checkPlace(&v, pointer)
	return v.err("the receiver is not valid")
}

// phoneForm says what a phone number looks like.
const phoneForm = "a Korean phone number with dashes, such as 010-1234-5678, 02-123-4567 or 0505-123-4567"

func (r Receiver) checkPlace(v *violations, pointer string) {
	v.text(pointer+"/address", r.Address, 8, 100)
	if !zipPattern.MatchString(r.ZipCode) {
		v.add(pointer+"/zipCode", "five digits")
	}
}
