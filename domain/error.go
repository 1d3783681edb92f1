package domain

import (
	"errors"
	"fmt"
	"time"
)

// Code says what went wrong. Every code has a row in retryable, and one in the API's table of HTTP statuses, which adds those of HTTP
// itself; tests hold both complete.
type Code string

// The codes.
const (
	CodeInternal           Code = "INTERNAL"
	CodeValidation         Code = "VALIDATION"
	CodeUnauthenticated    Code = "UNAUTHENTICATED"
	CodeTokenInvalid       Code = "TOKEN_INVALID"
	CodeTokenExpired       Code = "TOKEN_EXPIRED"
	CodeLoginFailed        Code = "LOGIN_FAILED"
	CodeVerificationFailed Code = "VERIFICATION_FAILED"
	CodeEmailNotVerified   Code = "EMAIL_NOT_VERIFIED"
	CodeForbidden          Code = "FORBIDDEN"
	CodeNotFound           Code = "NOT_FOUND"
	CodeUnknownProduct     Code = "UNKNOWN_PRODUCT"
	CodeIdempotencyMissing Code = "IDEMPOTENCY_KEY_MISSING"
	CodeIdempotencyReused  Code = "IDEMPOTENCY_KEY_REUSED"
	CodeSoldOut            Code = "SOLD_OUT"
	CodeLimitExceeded      Code = "LIMIT_EXCEEDED"
	CodeNotOpenYet         Code = "NOT_OPEN_YET"
	CodeClosed             Code = "CLOSED"
	CodeOrderState         Code = "ORDER_STATE"
	CodeAmountMismatch     Code = "AMOUNT_MISMATCH"
	CodePaymentInProgress  Code = "PAYMENT_IN_PROGRESS"
	CodePaymentDeclined    Code = "PAYMENT_DECLINED"
	CodePaymentUnavailable Code = "PAYMENT_UNAVAILABLE"
	CodeConflict           Code = "CONFLICT"
	CodeFenced             Code = "FENCED"
	CodeTooManyRequests    Code = "TOO_MANY_REQUESTS"
	CodeBreakerOpen        Code = "BREAKER_OPEN"
	CodeOverloaded         Code = "OVERLOADED"
	CodeUnavailable        Code = "UNAVAILABLE"
)

// retryable says for every code whether the same request may succeed later without being changed.
var retryable = map[Code]bool{
	CodeInternal:           false,
	CodeValidation:         false,
	CodeUnauthenticated:    false,
	CodeTokenInvalid:       false,
	CodeTokenExpired:       false,
	CodeLoginFailed:        false,
	CodeVerificationFailed: false,
	CodeEmailNotVerified:   false,
	CodeForbidden:          false,
	CodeNotFound:           false,
	CodeUnknownProduct:     false,
	CodeIdempotencyMissing: false,
	CodeIdempotencyReused:  false,
	CodeSoldOut:            true, // held units come back when others do not pay
	CodeLimitExceeded:      false,
	CodeNotOpenYet:         true,
	CodeClosed:             false,
	CodeOrderState:         false,
	CodeAmountMismatch:     false,
	CodePaymentInProgress:  true,
	CodePaymentDeclined:    false,
	CodePaymentUnavailable: false, // the payment window has to be gone through again
	CodeConflict:           true,
	CodeFenced:             true,
	CodeTooManyRequests:    true,
	CodeBreakerOpen:        true,
	CodeOverloaded:         true,
	CodeUnavailable:        true,
}

// Codes lists every code, in no particular order.
func Codes() []Code {
	codes := make([]Code, 0, len(retryable))
	for code := range retryable {
		codes = append(codes, code)
	}
	return codes
}

// Known reports whether the code is one of ours.
func (c Code) Known() bool {
	_, known := retryable[c]
	return known
}

// Retryable reports whether the same request may succeed later.
func (c Code) Retryable() bool { return retryable[c] }

// Error is the only error type of the shop. Message may be shown to a shopper; the cause may not.
type Error struct {
	Code    Code
	Message string
	// Fields names what is wrong with the input, where that is the error.
	Fields []FieldError
	// RetryAt is when the same request may succeed, where that is known.
	RetryAt time.Time
	cause   error
}

// FieldError is one fault of an input.
type FieldError struct {
	// Pointer is the JSON pointer (RFC 6901) of a value in the body; empty for the whole body.
	Pointer string `json:"pointer"`
	// In and Name say where a value outside the body stands: path, query or header.
	In     string `json:"in,omitempty"`
	Name   string `json:"name,omitempty"`
	Detail string `json:"detail"`
}

// Errorf makes an error with a message for the caller.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error that keeps its cause for the log.
func Wrap(code Code, cause error, message string) *Error {
	return &Error{Code: code, Message: message, cause: cause}
}

// WithRetryAt returns the error with the time from which the same request may succeed.
func (e *Error) WithRetryAt(at time.Time) *Error {
	e.RetryAt = at
	return e
}

// Error returns code, message and cause, for logs.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of err: Internal for an error that is none of ours, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// UncertainError says that a transaction failed when its commit may have been sent: what it wrote may stand, and has to be looked
// for. Its code is that of its cause.
type UncertainError struct{ Cause error }

// Error describes the cause, for logs.
func (e *UncertainError) Error() string {
	return "it is not known whether it was written: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *UncertainError) Unwrap() error { return e.Cause }

// MayBeWritten reports whether what failed with err may have been written all the same.
func MayBeWritten(err error) bool {
	var uncertain *UncertainError
	return errors.As(err, &uncertain)
}
