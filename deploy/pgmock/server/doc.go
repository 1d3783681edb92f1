// Package server is a fake of the payment gateway: it speaks the core API of Toss Payments (version 2022-11-16,
// https://docs.tosspayments.com/reference) and misbehaves on request.
//
// It shares no code with the client it is used to test: a fake that shares code with the client shares its mistakes. It
// keeps sessions, payments, idempotency records and webhooks, and a ledger of the money that moved, which tests and the
// load test compare with what they saw.
//
// What it does not imitate: virtual accounts and deposits, billing keys, cash receipts, escrow, card acquisition, settlement,
// more than one merchant, rate limits, and the wording of most messages. Every approval is a Visa card paid at once. Its clock is the
// machine's; state survives a clean stop only, and only with a data file.
package server
