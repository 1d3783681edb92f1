package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/swaggest/swgui/v5emb"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"runrun/domain"
)

// Limits of a request.
const (
	maxBody      = 64 << 10
	requestLimit = 30 * time.Second
	lookUpLimit  = 2 * time.Second // of a statement or a command that many wait for
	writeLimitDB = 10 * time.Second
)

// handler routes everything.
func (s *Server) handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.ContextWithFallback = true
	router.Use(identify, recovery)
	router.NoRoute(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(domain.NotFound, "there is nothing at %s", c.Request.URL.Path))
	})
	router.NoMethod(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(domain.MethodNotAllowed, "%s does not take %s", c.Request.URL.Path, c.Request.Method))
	})
	health := gin.WrapH(s.health.Handler())
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		router.GET(path, health)
	}
	router.GET("/docs/*any", gin.WrapH(v5emb.New("RUNRUN", "/openapi.json", "/docs/")))
	s.routes(humagin.New(router, apiConfig()))
	return router
}

// OpenAPI returns the API's description, OpenAPI 3.1 as JSON.
func OpenAPI() ([]byte, error) {
	api := humagin.New(gin.New(), apiConfig())
	(&Server{}).routes(api)
	return api.OpenAPI().MarshalJSON()
}

func apiConfig() huma.Config {
	cfg := huma.DefaultConfig("RUNRUN", "1")
	cfg.Info.Description = "First-come-first-served checkout. Amounts are in the currency's minor unit (the won has none), times are RFC 3339, errors are application/problem+json (RFC 9457) with a stable code."
	cfg.DocsPath = "" // the pages are ours, from embedded files
	cfg.SchemasPath = ""
	cfg.Formats = map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}
	cfg.CreateHooks = nil // no $schema in answers
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT"},
	}
	return cfg
}

// routes lists the API, by noun.
func (s *Server) routes(api huma.API) {
	api.UseMiddleware(s.authenticate())
	s.userRoutes(api)
	s.productRoutes(api)
	s.orderRoutes(api)
	s.paymentRoutes(api)
}

// handle registers an operation: with our limits, and with errors in our form.
func handle[I, O any](api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = maxBody
	op.BodyReadTimeout = 10 * time.Second
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestLimit)
		defer cancel()
		out, err := do(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}

// identify gives every request an id, the caller's if it has one, and a trace.
func identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !domain.ValidKey(id) {
		id = uuid.NewString()
	}
	ctx := otel.GetTextMapPropagator().Extract(c.Request.Context(), propagation.HeaderCarrier(c.Request.Header))
	ctx, span := otel.Tracer("runrun/api").Start(ctx, c.Request.Method+" "+c.FullPath())
	defer span.End()
	c.Request = c.Request.WithContext(ctx)
	c.Header("X-Request-Id", id)
	began := time.Now()
	c.Next()
	slog.DebugContext(ctx, "request", "method", c.Request.Method, "route", c.FullPath(), "status", c.Writer.Status(),
		"took", time.Since(began), "requestId", id, "traceId", traceOf(ctx))
}

// recovery turns a panic into an INTERNAL problem.
func recovery(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
				panic(cause)
			}
			writeProblem(c, domain.Because(domain.Internal, fmt.Errorf("panic: %v", cause), ""))
		}
	}()
	c.Next()
}
