package e2e

import (
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"runrun/deploy/dev/system"
)

// collector keeps the traces that processes send it, as OTLP over HTTP has it.
type collector struct {
	url string

	mu    sync.Mutex
	spans map[string]map[string]bool // names, by trace id
}

func startCollector(t *testing.T) *collector {
	c := &collector{spans: map[string]map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in coltrace.ExportTraceServiceRequest
		if err != nil || proto.Unmarshal(body, &in) != nil || r.URL.Path != "/v1/traces" {
			http.Error(w, "no traces", http.StatusBadRequest)
			return
		}
		c.take(&in)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *collector) take(in *coltrace.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range in.GetResourceSpans() {
		service := ""
		for _, a := range from.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range from.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := hex.EncodeToString(span.GetTraceId())
				if c.spans[id] == nil {
					c.spans[id] = map[string]bool{}
				}
				c.spans[id][strings.TrimPrefix(service, "runrun-")+" "+span.GetName()] = true
			}
		}
	}
}

// of lists the spans of a trace.
func (c *collector) of(trace string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.spans[trace]))
}

// traced returns a new trace id, and the header by which a caller hands it on.
func traced() (id, header string) {
	id = strings.ReplaceAll(uuid.NewString(), "-", "")
	return id, "00-" + id + "-00f067aa0ba902b7-01"
}

// The trace of an order leads from its request over the workflow and its activities to the gateway, across processes; that of a payment
// to its workflow. A problem names its trace.
func TestOneTraceFromTheRequestToTheGateway(t *testing.T) {
	t.Parallel() // it waits for processes most of the time
	c := startCollector(t)
	r := own(t, func(cfg *system.Config) { cfg.Workers = false }, nil)
	export := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_BSP_SCHEDULE_DELAY=50"}
	r.startWorkerProcess(export...)
	listen := freeAddress(t)
	r.startAPIProcess(listen, append(export, "BLOB_URL="+t.TempDir(), "TRACE_CALLERS=true")...)
	shopper := r.logIn(system.ShopperEmail)
	at := "http://" + listen

	ordering, header := traced()
	order := shopper.do("POST", at+"/v1/orders", orderOf(r.product(5), 1),
		"Idempotency-Key", uuid.NewString(), "Prefer", "wait=20", "traceparent", header)
	if order.Status != http.StatusCreated || order.str("status") != "HELD" {
		t.Fatalf("order: %d %s", order.Status, order.rawBody)
	}
	paying, header := traced()
	paid := shopper.do("POST", at+"/v1/payments/confirm", shopper.authorize(order), "traceparent", header)
	if paid.Status != http.StatusOK {
		t.Fatalf("confirm: %d %s", paid.Status, paid.rawBody)
	}
	for trace, want := range map[string][]string{
		ordering: {
			"api POST /v1/orders", "api StartWorkflow:OrderWorkflow", "worker RunActivity:Reserve",
			"worker RunActivity:ConfirmPaymentFast", "worker HTTP POST",
		},
		paying: {"api POST /v1/payments/confirm", "api UpdateWorkflow:pay", "worker HandleUpdate:pay"},
	} {
		r.until("a whole trace", func() (reply, bool) {
			got := c.of(trace)
			whole := !slices.ContainsFunc(want, func(span string) bool { return !slices.Contains(got, span) })
			return reply{rawBody: []byte(strings.Join(got, ", "))}, whole
		})
	}

	missing, header := traced()
	problem := shopper.do("GET", at+"/v1/orders/ord_nobody", nil, "traceparent", header)
	if problem.Status != http.StatusNotFound || problem.str("traceId") != missing {
		t.Errorf("the problem %s does not name the trace %s", problem.rawBody, missing)
	}
}
