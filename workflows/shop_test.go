package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"runrun/domain"
	"runrun/workflows"
)

// how a step fails.
type how string

const (
	fails        how = "error"                // before its effect, so often that it becomes visible
	loses        how = "timeout after effect" // the effect happens, the answer is lost
	failsForever how = "for ever"             // until the shop is repaired
)

// failTimes is more than the fast local tries, so that the visible activity is needed.
const failTimes = 4

// shop is a fake of everything the saga asks for. It has behaviour: units, a row that wins, a gateway with idempotency keys
// and a ledger. A step of it can be broken.
type shop struct {
	mu  sync.Mutex
	now func() time.Time

	row      workflows.OrderState
	held     int
	sold     int
	payments map[string]*domain.Payment
	refund   *domain.Refund  // the latest
	done     []domain.Refund // those that are made

	authorized map[string]bool // at the gateway
	confirmed  map[string]bool // keys that were approved
	declined   map[string]bool // keys that were declined
	charges    []string
	refunds    []string // payments with money that went back, once for each time
	returned   int64    // money that went back
	request    string   // of the latest refund
	undone     []string

	statuses  []domain.OrderStatus // which the row went through
	actors    []string             // who asked for a retry
	attention []domain.Attention   // as written into the row, in order, without repetitions

	broken map[string]how
	left   map[string]int
	// hooks run before a step, once.
	hooks map[string]func()
	// declines is how many confirms the gateway declines; faults how many confirms fail by a fault of ours, which the gateway
	// does not remember; charging lets the money move nevertheless, as if another worker had asked before.
	declines, faults int
	charging         bool
	// unsure says that the answers to fast confirms are lost; the gateway has done what it was asked.
	unsure bool
	// cancels are the answers to the next refunds that come under a new key; then they are made. As the real gateway does, it
	// repeats under a key what it answered first.
	cancels  []domain.RefundResult
	answered map[string]domain.RefundResult
	asked    int // how often a refund was requested
	// blind is how many look-ups do not show a refund yet.
	blind int
	// refused counts the faults that the row would not take for an outcome.
	refused int
	// early is how often the database says that the deadline has not passed yet.
	early int
	// releases are what ended the order.
	releases []workflows.ReleaseInput
	// extendBy is by how much the time to pay may be extended; once.
	extendBy time.Duration
	// unsold says that the units of an order that ended are still on sale.
	unsold bool
	// gone says that the gateway has never heard of the payment.
	gone bool
}

func newShop() *shop {
	return &shop{
		row:        workflows.OrderState{Status: domain.StatusReceived},
		payments:   map[string]*domain.Payment{},
		authorized: map[string]bool{},
		confirmed:  map[string]bool{},
		declined:   map[string]bool{},
		answered:   map[string]domain.RefundResult{},
		broken:     map[string]how{},
		left:       map[string]int{},
		hooks:      map[string]func(){},
	}
}

// fail breaks a step.
func (s *shop) fail(step string, h how) {
	s.broken[step], s.left[step] = h, failTimes
	if h == loses {
		s.left[step] = 1
	}
}

// repair mends everything.
func (s *shop) repair() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = map[string]how{}
}

var errBroken = errors.New("broken")

// run performs a step, or fails in the way it is broken.
func (s *shop) run(step string, effect func()) error {
	s.mu.Lock()
	hook := s.hooks[step]
	delete(s.hooks, step)
	s.mu.Unlock()
	if hook != nil {
		hook()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.broken[step]
	if h != "" && h != failsForever {
		if s.left[step]--; s.left[step] == 0 {
			delete(s.broken, step)
		}
	}
	if h == fails || h == failsForever {
		return errBroken
	}
	effect()
	if h == loses {
		return errBroken
	}
	return nil
}

func (s *shop) become(next domain.OrderStatus, reason string) bool {
	if !s.row.Status.CanBecome(next) {
		return false
	}
	s.row.Status, s.row.Reason = next, reason
	s.statuses = append(s.statuses, next)
	return true
}

func (s *shop) Reserve(_ context.Context, in workflows.ReserveInput) (state workflows.OrderState, err error) {
	err = s.run("Reserve", func() {
		if s.row.Status == domain.StatusReceived && s.become(domain.StatusHeld, "") {
			s.held, s.row.PayBy = 1, s.now().Add(in.PayWithin)
		}
	})
	return s.row, err
}

func (s *shop) Release(_ context.Context, in workflows.ReleaseInput) (workflows.OrderState, error) {
	early := false
	err := s.run("Release", func() {
		if in.End == domain.StatusExpired && (s.early > 0 || s.now().Before(s.row.PayBy)) {
			s.early--
			early = true
			return
		}
		s.releases = append(s.releases, in)
		for _, p := range s.payments {
			if p.Status == domain.PaymentIntent || p.Status == domain.PaymentUnknown || p.Status == domain.PaymentDone {
				return
			}
		}
		if s.become(in.End, in.Reason) {
			s.held = 0
			s.undone = append(s.undone, "Release")
		}
	})
	state := s.row
	state.NotDue = early
	return state, err
}

func (s *shop) ExtendHold(context.Context, workflows.ExtendInput) (workflows.OrderState, error) {
	err := s.run("ExtendHold", func() {
		if s.row.Status == domain.StatusHeld && s.extendBy > 0 && s.now().Before(s.row.PayBy) {
			s.row.PayBy, s.row.Reason, s.extendBy = s.row.PayBy.Add(s.extendBy), domain.ReasonExtended, 0
		}
	})
	return s.row, err
}

func (s *shop) RecordPaymentIntent(_ context.Context, in workflows.IntentInput) (answer workflows.IntentAnswer, err error) {
	err = s.run("RecordPaymentIntent", func() {
		for _, p := range s.payments {
			if p.PaymentKey == in.PaymentKey || in.PaymentKey == "" && (p.Status == domain.PaymentIntent || p.Status == domain.PaymentUnknown) {
				answer.Intent = &domain.Intent{Payment: *p}
			}
		}
		if answer.Intent == nil && in.PaymentKey != "" && s.now().Before(s.row.PayBy) && s.become(domain.StatusPaying, "") {
			p := domain.Payment{
				OrderID:    in.OrderID,
				PaymentKey: in.PaymentKey,
				Attempt:    len(s.payments) + 1,
				Amount:     domain.Won(1000),
				Status:     domain.PaymentIntent,
			}
			s.payments[in.PaymentKey] = &p
			answer.Intent = &domain.Intent{Payment: p, New: true}
		}
	})
	answer.State = s.row
	return answer, err
}

func (s *shop) Place(_ context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	err := s.run("Place", func() {
		s.payments[in.PaymentKey].Status = domain.PaymentDone
		if s.become(domain.StatusPlaced, "") {
			s.held, s.sold = 0, 1
			s.row.NextAt = s.now().Add(in.ShipAfter)
		} else if s.row.Status != domain.StatusPlaced && s.refund == nil {
			s.refund = &domain.Refund{OrderID: in.OrderID, PaymentKey: in.PaymentKey, Amount: domain.Won(1000), Status: domain.RefundIntent}
		}
	})
	return s.row, err
}

func (s *shop) Decline(_ context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	err := s.run("Decline", func() {
		p := s.payments[in.PaymentKey]
		if in.Result.Outcome == domain.OutcomeFault {
			if p.Status == domain.PaymentIntent {
				p.Status = domain.PaymentCanceled
				s.become(domain.StatusHeld, domain.ReasonPaymentFault)
			} else {
				s.refused++
			}
			return
		}
		if p.Status != domain.PaymentIntent && p.Status != domain.PaymentUnknown {
			return
		}
		p.Status = domain.PaymentDeclined
		s.row.Declines++
		s.become(domain.StatusHeld, domain.ReasonDeclined)
	})
	return s.row, err
}

func (s *shop) MarkPaymentUnknown(_ context.Context, in workflows.SettleInput) (workflows.OrderState, error) {
	err := s.run("MarkPaymentUnknown", func() { s.payments[in.PaymentKey].Status = domain.PaymentUnknown })
	return s.row, err
}

func (s *shop) SetAttention(_ context.Context, in workflows.AttentionInput) (workflows.OrderState, error) {
	err := s.run("SetAttention", func() {
		s.row.Attention = in.Attention
		if in.By != "" {
			s.actors = append(s.actors, in.By+": "+in.Note)
		}
		if len(s.attention) == 0 || s.attention[len(s.attention)-1] != in.Attention {
			s.attention = append(s.attention, in.Attention)
		}
	})
	return s.row, err
}

func (s *shop) MoveOrder(_ context.Context, in workflows.MoveInput) (workflows.OrderState, error) {
	err := s.run("MoveOrder", func() {
		byItself := in.To == domain.StatusInTransit || in.To == domain.StatusDelivered || in.To == domain.StatusCompleted
		late := in.To == domain.StatusReturning && !in.Staff && (s.row.Status != domain.StatusDelivered || !s.now().Before(s.row.ReturnBy))
		if byItself && (s.early > 0 || s.now().Before(s.row.NextAt)) {
			s.early--
			return
		}
		if late || !s.become(in.To, in.Reason) {
			return
		}
		s.row.NextAt = time.Time{}
		if in.NextAfter > 0 {
			s.row.NextAt = s.now().Add(in.NextAfter)
		}
		if in.ReturnWithin > 0 {
			s.row.ReturnBy = s.now().Add(in.ReturnWithin)
		}
		if in.By != "" {
			s.actors = append(s.actors, in.By+": "+in.Note)
		}
	})
	return s.row, err
}

func (s *shop) RestockOrder(_ context.Context, in workflows.RestockInput) (workflows.OrderState, error) {
	err := s.run("RestockOrder", func() {
		end := map[domain.OrderStatus]domain.OrderStatus{
			domain.StatusCanceling: domain.StatusCanceled, domain.StatusReturning: domain.StatusReturned,
		}[s.row.Status]
		if s.back() == paidAmount && s.become(end, s.row.Reason) {
			s.sold = 0
			s.undone = append(s.undone, "RestockOrder")
		}
	})
	return s.row, err
}

// paidAmount is what every order of the shop costs.
const paidAmount = 1000

// back is how much of the payment the rows say is back.
func (s *shop) back() (sum int64) {
	for _, r := range s.done {
		sum += r.Amount.Amount
	}
	return sum
}

func (s *shop) RecordRefundIntent(_ context.Context, in workflows.RefundInput) (refund *domain.Refund, err error) {
	left := paidAmount - s.back()
	if in.Amount > left {
		return nil, temporal.NewNonRetryableApplicationError("more than is left", string(domain.CodeValidation), nil)
	}
	err = s.run("RecordRefundIntent", func() {
		known := s.refund != nil && (s.refund.Status != domain.RefundDone || left == 0 || in.Request != "" && in.Request == s.request)
		if p := s.payments[in.PaymentKey]; !known && !in.OpenOnly && p != nil && p.Status == domain.PaymentDone {
			amount := left
			if in.Amount > 0 {
				amount = in.Amount
			}
			s.request = in.Request
			s.refund = &domain.Refund{
				OrderID: in.OrderID, PaymentKey: in.PaymentKey, Seq: len(s.done) + 1, Amount: domain.Won(amount), Reason: in.Reason,
				Status: domain.RefundIntent, Before: s.returned, Paid: paidAmount,
			}
			known = true
		}
		if known {
			answer := *s.refund
			refund = &answer
		}
	})
	return refund, err
}

func (s *shop) RecordRefund(_ context.Context, in workflows.RefundRecord) (domain.RefundStatus, error) {
	err := s.run("RecordRefund", func() {
		if s.refund.Status == domain.RefundDone {
			return
		}
		s.refund.Status, s.refund.Code, s.refund.Attempt = in.Status, in.Code, max(s.refund.Attempt, in.Attempt)
		if in.Status != domain.RefundDone {
			return
		}
		s.done = append(s.done, *s.refund)
		if s.back() == paidAmount {
			s.payments[in.PaymentKey].Status = domain.PaymentCanceled
		}
	})
	return in.Status, err
}

func (s *shop) RecordLateApproval(_ context.Context, in workflows.LateApproval) (refund *domain.Refund, err error) {
	err = s.run("RecordLateApproval", func() {
		if p := s.payments[in.PaymentKey]; p != nil && p.Status == domain.PaymentDone && s.row.Status.Paid() {
			return
		}
		s.payments[in.PaymentKey] = &domain.Payment{OrderID: in.OrderID, PaymentKey: in.PaymentKey, Status: domain.PaymentDone}
		if s.refund == nil {
			s.refund = &domain.Refund{
				OrderID: in.OrderID, PaymentKey: in.PaymentKey, Seq: 1, Amount: domain.Won(paidAmount), Status: domain.RefundIntent, Paid: paidAmount,
			}
		}
		refund = s.refund
	})
	return refund, err
}

func (s *shop) ReviveOrder(_ context.Context, in workflows.LateApproval) (workflows.OrderState, error) {
	err := s.run("ReviveOrder", func() {
		if s.row.Status.Revivable() && s.unsold {
			s.row.Status, s.row.NextAt, s.sold, s.unsold = domain.StatusPlaced, s.now().Add(in.ShipAfter), 1, false
			s.payments[in.PaymentKey] = &domain.Payment{OrderID: in.OrderID, PaymentKey: in.PaymentKey, Status: domain.PaymentDone}
		}
	})
	return s.row, err
}

// ConfirmPayment is the gateway. A broken one answers that the outcome is unknown.
func (s *shop) ConfirmPayment(_ context.Context, in workflows.ConfirmInput) (domain.PaymentResult, error) {
	result, err := s.confirm("ConfirmPayment", in)
	if err != nil {
		return domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: "NO_ANSWER"}, nil
	}
	return result, nil
}

// ConfirmPaymentFast is the same gateway. A broken one is an error.
func (s *shop) ConfirmPaymentFast(_ context.Context, in workflows.ConfirmInput) (domain.PaymentResult, error) {
	result, err := s.confirm("ConfirmPaymentFast", in)
	if s.unsure && err == nil {
		result = domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: "NO_ANSWER"}
	}
	return result, err
}

// confirm confirms a payment: the same key is one charge.
func (s *shop) confirm(step string, in workflows.ConfirmInput) (result domain.PaymentResult, err error) {
	err = s.run(step, func() {
		key := in.Payment.PaymentKey
		switch {
		case s.faults > 0:
			s.faults--
			if s.charging {
				s.charging = false
				s.confirmed[in.IdempotencyKey], s.charges = true, append(s.charges, key)
			}
			result = domain.PaymentResult{Outcome: domain.OutcomeFault, Code: "UNAUTHORIZED_KEY"}
			return
		case s.declined[in.IdempotencyKey], s.declines > 0:
			if !s.declined[in.IdempotencyKey] {
				s.declined[in.IdempotencyKey] = true
				s.declines--
			}
			result = domain.PaymentResult{Outcome: domain.OutcomeDeclined, Code: "REJECT_CARD_PAYMENT"}
			return
		case !s.confirmed[in.IdempotencyKey]:
			s.confirmed[in.IdempotencyKey] = true
			s.charges = append(s.charges, key)
		}
		result = domain.PaymentResult{Outcome: domain.OutcomePaid, ApprovedAt: s.now()}
	})
	return result, err
}

func (s *shop) LookUpPayment(_ context.Context, in domain.Payment) (result domain.PaymentResult, _ error) {
	err := s.run("LookUpPayment", func() {
		result = domain.PaymentResult{Outcome: domain.OutcomeUnconfirmed}
		if s.gone {
			result.Outcome = domain.OutcomeMissing
		}
		if slices.Contains(s.charges, in.PaymentKey) {
			result = domain.PaymentResult{Outcome: domain.OutcomePaid, ApprovedAt: s.now()}
		}
		if s.blind--; s.blind < 0 && slices.Contains(s.refunds, in.PaymentKey) {
			if result.Refunded = s.returned; s.returned == 0 { // it was made outside the shop, all of it
				result.Refunded = paidAmount
			}
		}
	})
	if err != nil {
		return domain.PaymentResult{Outcome: domain.OutcomeUnknown, Code: "NO_ANSWER"}, nil
	}
	return result, nil
}

func (s *shop) CancelPayment(_ context.Context, in workflows.CancelInput) (result domain.RefundResult, _ error) {
	err := s.run("CancelPayment", func() {
		s.asked++
		given, replayed := s.answered[in.IdempotencyKey]
		if replayed {
			result = given
			return
		}
		result = domain.RefundResult{Outcome: domain.Refunded, Answered: true}
		if len(s.cancels) > 0 {
			result, s.cancels = s.cancels[0], s.cancels[1:]
		} else if in.Refundable == paidAmount-s.returned && in.Amount <= in.Refundable {
			s.refunds, s.returned = append(s.refunds, in.Payment.PaymentKey), s.returned+in.Amount
			s.undone = append(s.undone, "CancelPayment")
		} else {
			result = domain.RefundResult{Outcome: domain.RefundUnproven, Code: "NOT_MATCHES_REFUNDABLE_AMOUNT", Answered: true}
		}
		s.answered[in.IdempotencyKey] = result
	})
	if err != nil {
		return domain.RefundResult{Outcome: domain.RefundUnproven, Code: "NO_ANSWER"}, nil
	}
	return result, nil
}

// denied is a refund that the gateway refuses for good.
var denied = domain.RefundResult{Outcome: domain.RefundDenied, Code: "REFUND_REJECTED", Answered: true}

var (
	_ workflows.OrderActivities       = (*shop)(nil)
	_ workflows.PaymentActivities     = (*shop)(nil)
	_ workflows.FastPaymentActivities = (*shop)(nil)
)

// run is an order's workflow in a test environment whose clock jumps.
type run struct {
	*testsuite.TestWorkflowEnvironment
	t    *testing.T
	shop *shop
	in   *workflows.OrderInput
}

func newRun(t *testing.T) run {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(time.Minute)
	s := newShop()
	s.now = env.Now
	env.RegisterWorkflow(workflows.OrderWorkflow)
	env.RegisterActivity(s)
	in := input
	return run{env, t, s, &in}
}

var input = workflows.OrderInput{
	OrderID: "ord_saga", UserID: "usr_a", ProductIDs: []domain.ProductID{"prd_a"}, Name: "Sneaker", Due: domain.Won(1000),
	PayWithin: 10 * time.Minute, AttentionAfter: 2 * time.Minute,
}

// at does something after the given time.
func (r run) at(after time.Duration, do func()) { r.RegisterDelayedCallback(do, after) }

// answer is what an update was answered. It is filled in when the workflow has run.
type answer struct {
	accepted bool
	rejected error
	view     workflows.OrderView
	err      error
	done     bool
}

// update sends an update.
func (r run) update(name, id string, args ...any) *answer {
	var a answer
	r.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
		OnAccept: func() { a.accepted = true },
		OnReject: func(err error) { a.rejected = err },
		OnComplete: func(result any, err error) {
			a.done, a.err = true, err
			if view, ok := result.(workflows.OrderView); ok {
				a.view = view
			}
		},
	}, args...)
	return &a
}

func (r run) pay(key string) *answer {
	return r.update(workflows.PayUpdate, workflows.PayUpdateID(key), workflows.PayRequest{PaymentKey: key})
}

// view asks the running workflow.
func (r run) view() workflows.OrderView {
	r.t.Helper()
	value, err := r.QueryWorkflow(workflows.OrderQuery)
	if err != nil {
		r.t.Fatal(err)
	}
	var view workflows.OrderView
	if err := value.Get(&view); err != nil {
		r.t.Fatal(err)
	}
	return view
}

// end runs the workflow to its end.
func (r run) end() workflows.OrderView {
	r.t.Helper()
	r.ExecuteWorkflow(workflows.OrderWorkflow, *r.in)
	if !r.IsWorkflowCompleted() {
		r.t.Fatal("the workflow did not end")
	}
	var view workflows.OrderView
	if err := r.GetWorkflowResult(&view); err != nil {
		r.t.Fatalf("the workflow failed: %v", err)
	}
	return view
}

// codeOf is the code of a refused update.
func codeOf(err error) domain.Code {
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		return domain.Code(refused.Type())
	}
	return ""
}
