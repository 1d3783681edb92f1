package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/swaggest/swgui/v5emb"

	"runrun/domain"
)

// Limits of a request.
const (
	maxBody      = 64 << 10
	compressFrom = 1400 // bytes: what fits into one packet is sent as it is
	requestLimit = 30 * time.Second
	lookUpLimit  = 2 * time.Second // of a statement or a command that many wait for
	writeLimitDB = 10 * time.Second
)

// handler routes everything.
func (s *Server) handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.ContextWithFallback = true
	if err := router.SetTrustedProxies(nil); err != nil { // X-Forwarded-For is anybody's to write
		return nil, err
	}
	router.Use(s.identify, recovery, harden)
	if len(s.cfg.CORSOrigins) > 0 {
		router.Use(onlyFrom(s.cfg.CORSOrigins, cors.New(crossOrigin(s.cfg.CORSOrigins))))
	}
	router.Use(acceptable, s.counter.serve)
	router.NoRoute(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(domain.NotFound, "there is nothing at %s", c.Request.URL.Path))
	})
	router.NoMethod(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(domain.MethodNotAllowed, "%s does not take %s", c.Request.URL.Path, c.Request.Method))
	})
	router.GET("/docs/*any", docsPolicy, gin.WrapH(v5emb.New("RUNRUN", "/openapi.json", "/docs/")))
	router.GET("/problems/:code", showProblem)
	s.routes(humagin.New(router, apiConfig()))
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.ExceptContentTypes([]string{"text/event-stream"}))
	if err != nil {
		return nil, err
	}
	return headAsGet(compressReads(router, compress)), nil
}

// compressReads compresses what is read. Answers to orders are short, and many.
func compressReads(next http.Handler, compress func(http.Handler) http.HandlerFunc) http.Handler {
	compressed := compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			compressed(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// routes lists the API, by noun.
func (s *Server) routes(api huma.API) {
	api.UseMiddleware(s.authenticate())
	s.userRoutes(api)
	s.productRoutes(api)
	s.orderRoutes(api)
	s.paymentRoutes(api)
	describe(api.OpenAPI())
}

// handle registers an operation: with our limits, and with errors in our form.
func handle[I, O any](api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = maxBody
	op.BodyReadTimeout = 10 * time.Second
	op.Errors = append(op.Errors, commonErrors(op)...)
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
