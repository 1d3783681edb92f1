package main

import (
	"fmt"
	"math"
	"strconv"
)

// number writes a value to three digits, thousands apart.
func number(v float64) string {
	switch {
	case v < 99.95:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	rounded := int(math.Round(v))
	for step := 10; rounded/step >= 1000; step *= 10 {
		rounded = (rounded + step/2) / step * step
	}
	text := ""
	for ; rounded >= 1000; rounded /= 1000 {
		text = fmt.Sprintf(",%03d", rounded%1000) + text
	}
	return strconv.Itoa(rounded) + text
}

// ratio writes how many times a value is its baseline.
func ratio(v float64) string {
	if v < 10 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}
