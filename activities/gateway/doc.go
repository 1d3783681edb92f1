// Package gateway is the client of the payment gateway, the core API of Toss Payments (version 2022-11-16,
// https://docs.tosspayments.com/reference). Pointing it at the real one needs a URL and a key.
//
// It maps the gateway's error codes to outcomes. A confirm is paid, declined, a fault of ours, or unknown; a look-up can also
// find the payment unconfirmed or missing. The HTTP status only separates a payment (200) from an error. The client never
// retries a request; the workflow does, with the same idempotency key.
package gateway
