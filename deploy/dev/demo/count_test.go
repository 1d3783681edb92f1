package demo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"runrun/deploy/dev/system"
	pgmock "runrun/deploy/pgmock/server"
	"runrun/domain"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// drop is how a drop ended: what shoppers saw, what the shop sold and holds, and what the gateway approved.
type drop struct {
	paid, canceled       int // shoppers; the others were refused
	sold, held, approved int // units, units and payments
	err                  error
}

// shoppers are those of the drop, the paid ones first.
func (d drop) shoppers() []*Shopper {
	all := make([]*Shopper, dropShoppers)
	for i := range all {
		all[i] = &Shopper{OrderID: fmt.Sprintf("ord_demo-%02d", i), Outcome: string(domain.CodeSoldOut)}
		switch {
		case i < d.paid:
			all[i].Outcome = string(domain.StatusPlaced)
		case i < d.paid+d.canceled:
			all[i].Outcome = string(domain.StatusCanceled)
		}
	}
	all[dropShoppers-1].Err = d.err
	return all
}

// stock writes the shop's rows, and returns the product.
func (d drop) stock(t *testing.T, s *store.Store) domain.ProductID {
	t.Helper()
	product := storetest.Product(t, s, dropUnits)
	if d.sold > 0 {
		id := storetest.Held(t, s, "usr_paid", storetest.Item(product, d.sold))
		storetest.Exec(t, s, "UPDATE reservations SET status = 'SOLD' WHERE order_id = ?", id)
	}
	if d.held > 0 {
		storetest.Held(t, s, "usr_unpaid", storetest.Item(product, d.held))
	}
	return product.ID
}

// approve lets the gateway approve a payment.
func approve(t *testing.T, pg *pgmock.Server, orderID string) {
	t.Helper()
	body := fmt.Sprintf(`{"paymentKey":%q,"orderId":%q,"amount":1000}`, pg.Authorize(orderID, "Moon Jar", 1000), orderID)
	r, err := http.NewRequest(http.MethodPost, pg.URL()+"/v1/payments/confirm", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("sk:")))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("approve %s: %s", orderID, resp.Status)
	}
}

// run counts the drop, and returns what was printed.
func (d drop) run(t *testing.T) (string, error) {
	t.Helper()
	pg, err := pgmock.New(pgmock.Config{Listen: "127.0.0.1:0", SecretKey: "sk", ConfirmWithin: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pg.Stop() })
	s := &system.System{Store: storetest.Open(t, storetest.SQLite(t)), PGMock: pg}
	shoppers := d.shoppers()
	approve(t, pg, "ord_of-somebody-else") // the gateway serves others, too
	for _, sh := range shoppers[:d.approved] {
		approve(t, pg, sh.OrderID)
	}
	var out bytes.Buffer
	err = count(t.Context(), s, d.stock(t, s.Store), shoppers, 1234*time.Millisecond, &out)
	return out.String(), err
}

// The demo fails if one unit or one approval is too many or too few: that is what it is for.
func TestTheDemoFailsIfSomethingDoesNotBalance(t *testing.T) {
	for name, c := range map[string]struct {
		drop drop
		want string // what the error says; empty if everything balances
	}{
		"everything balances":         {drop{paid: 20, sold: 20, approved: 20}, ""},
		"some canceled":               {drop{paid: 15, canceled: 5, sold: 15, approved: 15}, ""},
		"an approval is missing":      {drop{paid: 20, sold: 20, approved: 19}, "19 approvals"},
		"an approval is too many":     {drop{paid: 19, canceled: 1, sold: 19, approved: 20}, "20 approvals"},
		"a unit was not sold":         {drop{paid: 20, sold: 19, approved: 20}, "19 units sold"},
		"a unit was sold for nothing": {drop{paid: 19, canceled: 1, sold: 20, approved: 19}, "20 units sold"},
		"a unit is held for ever":     {drop{paid: 19, canceled: 1, sold: 19, held: 1, approved: 19}, "does not balance"},
		"a winner too many":           {drop{paid: 20, canceled: 1, sold: 20, approved: 20}, "21 winners and 39 refused"},
		"a winner too few":            {drop{paid: 19, sold: 19, approved: 19}, "19 winners and 41 refused"},
		"a shopper met an error":      {drop{paid: 20, sold: 20, approved: 20, err: errors.New("connection refused")}, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := c.drop.run(t)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q\n%s", err, c.want, out)
			}
			if balances := strings.Contains(out, "Everything balances."); balances != (c.want == "") {
				t.Errorf("printed that everything balances: %t\n%s", balances, out)
			}
		})
	}
}

// last returns the last word of the first line with the text.
func last(out, text string) string {
	for line := range strings.Lines(out) {
		if words := strings.Fields(line); strings.Contains(line, text) && len(words) > 0 {
			return words[len(words)-1]
		}
	}
	return ""
}

func TestTheTableCountsWhatShoppersWereTold(t *testing.T) {
	out, err := drop{paid: 13, canceled: 7, sold: 13, approved: 13}.run(t)
	if err != nil {
		t.Fatal(err)
	}
	for row, want := range map[string]string{
		"PLACED": "13", "CANCELED": "7", "SOLD_OUT": "40", "EXPIRED": "0", "PAYMENT_FAILED": "0",
	} {
		if got := last(out, row); got != want {
			t.Errorf("the row of %s ends with %q, want %q:\n%s", row, got, want, out)
		}
	}
	for _, want := range []string{"20 = 7 available + 0 held + 13 sold", "13 approvals for 13 paid orders", "1234 ms"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not printed:\n%s", want, out)
		}
	}
}

func TestTheDemoNeedsTheMock(t *testing.T) {
	if err := Run(t.Context(), &system.System{}, io.Discard); err == nil || !strings.Contains(err.Error(), "PG_URL") {
		t.Errorf("got %v, want an error that says what to unset", err)
	}
}

// A drop is a rush: each shopper acts while the others do, and nobody is counted before all have acted.
func TestEveryoneActsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it fails at once if they wait for one another
		shoppers := []*Shopper{{}, {}, {}}
		var here sync.WaitGroup
		here.Add(len(shoppers))
		everyone(shoppers, func(i int, sh *Shopper) {
			here.Done()
			here.Wait()
			sh.OrderID = fmt.Sprint(i)
		})
		for i, sh := range shoppers {
			if sh.OrderID != fmt.Sprint(i) {
				t.Errorf("shopper %d acted as %q", i, sh.OrderID)
			}
		}
	})
}
