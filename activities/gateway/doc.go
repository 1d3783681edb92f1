// Package gateway is the client of the payment gateway, the core API of Toss Payments (version 2022-11-16,
// https://docs.tosspayments.com/reference). Pointing it at the real one needs a URL and a key.
//
// It decides by the gateway's code, never by the HTTP status, and knows four outcomes: paid, declined, a fault of ours, and
// unknown. An unknown outcome is looked up, never guessed. It never repeats a request by itself: repetition, with the same
// idempotency key, is the workflow's business.
package gateway
