package domain

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is sold, in units, percent and won. Every layer that takes input checks them here, and columns are wide enough.
const (
	MinPrice       = 100
	MaxPrice       = 10_000_000
	MaxDiscount    = 99
	MaxLimit       = 100
	MaxUnits       = 1_000_000 // of one product, put into stock in one step
	MaxStock       = 1_000_000_000
	MaxDeliveryFee = 100_000
	MaxFreeFrom    = 10_000_000
	maxNameLength  = 50
)

// violations collects the faults of an input.
type violations []FieldError

func (v *violations) add(pointer, format string, args ...any) {
	*v = append(*v, FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

func (v *violations) number(pointer string, value, least, most int64) {
	if value < least || value > most {
		v.add(pointer, "%d to %d", least, most)
	}
}

// text checks length in characters, and that the text can be read: no control, zero-width or direction characters, and at least
// one letter or digit.
func (v *violations) text(pointer, value string, shortest, longest int) {
	if n := utf8.RuneCountInString(value); n < shortest || n > longest {
		v.add(pointer, "%d to %d characters", shortest, longest)
		return
	}
	visible := false
	for _, r := range value {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) {
			v.add(pointer, "without control, zero-width or direction characters")
			return
		}
		visible = visible || unicode.IsLetter(r) && !blankLetter(r) || unicode.IsNumber(r)
	}
	if !visible {
		v.add(pointer, "with at least one letter or digit")
	}
}

// blankLetter reports whether r is a letter to Unicode that shows nothing: the fillers of Hangul.
func blankLetter(r rune) bool { return r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 }

// merge adds the faults of another check.
func (v *violations) merge(err error) {
	var e *Error
	if errors.As(err, &e) {
		*v = append(*v, e.Fields...)
	}
}

// err returns nil, or an error with code Validation that names every fault.
func (v *violations) err(message string) error {
	if len(*v) == 0 {
		return nil
	}
	return &Error{Code: CodeValidation, Message: message, Fields: *v}
}
