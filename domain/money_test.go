package domain_test

import (
	"encoding/json"
	"testing"

	"runrun/domain"
)

func TestArithmeticKeepsTheCurrency(t *testing.T) {
	dollars := domain.Money{Amount: 1000, Currency: "USD"}
	for name, calculate := range map[string]func() (domain.Money, error){
		"add":           func() (domain.Money, error) { return dollars.Add(dollars) },
		"add nothing":   func() (domain.Money, error) { return dollars.Add(domain.Money{Currency: "USD"}) },
		"times":         func() (domain.Money, error) { return dollars.Times(3) },
		"times nothing": func() (domain.Money, error) { return dollars.Times(0) },
		"discounted":    func() (domain.Money, error) { return dollars.Discounted(10) },
	} {
		if got, err := calculate(); err != nil || got.Currency != "USD" {
			t.Errorf("%s: %s, %v; want an amount in USD", name, got, err)
		}
	}
}

func TestADiscountIsAShareOfThePrice(t *testing.T) {
	for percent, code := range map[int]domain.Code{-1: domain.CodeValidation, 0: "", 100: "", 101: domain.CodeValidation} {
		if _, err := domain.Won(1000).Discounted(percent); domain.CodeOf(err) != code {
			t.Errorf("%d%%: %v, want %q", percent, err, code)
		}
	}
}

// Recorded histories and clients hold this form.
func TestMoneyOnTheWireAndInLogs(t *testing.T) {
	text, err := json.Marshal(domain.Won(180000))
	if want := `{"amount":180000,"currency":"KRW"}`; err != nil || string(text) != want {
		t.Errorf("JSON is %s, %v; want %s", text, err, want)
	}
	if got := domain.Won(180000).String(); got != "180,000 KRW" {
		t.Errorf("the text is %q", got)
	}
}
