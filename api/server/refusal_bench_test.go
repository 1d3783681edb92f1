package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"runrun/domain"
	"runrun/domain/redis/redistest"
	"runrun/domain/store"
	"runrun/domain/store/storetest"
)

// benchStore is the database of MYSQL_DSN, else SQLite.
func benchStore(b *testing.B) store.Config {
	if os.Getenv("MYSQL_DSN") != "" {
		return storetest.MySQL(b)
	}
	return storetest.SQLite(b)
}

// BenchmarkRefusal measures what refusing a shopper costs the API, from the request's bytes to the problem's, without a
// network: token, key, flag. A shopper asks ten times.
func BenchmarkRefusal(b *testing.B) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // its lines would stand between the results
	cfg := defaults(b)
	cfg.Listen, cfg.OpsListen, cfg.Temporal.Address, cfg.Store = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1", benchStore(b)
	if cfg.Redis.Addr = os.Getenv("REDIS_ADDR"); cfg.Redis.Addr == "" {
		_, server := redistest.Embedded(b)
		cfg.Redis.Addr = server.Addr()
	}
	s, err := Start(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Stop() })
	product := storetest.Product(b, s.adapters.store, 0,
		func(p *domain.Product) { p.ID = domain.ProductID(redistest.Unique(domain.ProductPrefix)) })
	body := fmt.Sprintf(
		`{"items":[{"productId":"%s","quantity":1}],"receiver":{"name":"Load","phone":"010-0000-0000","zipCode":"04524","address":"110 Sejong-daero, Seoul"}}`,
		product.ID,
	)
	tokens := make([]string, 20_000)
	for n := range tokens {
		if tokens[n], _, err = s.parts.rest.Accounts.Tokens.Issue(domain.UserID(fmt.Sprint("usr_bench-", n)), domain.RoleCustomer,
			time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	handler, err := s.handler()
	if err != nil {
		b.Fatal(err)
	}
	var shopper atomic.Int64
	b.SetParallelism(64)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := shopper.Add(1)
			r := httptest.NewRequest(http.MethodPost, "/v1/orders", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+tokens[n%int64(len(tokens))])
			r.Header.Set("Idempotency-Key", fmt.Sprint("key-", n))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusConflict {
				b.Errorf("%d %s", w.Code, w.Body)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "refusals/s")
}
