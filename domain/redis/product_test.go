package redis_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"runrun/domain"
	"runrun/domain/redis"
	"runrun/domain/redis/redistest"
)

func TestAProductIsKeptWholeUntilItIsEdited(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client goredis.UniversalClient) {
		products, events := redis.NewProducts(client), redis.NewEvents(client)
		offer := domain.Offer{
			Product: domain.Product{
				ID:              domain.ProductID(redistest.Unique("prd_")),
				BrandID:         "brd_a",
				Name:            "달항아리",
				Category:        "ceramics",
				Price:           domain.Won(180000),
				Discount:        10,
				OpensAt:         time.UnixMilli(1_800_000_000_123).UTC(),
				LimitPerShopper: 2,
				CreatedAt:       time.UnixMilli(1_700_000_000_456).UTC(),
			},
			Brand: domain.Brand{ID: "brd_a", SellerID: "usr_s", Name: "Hanok", DeliveryFee: domain.Won(3000), FreeFrom: domain.Won(50000)},
		}
		id := offer.Product.ID
		if _, kept, err := products.Get(t.Context(), id); kept || err != nil {
			t.Fatalf("before anything was kept: %t, %v", kept, err)
		}
		if err := products.Put(t.Context(), offer); err != nil {
			t.Fatal(err)
		}
		got, kept, err := products.Get(t.Context(), id)
		if diff := cmp.Diff(offer, got); diff != "" || !kept || err != nil {
			t.Fatalf("%t, %v, %s", kept, err, diff)
		}
		edited := make(chan domain.ProductID, 100)
		events.OnEdit(func(id domain.ProductID) { edited <- id })
		go events.Listen(t.Context())
		until(t, func() bool { // the subscription takes a moment
			if err := products.Edited(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			select {
			case told := <-edited:
				return told == id
			case <-time.After(20 * time.Millisecond):
				return false
			}
		})
		if _, kept, err := products.Get(t.Context(), id); kept || err != nil {
			t.Errorf("after the edit: %t, %v", kept, err)
		}
	})
}

func TestProductsWithoutRedis(t *testing.T) {
	client, server := redistest.Embedded(t)
	server.Close()
	if _, _, err := redis.NewProducts(client).Get(t.Context(), "prd_a"); domain.CodeOf(err) != domain.CodeUnavailable {
		t.Errorf("got %v, want UNAVAILABLE", err)
	}
}
