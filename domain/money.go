package domain

import (
	"math"
	"strconv"
)

// Money is an amount in the currency's minor unit (ISO 4217). The won has none, so 1,000 is ₩1,000.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// KRW is the currency of the shop and of its gateway.
const KRW = "KRW"

// Won makes an amount of won.
func Won(amount int64) Money { return Money{Amount: amount, Currency: KRW} }

// Add returns m + other.
// Errors: Validation if the currencies differ or the sum does not fit.
func (m Money) Add(other Money) (Money, error) {
	if m.Currency != other.Currency {
		return Money{}, Errorf(CodeValidation, "cannot add %s to %s", other.Currency, m.Currency)
	}
	sum := m.Amount + other.Amount
	if (sum > m.Amount) != (other.Amount > 0) && other.Amount != 0 {
		return Money{}, Errorf(CodeValidation, "the amount is too large")
	}
	return Money{Amount: sum, Currency: m.Currency}, nil
}

// Times returns m × n.
// Errors: Validation if the product does not fit.
func (m Money) Times(n int64) (Money, error) {
	if n != 0 && m.Amount != 0 {
		product := m.Amount * n
		if product/n != m.Amount || (m.Amount == -1 && n == math.MinInt64) || (n == -1 && m.Amount == math.MinInt64) {
			return Money{}, Errorf(CodeValidation, "the amount is too large")
		}
	}
	return Money{Amount: m.Amount * n, Currency: m.Currency}, nil
}

// Discounted returns m less percent of it, rounded down to the minor unit.
// Errors: Validation if percent is not 0–100.
func (m Money) Discounted(percent int) (Money, error) {
	if percent < 0 || percent > 100 {
		return Money{}, Errorf(CodeValidation, "a discount is 0 to 100 percent, not %d", percent)
	}
	whole, rest := m.Amount/100, m.Amount%100
	keep := int64(100 - percent)
	return Money{Amount: whole*keep + rest*keep/100, Currency: m.Currency}, nil
}

// String returns the amount, its thousands grouped, with its currency, for people who read logs and workflow summaries.
func (m Money) String() string {
	digits := strconv.FormatInt(m.Amount, 10)
	first := len(digits)
	for first -= 3; first > 0 && digits[first-1] != '-'; first -= 3 {
		digits = digits[:first] + "," + digits[first:]
	}
	return digits + " " + m.Currency
}
