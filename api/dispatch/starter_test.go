package dispatch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
	"runrun/workflows"
)

// rows are the orders' rows.
type rows struct {
	mu    sync.Mutex
	order domain.Order
}

func (r *rows) Get(context.Context, domain.OrderID) (domain.Order, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.order, nil
}

func (r *rows) Decided(ctx context.Context, _ domain.Order, _ time.Duration) (domain.Order, error) {
	return r.Get(ctx, "")
}

var (
	unpaid = domain.Order{
		ID:     "ord_a",
		UserID: "usr_a",
		Status: domain.StatusHeld,
		Name:   "Moon Jar",
		Due:    domain.Won(1000),
		Items:  []domain.OrderItem{{ProductID: "prd_a"}},
	}
	started = serviceerror.NewWorkflowExecutionAlreadyStarted("started", "", "")
)

func newTestStarter(t *testing.T, c *mocks.Client, row domain.Order) *Starter {
	t.Helper()
	s, err := NewStarter(c, &rows{order: row}, InputConfig{Settings: workflows.Settings{PayWithin: time.Minute, AttentionAfter: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.AssertExpectations(t) })
	return s
}

// expectStart expects one start under the policy, and lets it end with err.
func expectStart(c *mocks.Client, reuse enums.WorkflowIdReusePolicy, err error) {
	c.On("ExecuteWorkflow", mock.Anything, mock.MatchedBy(func(o client.StartWorkflowOptions) bool {
		return o.ID == "order/ord_a" && o.TaskQueue == workflows.OrdersQueue && o.WorkflowIDReusePolicy == reuse
	}), mock.Anything, mock.MatchedBy(func(in workflows.OrderInput) bool {
		return in.OrderID == "ord_a" && in.PayWithin == time.Minute && len(in.ProductIDs) == 1
	})).Return(nil, err).Once()
}

// An order has one workflow; one whose workflow is closed though it is not finished is adopted by a fresh one.
func TestStart(t *testing.T) {
	ended := unpaid
	ended.Status = domain.StatusExpired
	for name, c := range map[string]struct {
		row    domain.Order
		starts []error // the answers to a first start, and to an adoption
		isNew  bool
		want   domain.Code
	}{
		"new":                            {unpaid, []error{nil}, true, ""},
		"running":                        {unpaid, []error{started, started}, false, ""},
		"closed, and not finished":       {unpaid, []error{started, nil}, true, ""},
		"closed, and finished":           {ended, []error{started}, false, ""},
		"Temporal does not answer":       {unpaid, []error{serviceerror.NewUnavailable("gone")}, false, domain.CodeUnavailable},
		"… nor when it is to be adopted": {unpaid, []error{started, serviceerror.NewUnavailable("gone")}, false, domain.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			temporal := &mocks.Client{}
			for n, err := range c.starts {
				expectStart(temporal,
					[]enums.WorkflowIdReusePolicy{enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE}[n],
					err)
			}
			isNew, err := newTestStarter(t, temporal, c.row).Start(t.Context(), unpaid)
			if isNew != c.isNew || domain.CodeOf(err) != c.want {
				t.Errorf("new %t, %v; want %t, %q", isNew, err, c.isNew, c.want)
			}
		})
	}
}

// updated is the answer to an update.
type updated struct {
	client.WorkflowUpdateHandle
	view workflows.OrderView
	err  error
}

func (u updated) Get(_ context.Context, into any) error {
	if view, ok := into.(*workflows.OrderView); ok {
		*view = u.view
	}
	return u.err
}

func expectUpdate(c *mocks.Client, id string, answer client.WorkflowUpdateHandle, err error) {
	c.On("UpdateWorkflow", mock.Anything, mock.MatchedBy(func(o client.UpdateWorkflowOptions) bool {
		return o.WorkflowID == "order/ord_a" && o.UpdateID == id && o.WaitForStage == client.WorkflowUpdateStageCompleted
	})).Return(answer, err).Once()
}

// A payment is one update, whose id is the payment key's; its answer says where the order stands.
func TestPay(t *testing.T) {
	c := &mocks.Client{}
	expectUpdate(
		c,
		"pay/pay_a",
		updated{
			view: workflows.OrderView{Status: domain.StatusHeld, Declines: 1, Payment: domain.PaymentResult{Outcome: domain.OutcomeDeclined}},
		},
		nil,
	)
	o, result, err := newTestStarter(t, c, unpaid).Pay(t.Context(), unpaid, "pay_a")
	if err != nil || o.Declines != 1 || o.UserID != "usr_a" || result.Outcome != domain.OutcomeDeclined {
		t.Errorf("%+v, %+v, %v", o, result, err)
	}
}

// An order whose workflow was never started, or is lost, has it started first.
func TestAnUpdateStartsAMissingWorkflow(t *testing.T) {
	c := &mocks.Client{}
	expectUpdate(c, workflows.CancelUpdate, nil, serviceerror.NewNotFound("no workflow"))
	expectStart(c, enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, nil)
	expectUpdate(c, workflows.CancelUpdate, updated{}, nil)
	if err := newTestStarter(t, c, unpaid).Cancel(t.Context(), unpaid); err != nil {
		t.Error(err)
	}
}

// The server drops the update of a workflow task that failed. It is sent again, under the same id, and once: a worker that always
// fails would be asked for ever.
func TestADroppedUpdateIsSentAgain(t *testing.T) {
	dropped := serviceerror.NewWorkflowNotReady("unexpected workflow task failure")
	for name, c := range map[string]struct {
		second error
		want   domain.Code
	}{
		"then it is answered":      {nil, ""},
		"then it is dropped again": {dropped, domain.CodeUnavailable},
	} {
		client := &mocks.Client{}
		expectUpdate(client, "pay/pay_a", updated{}, dropped)
		expectUpdate(client, "pay/pay_a", updated{}, c.second)
		if _, _, err := newTestStarter(t, client, unpaid).Pay(t.Context(), unpaid, "pay_a"); domain.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// The workflow's refusals keep their codes; anything else is no answer.
func TestUpdateErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want domain.Code
	}{
		"none":                   {nil, ""},
		"a refusal":              {temporal.NewApplicationError("a payment is open", string(domain.CodePaymentInProgress)), domain.CodePaymentInProgress},
		"an error of no code":    {temporal.NewApplicationError("panic", "PanicError"), domain.CodeUnavailable},
		"no answer in time":      {context.DeadlineExceeded, domain.CodeUnavailable},
		"nobody was asked":       {errors.New("connection refused"), domain.CodeUnavailable},
		"the workflow is closed": {serviceerror.NewNotFound("closed"), domain.CodeUnavailable},
	} {
		if err := updateError(c.err); domain.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// undecided are rows of orders on which no worker has decided yet.
type undecided struct {
	rows
	asked   chan struct{}
	decided chan struct{}
}

func (u *undecided) Decided(context.Context, domain.Order, time.Duration) (domain.Order, error) {
	u.asked <- struct{}{}
	<-u.decided
	return u.order, nil
}

// No more orders than allowed are handed to a worker of this process at once; the next are started as elsewhere. A
// start for an update, which is not counted, is never handed over.
func TestEagerStartsAreBounded(t *testing.T) {
	c, orders := &mocks.Client{}, &undecided{rows: rows{order: unpaid}, asked: make(chan struct{}), decided: make(chan struct{})}
	var mu sync.Mutex
	var eager []bool
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
		mu.Lock()
		defer mu.Unlock()
		eager = append(eager, args.Get(1).(client.StartWorkflowOptions).EnableEagerStart)
	}).Return(nil, nil)
	s, err := NewStarter(c, orders, InputConfig{EagerStarts: 2})
	if err != nil {
		t.Fatal(err)
	}
	var starting sync.WaitGroup
	for range 3 {
		starting.Go(func() {
			if err := s.StartAndAwait(t.Context(), unpaid); err != nil {
				t.Error(err)
			}
		})
		<-orders.asked
	}
	close(orders.decided)
	starting.Wait()
	go func() { <-orders.asked }()
	if err := s.StartAndAwait(t.Context(), unpaid); err != nil { // there is room again
		t.Error(err)
	}
	if _, err := s.Start(t.Context(), unpaid); err != nil {
		t.Error(err)
	}
	if want := []bool{true, true, false, true, false}; !slices.Equal(eager, want) {
		t.Errorf("eager starts %v, want %v", eager, want)
	}
}
