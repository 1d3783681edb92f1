package rest

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

	"runrun/api/auth"
	"runrun/api/cache"
	"runrun/api/checkout"
	"runrun/domain"
)

// Limits of a request.
const (
	maxBody      = 64 << 10
	compressFrom = 1400 // bytes: what fits into one packet is sent as it is
	requestLimit = 30 * time.Second
)

// Config is what the API can be told.
type Config struct {
	CORSOrigins   []string // of other sites whose pages may use the API
	AddressHeader string   // in which a trusted proxy names the caller's address; empty trusts none
	DefaultLimit  int      // units per shopper of a product whose seller sets no limit
	Orders        StreamLimits
	Products      StreamLimits
	WebhookRate   int    // webhooks a second of one address
	WebUI         string // of Temporal: its address and the path of the namespace
}

// Parts are what the API is made of.
type Parts struct {
	Checkout *checkout.Checkout
	Requests *checkout.RequestQueue
	Breakers *checkout.Breakers
	Tokens   *auth.Tokens
	Logins   *auth.Logins
	Rows     OrderRows
	Queue    Queue
	Changes  Announcements
	Support  Support
	Webhooks Webhooks
	Caches
	Seller
}

// Webhooks is what follows the webhooks of the gateway, and limits them.
type Webhooks struct {
	Notices *checkout.Notices
	Limiter checkout.Limiter
}

// Caches are what many readers look at.
type Caches struct {
	Offers  *cache.Offers
	Stocks  *cache.Stocks
	SoldOut *cache.SoldOut
	Clock   *cache.Clock
}

// UnitsCameBack invalidates what is cached of a product whose units came back, or whose stock was changed.
func (c Caches) UnitsCameBack(id domain.ProductID) {
	c.SoldOut.Clear(id)
	c.Stocks.Invalidate(id)
}

// Seller is what changes products and stock.
type Seller struct {
	Catalog Catalog
	Gate    Gate
}

// API answers HTTP requests.
type API struct {
	cfg      Config
	tokens   *auth.Tokens
	requests *checkout.RequestQueue
	accounts accounts
	orders   orders
	payments payments
	products products
	stocks   stocks
	admin    admin
	webhooks webhooks
}

// New returns an API whose event streams end with ctx.
func New(ctx context.Context, cfg Config, p Parts) *API {
	s := streamer{ctx: ctx, changes: p.Changes}
	view := orderView{rows: p.Rows, queue: p.Queue}
	catalog := products{
		catalog: p.Catalog, offers: p.Offers, clock: p.Clock, breakers: p.Breakers, defaultLimit: cfg.DefaultLimit,
	}
	return &API{
		cfg: cfg, tokens: p.Tokens, requests: p.Requests,
		accounts: accounts{logins: p.Logins, tokens: p.Tokens},
		orders:   orders{orderView: view, checkout: p.Checkout, tokens: p.Tokens, streamer: s, streams: newStreams(cfg.Orders)},
		payments: payments{orderView: view, checkout: p.Checkout},
		admin:    admin{orderView: view, orders: p.Checkout, support: p.Support, webUI: cfg.WebUI},
		webhooks: webhooks{Webhooks: p.Webhooks, rate: cfg.WebhookRate},
		products: catalog,
		stocks:   stocks{products: catalog, caches: p.Caches, gate: p.Gate, streamer: s, streams: newStreams(cfg.Products)},
	}
}

// Handler routes everything.
func (a *API) Handler() (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.ContextWithFallback = true
	if err := router.SetTrustedProxies(nil); err != nil { // X-Forwarded-For is anybody's to write
		return nil, err
	}
	router.Use(a.identify, recovery, harden)
	if len(a.cfg.CORSOrigins) > 0 {
		router.Use(onlyFrom(a.cfg.CORSOrigins, cors.New(crossOrigin(a.cfg.CORSOrigins))))
	}
	router.Use(acceptable, a.enterQueue)
	router.NoRoute(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(domain.CodeNotFound, "there is nothing at %s", c.Request.URL.Path))
	})
	router.NoMethod(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(CodeMethodNotAllowed, "%s does not take %s", c.Request.URL.Path, c.Request.Method))
	})
	router.GET("/docs/*any", docsPolicy, gin.WrapH(v5emb.New("RUNRUN", "/openapi.json", "/docs/")))
	router.GET("/problems/:code", showProblem)
	a.routes(humagin.New(router, apiConfig()))
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
func (a *API) routes(api huma.API) {
	api.UseMiddleware(a.authenticate())
	a.accounts.routes(api)
	a.products.routes(api)
	a.stocks.routes(api)
	a.orders.routes(api)
	a.payments.routes(api)
	a.webhooks.routes(api)
	a.admin.routes(api)
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
