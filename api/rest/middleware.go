package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"

	"runrun/domain"
	"runrun/domain/ops"
)

type (
	addressKey struct{}
	headersKey struct{}
)

// addressOf is the address from which a request comes.
func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// headersOf returns the response headers of the request, for values that are set before the handler returns, such as
// RateLimit.
func headersOf(ctx context.Context) http.Header {
	if headers, ok := ctx.Value(headersKey{}).(http.Header); ok {
		return headers
	}
	return http.Header{}
}

// clientAddress is the address from which a request comes: the connection's, or the last in the header of a trusted proxy, which
// appends to whatever its caller wrote. Of an IPv6 address only the network counts, since everybody has a whole one.
func (a *API) clientAddress(r *http.Request) string {
	text, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		text = r.RemoteAddr
	}
	if name := a.cfg.AddressHeader; name != "" {
		values := strings.Split(strings.Join(r.Header.Values(name), ","), ",")
		if last := strings.TrimSpace(values[len(values)-1]); last != "" {
			if _, err := netip.ParseAddr(last); err == nil {
				text = last
			}
		}
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return "unknown"
	}
	if address = address.Unmap().WithZone(""); address.Is4() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return "unknown"
	}
	return network.String()
}

// identify gives every request an id, the caller's if it has one, a trace, and the caller's address.
func (a *API) identify(c *gin.Context) {
	id := c.GetHeader("X-Request-Id")
	if !domain.ValidKey(id) {
		id = uuid.NewString()
	}
	ctx := c.Request.Context()
	if a.cfg.TraceCallers {
		ctx = otel.GetTextMapPropagator().Extract(ctx, propagation.HeaderCarrier(c.Request.Header))
	}
	route := methodOf(c.Request) + " " + c.FullPath()
	ctx, span := otel.Tracer("runrun/api").Start(ctx, route)
	defer span.End()
	ctx = ops.Annotated(ctx, slog.String("route", route), slog.String("request_id", id))
	ctx = context.WithValue(ctx, addressKey{}, a.clientAddress(c.Request))
	ctx = context.WithValue(ctx, headersKey{}, c.Writer.Header())
	c.Request = c.Request.WithContext(ctx)
	c.Header("X-Request-Id", id)
	began := time.Now()
	c.Next()
	span.SetAttributes(semconv.HTTPRoute(c.FullPath()), semconv.HTTPResponseStatusCode(c.Writer.Status()))
	if c.Writer.Status() >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, http.StatusText(c.Writer.Status()))
	}
	slog.DebugContext(ctx, "request served", "status", c.Writer.Status(), "took", time.Since(began))
}

// enterQueue makes order requests wait for a slot before anything else is done for them; all other requests pass. The body is read
// first: a client that sends its body slowly, or never, must not hold a slot meanwhile.
func (a *API) enterQueue(c *gin.Context) {
	if c.Request.Method != http.MethodPost || c.Request.URL.Path != "/v1/orders" {
		return
	}
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, maxBody+1))
	unread := c.Request.Body
	c.Request.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), unread), unread}
	if err != nil || len(body) > maxBody { // the handler meets the same error, and orders nothing
		return
	}
	ctx, release, err := a.requests.Enter(c.Request.Context())
	if err != nil {
		writeProblem(c, err)
		return
	}
	defer release()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// limitUploads answers 503 at once to more uploads of pictures than memory is meant for, before any of their bodies is read.
func (a *API) limitUploads(c *gin.Context) {
	if c.Request.Method != http.MethodPut || !strings.Contains(c.Request.URL.Path, "/image") {
		return
	}
	if !a.uploads.TryAcquire(1) {
		writeProblem(c, domain.Errorf(domain.CodeOverloaded, "too many pictures are being uploaded; try again in a moment"))
		return
	}
	defer a.uploads.Release(1)
	c.Next()
}

// harden sends the headers by which a browser does no more with an answer than it should. Answers are not to be kept by caches on
// the way unless they say so.
func harden(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("X-Frame-Options", "DENY")
	c.Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("Cache-Control", "no-store")
	c.Next()
}

// docsPolicy lets the API's pages load their own scripts and styles.
func docsPolicy(c *gin.Context) {
	c.Header("Content-Security-Policy",
		"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
	c.Next()
}

// spoken is what the API answers with.
var spoken = []string{"application/json", "application/problem+json", "text/event-stream", "text/html", "image/jpeg"}

// acceptable answers 406 to a request under /v1/ whose Accept header allows none of the API's media types, before a
// handler runs. Other paths serve pages and their assets, and are not checked.
func acceptable(c *gin.Context) {
	if c.GetHeader("Accept") != "" && strings.HasPrefix(c.Request.URL.Path, "/v1/") && c.NegotiateFormat(spoken...) == "" {
		writeProblem(c, domain.Errorf(CodeNotAcceptable, "answers are application/json, streams text/event-stream"))
		return
	}
	c.Next()
}

// crossOrigin lets pages of other origins use the API, and read the headers that it speaks with.
func crossOrigin(origins []string) cors.Config {
	return cors.Config{
		AllowOrigins: origins,
		AllowMethods: []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowHeaders: []string{"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Prefer", "X-Request-Id"},
		ExposeHeaders: []string{
			"Date", // the server's clock decides when a drop opens
			"ETag",
			"Link",
			"Location",
			"Retry-After",
			"Idempotent-Replayed",
			"Preference-Applied",
			"X-Request-Id",
			"RateLimit",
			"RateLimit-Policy",
		},
		AllowCredentials: true, // the refresh cookie; its paths look at the origin themselves
		MaxAge:           time.Hour,
	}
}

// onlyFrom runs handle only for requests from the given origins. Others are served without CORS headers, so that
// browsers hide the answer from the page; clients that are no browsers send no Origin.
func onlyFrom(origins []string, handle gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		if slices.Contains(origins, c.GetHeader("Origin")) {
			handle(c)
		}
	}
}

// headAsGet answers HEAD where there is GET; net/http leaves the body out. A stream has no end, so there is none to look at.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && !strings.HasSuffix(r.URL.Path, "/events") {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}

// recovery turns a panic into an INTERNAL problem.
func recovery(c *gin.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			if cause == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
				panic(cause)
			}
			writeProblem(c, domain.Wrap(domain.CodeInternal, fmt.Errorf("panic: %v", cause), ""))
		}
	}()
	c.Next()
}
