package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
	"github.com/swaggest/swgui/v5emb"
	"golang.org/x/sync/semaphore"

	"runrun/api/auth"
	"runrun/api/cache"
	"runrun/api/checkout"
	"runrun/api/picture"
	"runrun/domain"
)

// Limits of a request.
const (
	maxBody      = 64 << 10
	compressFrom = 1400 // bytes: what fits into one packet is sent as it is
	requestLimit = 30 * time.Second
	maxUploads   = 16 // bodies with pictures that are read at once, of 5 MiB each
)

// Config is what the API can be told.
type Config struct {
	CORSOrigins   []string      // of other sites whose pages may use the API
	TraceCallers  bool          // whether the trace that a caller names is gone on with
	AddressHeader string        // in which a trusted proxy names the caller's address; empty trusts none
	DefaultLimit  int           // units per shopper of a product whose seller sets no limit
	HoldExtension time.Duration // by how much the time to pay may be extended for a product whose seller sets nothing
	Orders        StreamLimits
	Products      StreamLimits
	WebhookRate   int          // webhooks a second of one address
	WebUI         string       // of Temporal: its address and the path of the namespace
	Dev           http.Handler // of what only development has, below /dev/; nil for none
	Web           http.Handler // the storefront; nil for none
}

// Parts are what the API is made of.
type Parts struct {
	Checkout *checkout.Checkout
	Requests *checkout.RequestQueue
	Breakers *checkout.Breakers
	Accounts Accounts
	Rows     Rows
	Queue    Queue
	Changes  Announcements
	Support  Support
	Webhooks Webhooks
	Caches
	Seller
}

// Rows is the database, as the routes need it.
type Rows interface {
	OrderRows
	AddressRows
	CartRows
}

// Webhooks is what follows the webhooks of the gateway, and limits them.
type Webhooks struct {
	Notices *checkout.Notices
	Limiter checkout.Limiter
}

// Caches are what many readers look at.
type Caches struct {
	Offers     *cache.Offers
	Stocks     *cache.Stocks
	SoldOut    *cache.SoldOut
	Clock      *cache.Clock
	Categories *cache.Categories
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
	Edits   Edits
	Images  Images
	Studio  *picture.Studio
	Demand  Demand
}

// API answers HTTP requests.
type API struct {
	cfg      Config
	tokens   *auth.Tokens
	requests *checkout.RequestQueue
	uploads  *semaphore.Weighted
	streams  map[string]*streams // by what they follow
	nouns    []interface{ routes(api huma.API) }
}

// New returns an API whose event streams end with ctx.
func New(ctx context.Context, cfg Config, p Parts) *API {
	s := streamer{ctx: ctx, changes: p.Changes}
	followers := map[string]*streams{"orders": newStreams(cfg.Orders), "products": newStreams(cfg.Products)}
	view := orderView{rows: p.Rows, queue: p.Queue}
	catalog := products{
		Seller: p.Seller, caches: p.Caches, breakers: p.Breakers, defaultLimit: cfg.DefaultLimit,
		defaultExtension: cfg.HoldExtension,
	}
	return &API{
		cfg: cfg, tokens: p.Accounts.Tokens, requests: p.Requests, uploads: semaphore.NewWeighted(maxUploads), streams: followers,
		nouns: []interface{ routes(api huma.API) }{
			accounts{p.Accounts},
			addresses{p.Rows},
			categories{p.Categories},
			brands{p.Seller, p.Offers},
			catalog,
			stocks{products: catalog, streamer: s, streams: followers["products"]},
			demands{catalog},
			images{p.Images},
			carts{rows: p.Rows, products: catalog},
			quotes{checkout: p.Checkout},
			orders{orderView: view, addresses: p.Rows, checkout: p.Checkout, tokens: p.Accounts.Tokens, streamer: s,
				streams: followers["orders"]},
			payments{orderView: view, checkout: p.Checkout},
			webhooks{Webhooks: p.Webhooks, rate: cfg.WebhookRate},
			admin{orderView: view, orders: p.Checkout, support: p.Support, webUI: cfg.WebUI},
		},
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
	measures, err := newMeasures()
	if err != nil {
		return nil, err
	}
	for of, open := range a.streams {
		if err := open.observe(of); err != nil {
			return nil, err
		}
	}
	router.Use(a.identify, measures.measure, recovery, harden)
	if len(a.cfg.CORSOrigins) > 0 {
		router.Use(onlyFrom(a.cfg.CORSOrigins, cors.New(crossOrigin(a.cfg.CORSOrigins))))
	}
	router.Use(acceptable, a.guardCookie, a.limitUploads, a.enterQueue)
	router.NoRoute(func(c *gin.Context) {
		if a.showsPage(c.Request) {
			c.Writer.WriteHeader(http.StatusOK) // gin has set 404 before
			a.cfg.Web.ServeHTTP(c.Writer, c.Request)
			return
		}
		writeProblem(c, domain.Errorf(domain.CodeNotFound, "there is nothing at %s", c.Request.URL.Path))
	})
	router.NoMethod(func(c *gin.Context) {
		writeProblem(c, domain.Errorf(CodeMethodNotAllowed, "%s does not take %s", c.Request.URL.Path, c.Request.Method))
	})
	router.GET("/docs/*any", docsPolicy, gin.WrapH(v5emb.New("RUNRUN", "/openapi.json", "/docs/")))
	router.GET("/problems/:code", showProblem)
	if a.cfg.Dev != nil {
		router.Any("/dev/*any", gin.WrapH(a.cfg.Dev))
	}
	a.routes(humagin.New(router, apiConfig()))
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.ExceptContentTypes([]string{"text/event-stream"}))
	if err != nil {
		return nil, err
	}
	return headAsGet(compressReads(router, compress)), nil
}

// showsPage reports whether a request that fits no route is for the storefront: a browser that opens a page, or one of its files. Whoever
// speaks with the API is told that there is nothing.
func (a *API) showsPage(r *http.Request) bool {
	if a.cfg.Web == nil || r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/v1/") {
		return false
	}
	return strings.HasPrefix(r.URL.Path, "/w/") || strings.Contains(r.Header.Get("Accept"), "text/html")
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
	for _, noun := range a.nouns {
		noun.routes(api)
	}
	describe(api.OpenAPI())
}

// handle registers an operation: with our limits, and with errors in our form.
func handle[I, O any](api huma.API, op huma.Operation, do func(context.Context, *I) (*O, error)) {
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxBody
	}
	op.BodyReadTimeout = 10 * time.Second
	op.Errors = append(op.Errors, commonErrors(op)...)
	register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, requestLimit)
		defer cancel()
		out, err := do(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}
