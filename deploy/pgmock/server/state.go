package server

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"
)

// Entry is one movement of money.
type Entry struct {
	OrderID    string    `json:"orderId"`
	PaymentKey string    `json:"paymentKey"`
	Amount     int64     `json:"amount"`
	At         time.Time `json:"at"`
}

// Ledger is all money that moved, in order.
type Ledger struct {
	Approvals []Entry `json:"approvals"`
	Cancels   []Entry `json:"cancels"`
}

// Transaction is a movement as the transactions call lists it.
type Transaction struct {
	MID            string `json:"mId"`
	TransactionKey string `json:"transactionKey"`
	PaymentKey     string `json:"paymentKey"`
	OrderID        string `json:"orderId"`
	Method         string `json:"method"`
	Status         string `json:"status"`
	TransactionAt  string `json:"transactionAt"`
	Currency       string `json:"currency"`
	Amount         int64  `json:"amount"`

	CustomerKey *string `json:"customerKey"`
	UseEscrow   bool    `json:"useEscrow"`
	ReceiptURL  *string `json:"receiptUrl"`
}

// state is all that the mock remembers; mu guards it.
type state struct {
	mu           sync.Mutex
	Payments     map[string]*Payment
	Authorized   map[string]time.Time
	ByOrder      map[string][]string // payment keys of an order, oldest first
	Ledger       Ledger
	Transactions []Transaction
	Records      map[string]*record

	// expired is told of sessions that ended unconfirmed.
	expired func(*Payment)
}

func newState() *state {
	return &state{
		expired:    func(*Payment) {},
		Payments:   map[string]*Payment{},
		Authorized: map[string]time.Time{},
		ByOrder:    map[string][]string{},
		Records:    map[string]*record{},
		Ledger:     Ledger{Approvals: []Entry{}, Cancels: []Entry{}},
	}
}

// add remembers an authorized session.
func (s *state) add(p *Payment) {
	s.Payments[p.PaymentKey] = p
	s.Authorized[p.PaymentKey] = p.AuthorizedAt
	s.ByOrder[p.OrderID] = append(s.ByOrder[p.OrderID], p.PaymentKey)
}

// find returns a payment, expired if its session is over.
func (s *state) find(key string, confirmWithin time.Duration, now time.Time) *Payment {
	p := s.Payments[key]
	if p != nil && p.Status == inProgress && now.Sub(p.AuthorizedAt) >= confirmWithin {
		p.expire()
		s.expired(p)
	}
	return p
}

// move writes a movement of money into the ledger and the list of transactions.
func (s *state) move(p *Payment, amount int64, now time.Time) {
	entry := Entry{OrderID: p.OrderID, PaymentKey: p.PaymentKey, Amount: amount, At: now}
	signed := amount
	if p.Status == done {
		s.Ledger.Approvals = append(s.Ledger.Approvals, entry)
	} else {
		s.Ledger.Cancels = append(s.Ledger.Cancels, entry)
		signed = -amount
	}
	var receipt *string
	if p.Receipt != nil {
		receipt = &p.Receipt.URL
	}
	s.Transactions = append(s.Transactions, Transaction{
		UseEscrow: p.UseEscrow, ReceiptURL: receipt,
		MID: p.MID, TransactionKey: *p.LastTransactionKey, PaymentKey: p.PaymentKey, OrderID: p.OrderID, Method: *p.Method,
		Status: p.Status, TransactionAt: stamp(now), Currency: p.Currency, Amount: signed,
	})
}

// load reads what save wrote; a missing file is an empty state.
func load(file string) (*state, error) {
	s := newState()
	if file == "" {
		return s, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // the path is the operator's
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	for key, at := range s.Authorized {
		s.Payments[key].AuthorizedAt = at
	}
	return s, nil
}

// save writes the state to a file, whole or not at all.
func (s *state) save(file string) error {
	if file == "" {
		return nil
	}
	s.mu.Lock()
	text, err := json.Marshal(s)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// newKey makes a key that cannot be guessed.
func newKey(prefix string) string {
	var raw [12]byte
	_, _ = rand.Read(raw[:])
	return prefix + hex.EncodeToString(raw[:])
}
