package rest

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// normalized is a text that a person typed, in Unicode's composed form (NFC) and without space around it: Korean typed on a Mac
// comes decomposed, and must be equal to the same text typed elsewhere.
func normalized(text string) string { return strings.TrimSpace(norm.NFC.String(text)) }
