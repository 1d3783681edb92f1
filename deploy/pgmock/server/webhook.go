package server

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// repetitions is how often an unanswered webhook is sent again: after 1, 4, 16, 64, 256, 1024 and 4096 times the pause.
const repetitions = 7

// webhooks tells the shop of status changes: unsigned, late and twice if so configured, and out of order by nature.
type webhooks struct {
	cfg    Config
	url    atomic.Pointer[string]
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	open   sync.WaitGroup
}

func newWebhooks(cfg Config) *webhooks {
	ctx, cancel := context.WithCancel(context.Background())
	h := &webhooks{cfg: cfg, client: &http.Client{Timeout: 10 * time.Second}, ctx: ctx, cancel: cancel}
	h.url.Store(&cfg.WebhookURL)
	return h
}

// send tells of a payment's new status, in its own time.
func (h *webhooks) send(p *Payment) {
	if *h.url.Load() == "" || chance(h.cfg.LoseWebhookShare) {
		return
	}
	body, err := json.Marshal(map[string]any{"eventType": "PAYMENT_STATUS_CHANGED", "createdAt": localStamp(time.Now()), "data": *p})
	if err != nil {
		return
	}
	copies := 1
	if chance(h.cfg.DuplicateShare) {
		copies = 2
	}
	id := newKey("transmission-")
	for range copies {
		h.open.Go(func() { h.deliver(id, body) })
	}
}

// deliver sends a webhook until it is answered with 200 or the repetitions are used up.
func (h *webhooks) deliver(id string, body []byte) {
	wait(h.ctx, h.cfg.WebhookDelay)
	pause := h.cfg.WebhookRetry
	for retried := 0; retried <= repetitions && h.ctx.Err() == nil; retried++ {
		if h.post(id, retried, body) {
			return
		}
		wait(h.ctx, pause)
		pause *= 4
	}
}

func (h *webhooks) post(id string, retried int, body []byte) bool {
	r, err := http.NewRequestWithContext(h.ctx, http.MethodPost, *h.url.Load(), bytes.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("tosspayments-webhook-transmission-id", id)
	r.Header.Set("tosspayments-webhook-transmission-time", stamp(time.Now()))
	r.Header.Set("tosspayments-webhook-transmission-retried-count", strconv.Itoa(retried))
	resp, err := h.client.Do(r)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode == http.StatusOK
}

// stop gives up what was not delivered.
func (h *webhooks) stop() {
	h.cancel()
	h.open.Wait()
}
