package redis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// ordersChannel carries the ids of orders that changed.
const ordersChannel = "runrun:orders"

// Events publishes and receives notifications of changed orders and products. Notifications are hints, delivered at most once:
// a receiver reads the row, and must also read it from time to time without a notification.
type Events struct {
	client redis.UniversalClient

	mu       sync.Mutex
	watchers map[string]map[chan struct{}]bool // by the id of an order or a product
	// returned is called with products whose units came back; set before Listen.
	returned func(domain.ProductID)
	// edited is called with products that were changed; set before Listen.
	edited func(domain.ProductID)
}

// NewEvents makes the announcements of a process. Receiving them needs Listen.
func NewEvents(client redis.UniversalClient) *Events {
	return &Events{
		client:   client,
		watchers: map[string]map[chan struct{}]bool{},
		returned: func(domain.ProductID) {},
		edited:   func(domain.ProductID) {},
	}
}

// OnReturn sets what is called with products whose units came back. It is called before Listen.
func (e *Events) OnReturn(tell func(domain.ProductID)) { e.returned = tell }

// OnEdit sets what is called with products that were changed. It is called before Listen.
func (e *Events) OnEdit(tell func(domain.ProductID)) { e.edited = tell }

// Announce tells everyone that orders changed.
// Errors: Unavailable; the orders have changed all the same.
func (e *Events) Announce(ctx context.Context, ids ...domain.OrderID) error {
	_, err := e.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.Publish(ctx, ordersChannel, string(id))
		}
		return nil
	})
	if err != nil {
		return domain.Wrap(domain.CodeUnavailable, err, "Redis does not answer")
	}
	return nil
}

// Listen passes announcements on to the watchers of this process until ctx ends. It is one subscription, whatever the
// number of watchers, and it comes back by itself when Redis does.
func (e *Events) Listen(ctx context.Context) {
	subscription := e.client.Subscribe(ctx, ordersChannel, productsChannel, editsChannel)
	defer func() { _ = subscription.Close() }()
	messages := subscription.Channel(redis.WithChannelSize(4096), redis.WithChannelHealthCheckInterval(5*time.Second))
	for {
		select {
		case <-ctx.Done():
			return
		case message, open := <-messages:
			if !open {
				return
			}
			switch message.Channel {
			case productsChannel:
				e.returned(domain.ProductID(message.Payload))
			case editsChannel:
				e.edited(domain.ProductID(message.Payload))
			}
			e.wake(message.Payload)
		}
	}
}

func (e *Events) wake(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for watcher := range e.watchers[id] {
		select {
		case watcher <- struct{}{}:
		default: // it has not yet looked at the last one
		}
	}
}

// WatchOrder returns a channel that receives when the order may have changed. stop ends it.
func (e *Events) WatchOrder(id domain.OrderID) (changed <-chan struct{}, stop func()) {
	return e.watch(string(id))
}

// WatchProduct returns a channel that receives when units of the product came back. stop ends it.
func (e *Events) WatchProduct(id domain.ProductID) (changed <-chan struct{}, stop func()) {
	return e.watch(string(id))
}

func (e *Events) watch(id string) (changed <-chan struct{}, stop func()) {
	watcher := make(chan struct{}, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watchers[id] == nil {
		e.watchers[id] = map[chan struct{}]bool{}
	}
	e.watchers[id][watcher] = true
	return watcher, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.watchers[id], watcher)
		if len(e.watchers[id]) == 0 {
			delete(e.watchers, id)
		}
	}
}
