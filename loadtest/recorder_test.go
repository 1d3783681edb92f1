package main

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRowsSummarizeLatencies(t *testing.T) {
	r := newRecorder()
	for n := range 100 {
		r.add("pay", "200 PLACED", time.Duration(n+1)*10*time.Millisecond)
	}
	rows := r.rows(8 * time.Second)
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	got := []float64{float64(rows[0].Count), rows[0].Rate}
	for _, latency := range []float64{rows[0].P50, rows[0].P90, rows[0].P99, rows[0].Max} {
		got = append(got, math.Round(latency/5)*5) // three digits are kept
	}
	if diff := cmp.Diff([]float64{100, 12.5, 500, 900, 990, 1000}, got); diff != "" {
		t.Errorf("count, rate, median, 90th and 99th percentile, maximum: %s", diff)
	}
}

// The table and the pictures stand in the order in which a shopper takes the steps, and within one by outcome.
func TestStepsStandInTheirOrder(t *testing.T) {
	r := newRecorder()
	want := []what{
		{"order", "201 HELD"}, {"order", "409 SOLD_OUT"}, {"follow", "200 HELD"}, {"decision", "HELD"}, {"checkout", "200 HELD"},
		{"window (mock)", "201"}, {"pay", "200 PLACED"}, {"pay", broken}, {"cancel", "200 CANCELED"},
	}
	for n := range want {
		w := want[len(want)-1-n]
		r.add(w.Step, w.Outcome, time.Millisecond)
	}
	var got []what
	for _, row := range r.rows(time.Second) {
		got = append(got, row.what)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows: %s", diff)
	}
	r.tick()
	if diff := cmp.Diff(want, kinds(r.series)); diff != "" {
		t.Errorf("kinds: %s", diff)
	}
}

// What took longer than can be kept, or by a clock that went back less than nothing, is counted all the same.
func TestLatenciesOutOfBoundsAreCounted(t *testing.T) {
	r := newRecorder()
	r.add("order", "201 HELD", time.Hour)
	r.add("order", "201 HELD", -time.Hour)
	rows := r.rows(time.Second)
	if len(rows) != 1 || rows[0].Count != 2 || rows[0].P50 > 1 || math.Abs(rows[0].Max-600_000) > 1000 {
		t.Errorf("%+v, want two between nothing and ten minutes", rows)
	}
}

func TestResetForgetsAndStartsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.add("order", "201 HELD", time.Second)
		r.tick()
		pause(t.Context(), time.Minute)
		r.reset()
		pause(t.Context(), time.Second)
		if p := r.tick(); p.At != 1 || len(p.Count) != 0 || len(r.series) != 1 || len(r.rows(time.Second)) != 0 || r.count("order") != 0 {
			t.Errorf("%+v of %+v", p, r.series)
		}
	})
}
