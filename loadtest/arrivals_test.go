package main

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A shop that stalls for ten seconds: shoppers come all the same, and what they waited is counted from when they were due. A
// generator that waits for its answers would have seen one slow request.
func TestAStallIsSeenByAllWhoCameDuringIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record, open := newRecorder(), make(chan struct{})
		began := time.Now()
		time.AfterFunc(10*time.Second, func() { close(open) })
		var mu sync.Mutex
		var came []time.Duration
		arrive(t.Context(), 100, 10, began, func(_ int, due time.Time) {
			mu.Lock()
			came = append(came, due.Sub(began))
			mu.Unlock()
			<-open
			record.add("order", "201 HELD", time.Since(due))
		})
		if len(came) != 100 || came[99] != 9900*time.Millisecond {
			t.Errorf("%d came, the last after %v; want 100 in ten seconds", len(came), came[len(came)-1])
		}
		rows := record.rows(10 * time.Second)
		if len(rows) != 1 || rows[0].Count != 100 || rows[0].P50 < 4900 || rows[0].P50 > 5100 || rows[0].Max < 9900 {
			t.Errorf("recorded %+v, want waits of up to ten seconds, half of them over five", rows)
		}
	})
}

func TestArrivalsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithTimeout(t.Context(), 1050*time.Millisecond)
		defer stop()
		count := 0
		var mu sync.Mutex
		arrive(ctx, 1000, 10, time.Now(), func(int, time.Time) {
			mu.Lock()
			defer mu.Unlock()
			count++
		})
		if count != 11 {
			t.Errorf("%d came in a second, want 11", count)
		}
	})
}

// What was measured in a second is told once, and everything at the end.
func TestTheRecorderTellsSecondsAndTheWhole(t *testing.T) {
	r := newRecorder()
	r.add("order", "201 HELD", 20*time.Millisecond)
	r.add("order", "409 SOLD_OUT", time.Millisecond)
	first := r.tick()
	r.add("order", "409 SOLD_OUT", 3*time.Millisecond)
	second := r.tick()
	gone := what{"order", "409 SOLD_OUT"}
	if first.Count[gone] != 1 || second.Count[gone] != 1 || second.P50[gone] < 3 || second.P50[gone] > 3.01 ||
		second.Count[what{"order", "201 HELD"}] != 0 {
		t.Errorf("%+v, %+v", first, second)
	}
	if n := r.count("order"); n != 3 {
		t.Errorf("%d in all, want 3", n)
	}
	if n := r.count("order", "409 SOLD_OUT"); n != 2 {
		t.Errorf("%d refused, want 2", n)
	}
	plots := plots(r.series)
	if len(plots) != 3 || len(plots[0].Names) != 2 || len(plots[0].Values) != 3 || plots[0].Values[2][1] != 1 {
		t.Errorf("%+v", plots)
	}
}
