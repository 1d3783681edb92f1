package main

import (
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"runrun/loadtest/audit"
)

// fakeTemporal counts workflows by query. It speaks as much of gRPC as that takes.
type fakeTemporal struct {
	mu      sync.Mutex
	refuses string           // the method that is not permitted
	late    int              // how many counts are nothing yet: visibility follows behind
	counts  map[string]int64 // by query
	asked   []string         // namespace and query
}

// start opens it on 127.0.0.1.
func (f *fakeTemporal) start(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewUnstartedServer(f)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// ServeHTTP answers a call. Its status is a trailer; of a call that failed there is nothing else.
func (f *fakeTemporal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	in := &workflowservice.CountWorkflowExecutionsRequest{}
	var out proto.Message = &workflowservice.GetSystemInfoResponse{}
	if method == "CountWorkflowExecutions" {
		if err := receive(r.Body, in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out = &workflowservice.CountWorkflowExecutionsResponse{Count: f.count(in)}
	}
	if method == f.refuses {
		w.Header().Set("Grpc-Status", "7") // PERMISSION_DENIED
		w.Header().Set("Grpc-Message", "not for you")
		return
	}
	text, err := proto.Marshal(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Trailer", "Grpc-Status")
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(text)))
	_, _ = w.Write(append(frame, text...))
	w.Header().Set("Grpc-Status", "0")
}

func (f *fakeTemporal) count(in *workflowservice.CountWorkflowExecutionsRequest) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, in.GetNamespace()+": "+in.GetQuery())
	if f.late > 0 {
		f.late--
		return 0
	}
	return f.counts[in.GetQuery()]
}

// receive reads one message of gRPC: whether it is compressed, its length, and itself.
func receive(from io.Reader, into proto.Message) error {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return err
	}
	message := io.LimitReader(from, int64(binary.BigEndian.Uint32(head[1:])))
	if head[0] == 1 {
		plain, err := gzip.NewReader(message)
		if err != nil {
			return err
		}
		message = plain
	}
	text, err := io.ReadAll(message)
	if err != nil {
		return err
	}
	return proto.Unmarshal(text, into)
}

const ofProduct = "WorkflowType = 'OrderWorkflow' AND ProductIds = 'prd_a'"

// countedRun has one product, of which one order is bought and two have run out, and a Temporal that knows them.
func countedRun(t *testing.T) (f *fakeTemporal, r *run, orders map[string]audit.Order) {
	t.Helper()
	f = &fakeTemporal{counts: map[string]int64{
		ofProduct: 3, ofProduct + " AND OrderStatus = 'PLACED'": 1, ofProduct + " AND OrderStatus = 'EXPIRED'": 2,
	}}
	cfg := testConfig("", "drop")
	cfg.Temporal, cfg.Namespace = f.start(t), "shop"
	r, _ = newTestRun(t, cfg)
	r.products = []string{"prd_a"}
	items := []audit.Item{{ProductID: "prd_a", Quantity: 1}}
	return f, r, map[string]audit.Order{
		"ord_1": {Status: audit.Placed, Items: items}, "ord_2": {Status: "EXPIRED", Items: items}, "ord_3": {Status: "EXPIRED", Items: items},
	}
}

var counted = map[string]map[string]int64{"prd_a": {audit.EveryStatus: 3, audit.Placed: 1, "EXPIRED": 2}}

func TestWorkflowsAreCountedByProductAndStatus(t *testing.T) {
	f, r, orders := countedRun(t)
	if err := r.checkTemporal(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := r.countWorkflows(t.Context(), orders)
	if diff := cmp.Diff(counted, found); diff != "" || err != nil {
		t.Errorf("%s, %v", diff, err)
	}
	slices.Sort(f.asked)
	want := []string{
		"shop: " + ofProduct, "shop: " + ofProduct + " AND OrderStatus = 'EXPIRED'", "shop: " + ofProduct + " AND OrderStatus = 'PLACED'",
	}
	if diff := cmp.Diff(want, f.asked); diff != "" {
		t.Error(diff)
	}
}

// Temporal lists what it knows a moment later: it is asked again until it agrees with the shop.
func TestWorkflowsThatAreNotListedYetAreWaitedFor(t *testing.T) {
	t.Parallel()
	f, r, orders := countedRun(t)
	f.late = 3
	found, err := r.countWorkflows(t.Context(), orders)
	if diff := cmp.Diff(counted, found); diff != "" || err != nil || len(f.asked) != 6 {
		t.Errorf("%s, %v after %d counts, want 6", diff, err, len(f.asked))
	}
}

func TestATemporalThatRefusesIsAnError(t *testing.T) {
	f, r, orders := countedRun(t)
	f.refuses = "CountWorkflowExecutions"
	if found, err := r.countWorkflows(t.Context(), orders); err == nil || !strings.Contains(err.Error(), "not for you") {
		t.Errorf("%v, %v; want the refusal", found, err)
	}
	f.refuses = "GetSystemInfo"
	if err := r.checkTemporal(t.Context()); err == nil || !strings.Contains(err.Error(), "TEMPORAL_ADDRESS") {
		t.Errorf("%v does not say what to do", err)
	}
}

func TestWithoutAnAddressNothingIsCountedAndThatIsSaid(t *testing.T) {
	r, out := newTestRun(t, testConfig("", "drop"))
	if err := r.checkTemporal(t.Context()); err != nil || !strings.Contains(out.String(), "Temporal is not counted") {
		t.Errorf("%v, said %q", err, out)
	}
	if found, err := r.countWorkflows(t.Context(), nil); found != nil || err != nil {
		t.Errorf("%v, %v; want nothing", found, err)
	}
}
