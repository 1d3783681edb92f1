package server

import (
	"math"
	"time"
)

// Statuses of a payment.
const (
	inProgress      = "IN_PROGRESS"
	done            = "DONE"
	canceled        = "CANCELED"
	partialCanceled = "PARTIAL_CANCELED"
	aborted         = "ABORTED"
	expired         = "EXPIRED"
)

// seoul is the zone of the gateway's times, +09:00.
var seoul = time.FixedZone("KST", 9*60*60)

// Payment is the gateway's payment object. Fields that do not apply are null on the wire.
type Payment struct {
	Version             string   `json:"version"`
	PaymentKey          string   `json:"paymentKey"`
	Type                string   `json:"type"`
	OrderID             string   `json:"orderId"`
	OrderName           string   `json:"orderName"`
	MID                 string   `json:"mId"`
	Currency            string   `json:"currency"`
	Method              *string  `json:"method"`
	TotalAmount         int64    `json:"totalAmount"`
	BalanceAmount       int64    `json:"balanceAmount"`
	Status              string   `json:"status"`
	RequestedAt         string   `json:"requestedAt"`
	ApprovedAt          *string  `json:"approvedAt"`
	UseEscrow           bool     `json:"useEscrow"`
	LastTransactionKey  *string  `json:"lastTransactionKey"`
	SuppliedAmount      int64    `json:"suppliedAmount"`
	VAT                 int64    `json:"vat"`
	TaxFreeAmount       int64    `json:"taxFreeAmount"`
	TaxExemptionAmount  int64    `json:"taxExemptionAmount"`
	CultureExpense      bool     `json:"cultureExpense"`
	Secret              *string  `json:"secret"`
	GiftCertificate     any      `json:"giftCertificate"`
	CashReceipts        any      `json:"cashReceipts"`
	Metadata            any      `json:"metadata"`
	Cancels             []Cancel `json:"cancels"`
	IsPartialCancelable bool     `json:"isPartialCancelable"`
	Card                *Card    `json:"card"`
	EasyPay             any      `json:"easyPay"`
	VirtualAccount      any      `json:"virtualAccount"`
	Transfer            any      `json:"transfer"`
	MobilePhone         any      `json:"mobilePhone"`
	Receipt             *Link    `json:"receipt"`
	Checkout            *Link    `json:"checkout"`
	Country             string   `json:"country"`
	Failure             *Failure `json:"failure"`
	CashReceipt         any      `json:"cashReceipt"`
	Discount            any      `json:"discount"`

	// AuthorizedAt is when the shopper pressed "pay"; the session ends a while after it. Not on the wire.
	AuthorizedAt time.Time `json:"-"`
}

// Cancel is one cancellation of a payment.
type Cancel struct {
	CancelAmount     int64  `json:"cancelAmount"`
	CancelReason     string `json:"cancelReason"`
	CanceledAt       string `json:"canceledAt"`
	TransactionKey   string `json:"transactionKey"`
	RefundableAmount int64  `json:"refundableAmount"`
	CancelStatus     string `json:"cancelStatus"`

	TaxFreeAmount         int64   `json:"taxFreeAmount"`
	TaxExemptionAmount    int64   `json:"taxExemptionAmount"`
	EasyPayDiscountAmount int64   `json:"easyPayDiscountAmount"`
	ReceiptKey            *string `json:"receiptKey"`
	CancelRequestID       *string `json:"cancelRequestId"`
}

// Card is how a payment was made.
type Card struct {
	Amount                int64  `json:"amount"`
	IssuerCode            string `json:"issuerCode"`
	Number                string `json:"number"`
	InstallmentPlanMonths int    `json:"installmentPlanMonths"`
	ApproveNo             string `json:"approveNo"`
	CardType              string `json:"cardType"`
	OwnerType             string `json:"ownerType"`
	AcquireStatus         string `json:"acquireStatus"`
	IsInterestFree        bool   `json:"isInterestFree"`

	AcquirerCode  string  `json:"acquirerCode"`
	UseCardPoint  bool    `json:"useCardPoint"`
	InterestPayer *string `json:"interestPayer"`
}

// Link is a page about the payment.
type Link struct {
	URL string `json:"url"`
}

// Failure is why a payment was aborted.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// newPayment is a session that the shopper has just authorized.
func newPayment(key, orderID, orderName string, amount int64, now time.Time) *Payment {
	secret := newKey("ps_")
	p := &Payment{
		Version:             "2022-11-16",
		PaymentKey:          key,
		Type:                "NORMAL",
		OrderID:             orderID,
		OrderName:           orderName,
		MID:                 "mock_runrun",
		Currency:            "KRW",
		TotalAmount:         amount,
		BalanceAmount:       amount,
		Status:              inProgress,
		RequestedAt:         stamp(now),
		IsPartialCancelable: true,
		Country:             "KR",
		AuthorizedAt:        now,
		Secret:              &secret,
		Checkout:            &Link{URL: "https://mock.invalid/checkout/" + key},
	}
	p.tax()
	return p
}

// tax splits what is left of the amount: the value-added tax is an eleventh of what is taxed, and shrinks with cancels.
func (p *Payment) tax() {
	p.VAT = int64(math.Round(float64(p.BalanceAmount-p.TaxFreeAmount) / 11))
	p.SuppliedAmount = p.BalanceAmount - p.TaxFreeAmount - p.VAT
}

// approve moves the money.
func (p *Payment) approve(transactionKey string, now time.Time) {
	method, at := "카드", stamp(now)
	p.Status, p.Method, p.ApprovedAt, p.LastTransactionKey = done, &method, &at, &transactionKey
	p.Card = &Card{
		Amount: p.TotalAmount, IssuerCode: "4V", Number: "43301234****123*", ApproveNo: "00000000", CardType: "신용",
		OwnerType: "개인", AcquireStatus: "READY", AcquirerCode: "41",
	}
	p.Receipt = &Link{URL: "https://mock.invalid/receipt/" + p.PaymentKey}
}

// cancel moves money back.
func (p *Payment) cancel(amount int64, reason, transactionKey string, now time.Time) {
	p.BalanceAmount -= amount
	p.tax()
	p.Status = partialCanceled // parts that add up to everything end so, too
	if amount == p.TotalAmount {
		p.Status = canceled
	}
	p.LastTransactionKey = &transactionKey
	p.Cancels = append(p.Cancels, Cancel{
		CancelAmount: amount, CancelReason: reason, CanceledAt: stamp(now), TransactionKey: transactionKey,
		RefundableAmount: p.BalanceAmount, CancelStatus: "DONE",
	})
}

// expire ends a session that nobody confirmed in time.
func (p *Payment) expire() {
	f := fail(confirmErrors, "NOT_FOUND_PAYMENT_SESSION")
	p.Status, p.Failure = expired, &Failure{Code: f.Code, Message: f.Message}
}

// abort ends a session without money.
func (p *Payment) abort(f *failure) {
	p.Status, p.Failure = aborted, &Failure{Code: f.Code, Message: f.Message}
}

func stamp(t time.Time) string { return t.In(seoul).Format("2006-01-02T15:04:05-07:00") }

// localStamp is the time of a webhook, which comes without a zone.
func localStamp(t time.Time) string { return t.In(seoul).Format("2006-01-02T15:04:05.999999") }
