package rest

import "runrun/domain"

// Codes of HTTP itself, which the domain does not know. None is retryable.
const (
	CodeMalformedRequest     domain.Code = "MALFORMED_REQUEST"
	CodePayloadTooLarge      domain.Code = "PAYLOAD_TOO_LARGE"
	CodeUnsupportedMediaType domain.Code = "UNSUPPORTED_MEDIA_TYPE"
	CodeMethodNotAllowed     domain.Code = "METHOD_NOT_ALLOWED"
	CodeNotAcceptable        domain.Code = "NOT_ACCEPTABLE"
)

// Codes lists every code that the API answers with, in no particular order.
func Codes() []domain.Code {
	return append(domain.Codes(), CodeMalformedRequest, CodePayloadTooLarge, CodeUnsupportedMediaType, CodeMethodNotAllowed, CodeNotAcceptable)
}
