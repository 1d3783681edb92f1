package workflows_test

import (
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/sdk/v1"

	"runrun/domain"
	"runrun/workflows"
)

// page reads what the Web UI shows as current details.
func (r run) page() string {
	r.t.Helper()
	value, err := r.QueryWorkflow("__temporal_workflow_metadata")
	if err != nil {
		r.t.Fatal(err)
	}
	var metadata sdk.WorkflowMetadata
	if err := value.Get(&metadata); err != nil {
		r.t.Fatal(err)
	}
	return metadata.GetCurrentDetails()
}

// The page tells at every moment what is certain of money and units, what comes by itself and when, in the shop's zone, and what staff can
// do, with the line that does it. What it says is never outdated.
func TestThePageOfAnOrder(t *testing.T) {
	back := workflows.ReturnRequest{Shopper: true}
	for name, c := range map[string]struct {
		at    time.Duration
		do    func(r run)
		wants []string
		never []string
	}{
		"held": {30 * time.Second, nil, []string{
			"## HELD", "nothing is charged. The units are held.", "the shopper pays by 2026-01-02 09:10:00 KST", "--name cancel",
			"https://shop.test/v1/admin/orders/ord_saga", "guide.md",
		}, []string{"--name refund", "--name retry"}},
		"placed": {whilePlaced, nil, []string{
			"## PLACED", "charged 1,000 KRW at 2026-01-02 09:01:00 KST (payment `pay_1`)", "it becomes IN_TRANSIT at 2026-01-03 09:01:00 KST",
			"--name refund", "--name cancel",
		}, []string{"pays by", "--name retry"}},
		"in transit": {whileInTransit, nil, []string{"## IN_TRANSIT", "it becomes DELIVERED", "--name refund"}, []string{"--name cancel"}},
		"delivered":  {whileDelivered, nil, []string{"## DELIVERED", "The shopper may return it until 2026-01-05 10:01:00 KST"}, nil},
		"returning": {
			whileDelivered,
			func(r run) { r.update(workflows.ReturnUpdate, workflows.ReturnUpdate, back) },
			[]string{"## RETURNING", "that is to go back", "the goods are awaited until", `"as": "ARRIVED"`},
			[]string{"it becomes", "may return"},
		},
		"a refund that is refused": {whilePlaced, func(r run) {
			r.shop.cancels = []domain.RefundResult{denied, denied, denied}
			r.cancel(workflows.CancelRequest{Shopper: true}, "c")
		}, []string{
			"## CANCELING needs you: REFUND_FAILED", "since 2026-01-02 11:00:0", "REFUND_REJECTED", "failed tries: 1, the last: the gateway denies",
			"charged 1,000 KRW", "The units stay sold until it is back", "the next try is at 2026-01-02 11:02:0", "--name retry",
			`"as": "REFUNDED"`, `"as": "GIVE_UP"`,
		}, nil},
		"a step that fails": {30 * time.Second, func(r run) {
			r.shop.fail("Release", failsForever)
			r.cancel(workflows.CancelRequest{Shopper: true}, "c")
		}, []string{"HELD needs you: RELEASE_FAILED", "Give the units back (Release): broken", "The units are held."}, []string{"pays by"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := paidRun(t)
			r.SetStartTime(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
			r.in.Pages = workflows.Pages{Zone: "KST", ZoneOffset: 9 * 3600, Admin: "https://shop.test", Guide: "guide.md"}
			if c.do != nil {
				r.at(c.at, func() { c.do(r) })
			}
			page := ""
			wait := time.Second
			if strings.HasPrefix(name, "a step") {
				wait = 3 * time.Minute
			}
			r.at(c.at+wait, func() {
				page = r.page()
				r.shop.repair()
				r.shop.cancels = nil
			})
			r.end()
			for _, want := range c.wants {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q:\n%s", want, page)
				}
			}
			for _, never := range c.never {
				if strings.Contains(page, never) {
					t.Errorf("the page says %q:\n%s", never, page)
				}
			}
			if strings.Contains(page, "ord_saga") && strings.Contains(page, "usr_") {
				t.Error("the page names the shopper; the row does")
			}
		})
	}
}
