package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"runrun/loadtest/audit"
)

func TestProgressSaysHowItGoes(t *testing.T) {
	r, out := newTestRun(t, testConfig("", "drop"))
	r.scenario.shoppers, r.scenario.rate = 9, 5
	for _, told := range []string{audit.Held, audit.Held, audit.Held, audit.SoldOut} {
		r.record.add("decision", told, time.Millisecond)
	}
	r.record.add("pay", "200 PLACED", time.Millisecond)
	r.record.add("pay", "402 PAYMENT_DECLINED", time.Millisecond)
	r.record.add("order", broken, time.Millisecond)
	r.record.add("cancel", broken, time.Millisecond)
	r.progress(1)
	r.progress(2) // ten could have come by now
	lines := strings.Split(strings.Join(strings.Fields(out.String()), " "), "errors")
	want := []string{
		"1 s 5 arrived 3 held 1 refused 1 waiting 1 paid 2 connection ", " 2 s 9 arrived 3 held 1 refused 5 waiting 1 paid 2 connection ", "",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

// A second of the recorder ends every second, and with the watch; a line is written every two.
func TestTheWatchEndsSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, out := newTestRun(t, testConfig("", "drop"))
		ctx, stop := context.WithTimeout(t.Context(), 4500*time.Millisecond)
		defer stop()
		r.watch(ctx)
		var ends []float64
		for _, p := range r.record.series {
			ends = append(ends, p.At)
		}
		if len(ends) != 5 || ends[0] != 1 || ends[3] != 4 || ends[4] != 4.5 {
			t.Errorf("seconds end at %v", ends)
		}
		if lines := strings.Count(out.String(), "arrived"); lines != 2 {
			t.Errorf("%d lines of progress, want 2:\n%s", lines, out)
		}
	})
}
