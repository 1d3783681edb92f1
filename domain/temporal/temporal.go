// Package temporal connects a process of the shop to its Temporal namespace.
package temporal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"

	"runrun/domain"
)

// Config says where Temporal is.
type Config struct {
	Address   string `name:"temporal-address" env:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" help:"Temporal's frontend, host:port."`
	Namespace string `name:"temporal-namespace" env:"TEMPORAL_NAMESPACE" default:"default" help:"Namespace of the shop."`
	Compress  bool   `name:"temporal-compress" env:"TEMPORAL_COMPRESS" help:"Compress what is sent to Temporal: less traffic over a slow network, more CPU on both sides."`
	Token     string `name:"temporal-token" env:"TEMPORAL_TOKEN" help:"Bearer token of a Temporal that asks for one."`

	TLS bool `name:"temporal-tls" env:"TEMPORAL_TLS" help:"Speak TLS with Temporal, as Temporal Cloud and everybody across a network should."`

	// Traced says whether calls to workflows, and what they do, become part of the caller's trace.
	Traced bool `kong:"-"`
	// Shared is a client that other parts of the process use, too; nil opens one.
	Shared client.Client `kong:"-"`
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Address == "" || c.Namespace == "" {
		return errors.New("temporal-address and temporal-namespace: must not be empty")
	}
	return nil
}

func (c Config) compression() client.GrpcCompression {
	if c.Compress {
		return &client.GrpcCompressionGzip{}
	}
	return &client.GrpcCompressionNone{}
}

// tls is nil for plain text.
func (c Config) tls() *tls.Config {
	if !c.TLS {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// Connect returns a client, and what closes it; closing a shared one does nothing. It does not wait for Temporal: the shop accepts
// orders without.
func Connect(cfg Config) (c client.Client, closeClient func(), err error) {
	if cfg.Shared != nil {
		return cfg.Shared, func() {}, nil
	}
	if err := cfg.Validate(); err != nil {
		return nil, nil, err
	}
	interceptors, err := tracing(cfg.Traced)
	if err != nil {
		return nil, nil, err
	}
	c, err = client.NewLazyClient(client.Options{
		HostPort:  cfg.Address,
		Namespace: cfg.Namespace,
		Logger:    log.NewStructuredLogger(slog.Default()),
		// The SDK compresses unless it is told not to.
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: cfg.compression(), TLS: cfg.tls()},
		HeadersProvider:   bearer(cfg.Token),
		Interceptors:      interceptors,
		MetricsHandler: opentelemetry.NewMetricsHandler(
			opentelemetry.MetricsHandlerOptions{Meter: otel.Meter("temporal"), UseMonotonicCounters: true}),
	})
	if err != nil {
		return nil, nil, err
	}
	return c, c.Close, nil
}

// tracing carries traces from callers to workflows and from there to activities. What it adds to histories is a header, which replay
// does not look at.
func tracing(on bool) ([]interceptor.ClientInterceptor, error) {
	if !on {
		return nil, nil
	}
	t, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{})
	return []interceptor.ClientInterceptor{t}, err
}

// bearer sends a token with every call.
type bearer string

// GetHeaders is part of the SDK's HeadersProvider.
func (b bearer) GetHeaders(context.Context) (map[string]string, error) {
	if b == "" {
		return nil, nil
	}
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// Ping reports whether Temporal answers.
// Errors: Unavailable.
func Ping(ctx context.Context, c client.Client) error {
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "Temporal does not answer")
	}
	return nil
}

// ensureLimit bounds one try of EnsureSearchAttributes.
const ensureLimit = 10 * time.Second

// EnsureSearchAttributes makes sure that the namespace knows the attributes by which orders are found, and creates those that
// are missing where that is allowed.
// Errors: Unavailable if Temporal does not answer; Conflict if one exists with another type, or may not be created.
func EnsureSearchAttributes(ctx context.Context, c client.Client, namespace string, want map[string]enums.IndexedValueType) error {
	ctx, cancel := context.WithTimeout(ctx, ensureLimit)
	defer cancel()
	if err := Ping(ctx, c); err != nil {
		return err
	}
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "Temporal does not tell its search attributes")
	}
	missing := map[string]enums.IndexedValueType{}
	for name, kind := range want {
		switch got, there := have.GetCustomAttributes()[name]; {
		case !there:
			missing[name] = kind
		case got != kind:
			return domain.Errorf(domain.CodeConflict, "the search attribute %s is a %s and has to be a %s", name, got, kind)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	var exists *serviceerror.AlreadyExists // another process was faster
	if err != nil && !errors.As(err, &exists) {
		return domain.Wrap(domain.CodeConflict, err,
			fmt.Sprintf("the search attributes %v are missing and cannot be created", slices.Sorted(maps.Keys(missing))))
	}
	return nil
}
