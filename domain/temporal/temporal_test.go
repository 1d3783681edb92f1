package temporal_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"runrun/domain"
	"runrun/domain/temporal"
)

// attributes are search attributes with their types.
type attributes map[string]enums.IndexedValueType

// frontend is a Temporal that has search attributes and nothing else.
type frontend struct {
	operatorservice.UnimplementedOperatorServiceServer
	health *health.Server

	have             attributes
	listErr, addErr  error
	mu               sync.Mutex
	asked            []string   // the namespaces whose attributes were listed
	added            attributes // those of the last request, if there was one
	healthCompressed string     // how the last question for its health was compressed
}

// ListSearchAttributes lists what the frontend has.
func (f *frontend) ListSearchAttributes(
	_ context.Context, in *operatorservice.ListSearchAttributesRequest,
) (*operatorservice.ListSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, in.GetNamespace())
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: f.have}, f.listErr
}

// AddSearchAttributes keeps what it was asked for.
func (f *frontend) AddSearchAttributes(
	_ context.Context, in *operatorservice.AddSearchAttributesRequest,
) (*operatorservice.AddSearchAttributesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.added = in.GetSearchAttributes()
	if in.GetNamespace() != "shop" {
		return nil, status.Error(codes.InvalidArgument, "another namespace: "+in.GetNamespace())
	}
	return &operatorservice.AddSearchAttributesResponse{}, f.addErr
}

// TagRPC, TagConn and HandleConn belong to stats.Handler.
func (f *frontend) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// TagConn changes nothing.
func (f *frontend) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn does nothing.
func (f *frontend) HandleConn(context.Context, stats.ConnStats) {}

// HandleRPC looks how requests come.
func (f *frontend) HandleRPC(_ context.Context, seen stats.RPCStats) {
	if header, ok := seen.(*stats.InHeader); ok && strings.HasSuffix(header.FullMethod, "/Check") {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.healthCompressed = header.Compression
	}
}

// start serves the frontend and returns where it is.
func (f *frontend) start(t *testing.T) temporal.Config {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.StatsHandler(f))
	f.health = health.NewServer()
	f.setHealth(grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, f.health)
	operatorservice.RegisterOperatorServiceServer(server, f)
	workflowservice.RegisterWorkflowServiceServer(server, workflowservice.UnimplementedWorkflowServiceServer{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return temporal.Config{Address: listener.Addr().String(), Namespace: "shop"}
}

func (f *frontend) setHealth(as grpc_health_v1.HealthCheckResponse_ServingStatus) {
	f.health.SetServingStatus("temporal.api.workflowservice.v1.WorkflowService", as)
}

func connect(t *testing.T, cfg temporal.Config) client.Client {
	t.Helper()
	c, closeClient, err := temporal.Connect(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeClient)
	return c
}

func TestSearchAttributesAreThereOrCreated(t *testing.T) {
	const keyword, datetime, text = enums.INDEXED_VALUE_TYPE_KEYWORD, enums.INDEXED_VALUE_TYPE_DATETIME, enums.INDEXED_VALUE_TYPE_TEXT
	faster, denied := status.Error(codes.AlreadyExists, "there"), status.Error(codes.PermissionDenied, "no")
	gone := status.Error(codes.Unavailable, "gone")
	want := attributes{"OrderStatus": keyword, "PayBy": datetime}
	for name, c := range map[string]struct {
		have            attributes
		listErr, addErr error
		added           attributes // nil if nothing may be created
		code            domain.Code
		names           string // what the error has to name
	}{
		"all are there":              {have: attributes{"OrderStatus": keyword, "PayBy": datetime, "Another": keyword}},
		"one is missing":             {have: attributes{"OrderStatus": keyword}, added: attributes{"PayBy": datetime}},
		"none is there":              {added: want},
		"one has another type":       {have: attributes{"OrderStatus": text}, code: domain.CodeConflict, names: "OrderStatus"},
		"another process was faster": {addErr: faster, added: want},
		"they may not be created":    {addErr: denied, added: want, code: domain.CodeConflict, names: "[OrderStatus PayBy]"},
		"they cannot be listed":      {listErr: gone, code: domain.CodeUnavailable, names: "search attributes"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &frontend{have: c.have, listErr: c.listErr, addErr: c.addErr}
			err := temporal.EnsureSearchAttributes(t.Context(), connect(t, f.start(t)), "shop", want)
			if domain.CodeOf(err) != c.code || err != nil && !strings.Contains(err.Error(), c.names) {
				t.Errorf("got %v, want %q naming %s", err, c.code, c.names)
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			if diff := cmp.Diff(c.added, f.added); diff != "" {
				t.Errorf("created (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"shop"}, f.asked); diff != "" {
				t.Errorf("namespaces (-want +got):\n%s", diff)
			}
		})
	}
}

// A Temporal that is starting answers, and has no namespace to look at yet.
func TestATemporalThatIsNotServingIsUnavailable(t *testing.T) {
	f := &frontend{}
	c := connect(t, f.start(t))
	if err := temporal.Ping(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	f.setHealth(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	if err := temporal.Ping(t.Context(), c); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("ping: %v, want UNAVAILABLE", err)
	}
	err := temporal.EnsureSearchAttributes(t.Context(), c, "shop", attributes{"PayBy": enums.INDEXED_VALUE_TYPE_DATETIME})
	if domain.CodeOf(err) != domain.CodeUnavailable || len(f.asked) != 0 || f.added != nil {
		t.Errorf("attributes: %v, after asking %v and adding %v; want UNAVAILABLE at once", err, f.asked, f.added)
	}
}

func TestWhatIsSentIsCompressedIfConfigured(t *testing.T) {
	for compress, want := range map[bool]string{false: "", true: "gzip"} {
		f := &frontend{}
		cfg := f.start(t)
		cfg.Compress = compress
		if err := temporal.Ping(t.Context(), connect(t, cfg)); err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		if f.healthCompressed != want {
			t.Errorf("compress %t: sent as %q, want %q", compress, f.healthCompressed, want)
		}
		f.mu.Unlock()
	}
}

// The shop accepts orders without Temporal: nobody waits for it at the start, and it says what is wrong only when it is asked.
func TestConnectDoesNotWaitForTemporal(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, temporal.Config{Address: address, Namespace: "shop"})
	if err := temporal.Ping(t.Context(), c); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("ping: %v, want UNAVAILABLE", err)
	}
}

func TestAClientIsClosedByWhoOpenedIt(t *testing.T) {
	f := &frontend{}
	own, closeOwn, err := temporal.Connect(f.start(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := temporal.Ping(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	closeOwn()
	if err := temporal.Ping(t.Context(), own); err == nil {
		t.Error("a closed client answers")
	}
	shared := &mocks.Client{} // it expects no call, and panics if it is closed
	got, closeShared, err := temporal.Connect(temporal.Config{Shared: shared})
	if err != nil || got != client.Client(shared) {
		t.Fatalf("a shared client: %v, %v", got, err)
	}
	closeShared()
}

func TestAConfigurationNeedsAnAddressAndANamespace(t *testing.T) {
	for name, cfg := range map[string]temporal.Config{"no address": {Namespace: "shop"}, "no namespace": {Address: "127.0.0.1:7233"}} {
		if c, _, err := temporal.Connect(cfg); err == nil || c != nil {
			t.Errorf("%s: %v, %v; want an error", name, c, err)
		}
	}
	if err := (temporal.Config{Address: "127.0.0.1:7233", Namespace: "shop"}).Validate(); err != nil {
		t.Error(err)
	}
}
