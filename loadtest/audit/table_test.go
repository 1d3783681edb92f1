package audit

import (
	"errors"
	"strings"
	"testing"
)

func TestTheTableCountsWhereverItLooked(t *testing.T) {
	a := balanced()
	a.Ledger.Cancels = []Movement{{"ord_2", 1000}, {"ord_of_others", 5}}
	for _, want := range []string{
		"3 orders: 1 EXPIRED 2 PLACED\n", "2 approvals and 1 cancels of these orders\n", "Temporal   3 workflows\n",
	} {
		if text := a.Table(); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	a.Workflows = nil
	if text := a.Table(); !strings.Contains(text, "Temporal   not asked\n") {
		t.Error(text)
	}
}

// A run in which everything went wrong is still read on one screen.
func TestTheTableListsTwentyFindingsAndCountsTheRest(t *testing.T) {
	for count, rest := range map[int]string{20: "", 25: "  … and 5 more\n"} {
		a := &Audit{}
		for range count {
			a.Shoppers = append(a.Shoppers, &Shopper{Fault: errors.New("timeout")})
		}
		text := a.Table()
		if n := strings.Count(text, "WRONG      unanswered: timeout\n"); n != 20 || strings.Contains(text, "more") != (rest != "") ||
			!strings.HasSuffix(text, rest) || strings.Contains(text, "Everything balances") {
			t.Errorf("%d of %d findings are listed:\n%s", n, count, text)
		}
	}
}
