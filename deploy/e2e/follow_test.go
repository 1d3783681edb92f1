package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"runrun/deploy/dev/system"
	"runrun/domain"
)

// An event stream tells the whole story, and goes on after the last event that the reader had.
func TestEventStream(t *testing.T) {
	r := shared(t)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(r.product(1))
	read := func(lastEventID string) (next func() string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API.URL()+"/v1/orders/"+order.str("id")+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+shopper.token)
		if lastEventID != "" {
			req.Header.Set("Last-Event-ID", lastEventID)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
			t.Fatalf("the stream: %s, %s", resp.Status, kind)
		}
		lines := bufio.NewScanner(resp.Body)
		return func() string {
			for lines.Scan() {
				if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
					return event
				}
			}
			return "end"
		}
	}
	next := read("")
	for _, want := range []string{"RECEIVED", "HELD"} {
		if got := next(); got != want {
			t.Fatalf("event %s, want %s", got, want)
		}
	}
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	for _, want := range []string{"CANCELED", "end"} {
		if got := next(); got != want {
			t.Errorf("event %s, want %s", got, want)
		}
	}
	if got := read("2")(); got != "CANCELED" {
		t.Errorf("after event 2 comes %s, want CANCELED", got)
	}
	if got := shopper.do("GET", "/v1/orders/"+order.str("id")+"/events", nil, "Last-Event-ID", "3"); got.Status != http.StatusNoContent {
		t.Errorf("after the last event of an order that has ended: %d, want 204", got.Status)
	}
}

// Who was refused sees at once that units came back.
func TestProductEvents(t *testing.T) {
	r := shared(t)
	product := r.product(1)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(product)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.API.URL()+"/v1/products/"+string(product)+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	next := func() (stock struct{ Available, Held int64 }) {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(data), &stock); err != nil {
					t.Fatal(err)
				}
				return stock
			}
		}
		t.Fatal("the stream ended")
		return stock
	}
	if got := next(); got.Available != 0 || got.Held != 1 {
		t.Errorf("at first: %+v", got)
	}
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	if got := next(); got.Available != 1 || got.Held != 0 {
		t.Errorf("after the cancellation: %+v", got)
	}
	wantCode(t, r.send("GET", "/v1/products/prd_none/events", nil), http.StatusNotFound, domain.CodeNotFound)
}

// A long poll answers when the order changes, not before.
func TestLongPoll(t *testing.T) {
	r := shared(t)
	shopper := r.logIn(system.ShopperEmail)
	order := shopper.held(r.product(1))
	path := "/v1/orders/" + order.str("id") + "?wait=20s"
	if got := shopper.want(
		http.StatusOK,
		"GET",
		path,
		nil,
		"If-None-Match",
		`"1"`,
	); got.str("status") != "HELD" ||
		got.Header.Get("ETag") != `W/"2"` {
		t.Errorf("with an old version: %s %s", got.Header.Get("ETag"), got.rawBody)
	}
	polled := make(chan reply, 1)
	go func() { polled <- shopper.do("GET", path, nil, "If-None-Match", `"2"`) }()
	shopper.want(http.StatusOK, "POST", "/v1/orders/"+order.str("id")+"/cancel", nil)
	if got := <-polled; got.str("status") != "CANCELED" {
		t.Errorf("the long poll: %d %s", got.Status, got.rawBody)
	}
}

func TestOperatorsEndpoints(t *testing.T) {
	r := shared(t)
	for _, base := range []string{r.API.OpsURL(), "http://" + r.Worker.Addr()} {
		for _, path := range []string{"/livez", "/readyz", "/metrics"} {
			r.until(base+path, func() (reply, bool) {
				got := r.send("GET", base+path, nil)
				return got, got.Status == http.StatusOK
			})
		}
		metrics := string(r.send("GET", base+"/metrics", nil).rawBody)
		if !strings.Contains(metrics, "runrun_reserve_batch_size") || !strings.Contains(metrics, "temporal_") {
			t.Errorf("%s/metrics lacks our metrics or Temporal's", base)
		} else {
			for _, want := range []string{
				"temporal_request_total{", `service_name="runrun-`, `temporal_workflow_task_execution_latency_seconds_bucket{`, `le="0.005"`,
			} {
				if !strings.Contains(metrics, want) {
					t.Errorf("%s/metrics lacks %s", base, want)
				}
			}
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/metrics"} { // not for shoppers
		wantCode(t, r.send("GET", path, nil), http.StatusNotFound, domain.CodeNotFound)
	}
	if docs := r.send("GET", "/docs/", nil); docs.Status != http.StatusOK || strings.Contains(string(docs.rawBody), "cdn") {
		t.Errorf("the pages: %d", docs.Status)
	}
	if spec := r.send("GET", "/openapi.json", nil); spec.Body["openapi"] != "3.1.0" {
		t.Errorf("the description: %d %.100s", spec.Status, spec.rawBody)
	}
}

// Products are listed in pages, with what a reader wants to know.
func TestProducts(t *testing.T) {
	r := shared(t)
	first := r.send("GET", "/v1/products?limit=2", nil)
	items, _ := first.Body["items"].([]any)
	if len(items) != 2 || first.str("nextCursor") == "" || !strings.Contains(first.Header.Get("Link"), `rel="next"`) {
		t.Fatalf("first page: %s, Link %s", first.rawBody, first.Header.Get("Link"))
	}
	second := r.send("GET", "/v1/products?limit=2&cursor="+first.str("nextCursor"), nil)
	if second.Body["items"].([]any)[0].(map[string]any)["id"] == items[0].(map[string]any)["id"] {
		t.Errorf("the second page starts like the first: %s", second.rawBody)
	}
	sneaker := r.send("GET", "/v1/products/prd_demo-5-sneaker", nil)
	if sneaker.Body["discountedPrice"] != 75650.0 || sneaker.Body["isOpen"] != true ||
		sneaker.Body["brand"].(map[string]any)["name"] != "Hanok Works" {
		t.Errorf("the sneaker: %s", sneaker.rawBody)
	}
	if again := r.send("GET", "/v1/products/prd_demo-5-sneaker", nil, "If-None-Match",
		sneaker.Header.Get("ETag")); again.Status != http.StatusNotModified ||
		len(again.rawBody) != 0 {
		t.Errorf("with its ETag: %d %s, want 304", again.Status, again.rawBody)
	}
	if drop := r.send("GET", "/v1/products/prd_demo-2-drop",
		nil); drop.Body["isOpen"] != false || drop.Body["limitPerShopper"] != 1.0 ||
		drop.str("orderingOpensAt") == "" {
		t.Errorf("the drop: %s", drop.rawBody)
	}
	if stock := r.send("GET", "/v1/products/prd_demo-5-sneaker/stock", nil); stock.Body["total"] != 50.0 || stock.str("asOf") == "" {
		t.Errorf("the stock: %s", stock.rawBody)
	}
}
