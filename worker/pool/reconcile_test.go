package pool

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"runrun/domain"
	"runrun/workflows"
)

// Both schedules are made, and adjusted where they are there: the settings of the worker that starts last hold.
func TestTheBooksAreComparedOnSchedules(t *testing.T) {
	for name, there := range map[string]error{"they are new": nil, "they are there": temporal.ErrScheduleAlreadyRunning} {
		t.Run(name, func(t *testing.T) {
			c, schedules, handle := &mocks.Client{}, &mocks.ScheduleClient{}, &mocks.ScheduleHandle{}
			c.On("ScheduleClient").Return(schedules)
			made := map[string]client.ScheduleOptions{}
			schedules.On("Create", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
				options := args.Get(1).(client.ScheduleOptions)
				made[options.ID] = options
			}).Return(handle, there)
			schedules.On("GetHandle", mock.Anything, mock.Anything).Return(handle)
			handle.On("Update", mock.Anything, mock.Anything).Return(nil)
			cfg := defaults(t)
			if err := (&Pool{cfg: cfg, temporal: c}).schedule(t.Context()); err != nil {
				t.Fatal(err)
			}
			often, nightly := made[workflows.ReconcileSchedule], made[workflows.AuditSchedule]
			if often.Spec.Intervals[0].Every != 5*time.Minute || !slices.Equal(nightly.Spec.CronExpressions, []string{"0 3 * * *"}) ||
				nightly.Spec.TimeZoneName != "Asia/Seoul" {
				t.Errorf("made %+v and %+v", often.Spec, nightly.Spec)
			}
			if updates := len(handle.Calls); (there != nil) != (updates == 2) {
				t.Errorf("%d schedules were adjusted", updates)
			}
		})
	}
	c, schedules := &mocks.Client{}, &mocks.ScheduleClient{}
	c.On("ScheduleClient").Return(schedules)
	schedules.On("Create", mock.Anything, mock.Anything).Return(nil, serviceerror.NewUnavailable("gone"))
	if err := (&Pool{cfg: defaults(t), temporal: c}).schedule(t.Context()); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("Temporal is gone: %v", err)
	}
}

func TestReconcileSettings(t *testing.T) {
	for name, change := range map[string]func(*ReconcileConfig){
		"never": func(c *ReconcileConfig) { c.Every = 0 }, "too short a look back": func(c *ReconcileConfig) { c.Since = time.Minute },
		"less of all":      func(c *ReconcileConfig) { c.AllSince = c.Since - 1 },
		"at no known time": func(c *ReconcileConfig) { c.AllAt = "every night" },
	} {
		c := defaults(t).Reconcile
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "reconcile") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An audit says what it found, in one order, and that it found something.
func TestTheReportOfAnAudit(t *testing.T) {
	var out bytes.Buffer
	var all workflows.ReconcileReport
	if err := report(&out, all, 0); err != nil || !strings.Contains(out.String(), "0 differences") {
		t.Errorf("nothing differs: %v\n%s", err, out.String())
	}
	if err := report(&out, all, 1); !errors.Is(err, ErrBooksDiffer) {
		t.Errorf("a gate differs: %v", err)
	}
	all.Add([]domain.Difference{
		{Kind: domain.DifferenceStock, ProductID: "prd_a", Detail: "total 3"}, {Kind: domain.DifferenceRow, OrderID: "ord_b", Detail: "by hand"},
		{Kind: domain.DifferenceRow, OrderID: "ord_a", Detail: "by hand"},
	})
	out.Reset()
	err := report(&out, all, 0)
	lines := strings.Split(out.String(), "\n")
	if !errors.Is(err, ErrBooksDiffer) || !strings.Contains(lines[0], "ord_a") || !strings.Contains(lines[2], "prd_a") ||
		!strings.Contains(lines[3], "3 differences, 0 mended") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
