package rest

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"runrun/domain"
)

// explanations say of every code what happened, to money and units too, and what to do; a test holds the table complete.
var explanations = map[domain.Code]string{
	domain.CodeInternal: "Something failed on our side. The order may have been accepted, or the payment made: look the order up, " +
		"or send the same request, with the same Idempotency-Key, again. It neither orders nor charges twice.",
	CodeMalformedRequest: "The request cannot be read: it is not valid JSON, or was cut off. Nothing was done. Correct it.",
	domain.CodeValidation: "The request can be read and something in it is not allowed; errors names each fault. " +
		"Nothing was done. Correct it.",
	CodePayloadTooLarge:      "The body is larger than 64 KiB. Nothing was done.",
	CodeUnsupportedMediaType: "Bodies are application/json. Nothing was done.",
	CodeMethodNotAllowed:     "This path does not take this method.",
	CodeNotAcceptable: "Answers are application/json, errors application/problem+json, streams " +
		"text/event-stream; the Accept header allows none of them. Nothing was done.",
	domain.CodeUnauthenticated: "This needs an access token: Authorization: Bearer …, from POST /v1/users/login.",
	domain.CodeTokenInvalid:    "The access token is not one of ours, or was changed. Log in again.",
	domain.CodeTokenExpired:    "The access token has expired. Log in again.",
	domain.CodeLoginFailed:     "The e-mail address or the password is wrong, or the address is not verified.",
	domain.CodeVerificationFailed: "The code is wrong, was used before, or is older than 30 minutes; " +
		"after five wrong ones none is right. Ask for a new one.",
	domain.CodeEmailNotVerified: "An account needs an e-mail address that was verified within the last 30 minutes and has no account yet. " +
		"Nothing was made. Ask for a code, and verify it.",
	domain.CodeForbidden:          "The caller's role, or the caller, may not do this.",
	domain.CodeNotFound:           "There is nothing here for the caller. Orders of others do not exist for you.",
	domain.CodeUnknownProduct:     "A product of the order does not exist. Nothing was ordered.",
	domain.CodeIdempotencyMissing: "An order needs an Idempotency-Key, new for each order. Nothing was ordered.",
	domain.CodeIdempotencyReused:  "This Idempotency-Key belongs to another request. Nothing was ordered; use a new key for a new order.",
	domain.CodeSoldOut: "No units are left. Nothing was ordered, nothing was charged. Units come back when " +
		"others do not pay: follow the product's events.",
	domain.CodeLimitExceeded: "That would be more than one shopper may have of the product, or hold unpaid. Nothing " +
		"was ordered; pay or cancel what you hold.",
	domain.CodeNotOpenYet:     "Orders are taken from orderingOpensAt on. Nothing was ordered.",
	domain.CodeClosed:         "Orders are not taken any more. Nothing was ordered.",
	domain.CodeOrderState:     "The order's status, see orderStatus, does not allow this. A payment approved too late is refunded.",
	domain.CodeAmountMismatch: "The amount is not that of the order. Nothing was charged.",
	domain.CodePaymentInProgress: "An earlier payment of this order has no outcome yet, and the order is not charged " +
		"twice. Follow the order.",
	domain.CodePaymentDeclined: "The card company declined; declineCode says why. Nothing was charged. With " +
		"attemptsLeft the units are still held: go through the payment window again. With none left the order has " +
		"ended, and its units are given back.",
	domain.CodePaymentUnavailable: "The payment could not be made by a fault of ours. Nothing was charged, the units are " +
		"still held, the attempt does not count. Go through the payment window again.",
	domain.CodeConflict:        "Something changed at the same moment, or the change is not possible any more. Read it again.",
	domain.CodeFenced:          "Another worker was faster. Send the same request again.",
	domain.CodeTooManyRequests: "More than one caller may ask for. Nothing was done. Come again after Retry-After.",
	domain.CodeBreakerOpen: "Orders for this product fail at the moment, by no fault of yours. Nothing was " +
		"ordered. Come again after Retry-After.",
	domain.CodeOverloaded: "The shop has more requests than it can process, and this one was not finished. If its order was " +
		"accepted or its payment confirmed, it stays so, and a repetition neither orders nor charges twice: send the same " +
		"request, with the same Idempotency-Key, after Retry-After.",
	domain.CodeUnavailable: "There was no answer in time. It may have been done: send the same request, with the " +
		"same Idempotency-Key, after Retry-After.",
}

// problemType is the URI of the page that explains a code.
func problemType(code domain.Code) string {
	return "/problems/" + strings.ReplaceAll(strings.ToLower(string(code)), "_", "-")
}

var problemPage = template.Must(template.New("problem").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Code}}</title>
<h1>{{.Code}}</h1><p>HTTP {{.Status}} {{.Title}}</p><p>{{.Text}}</p>
<p>{{if .Retryable}}The same request may succeed later.{{else}}The same request will not succeed later.{{end}}</p>
`))

// showProblem explains a code to people.
func showProblem(c *gin.Context) {
	code := domain.Code(strings.ReplaceAll(strings.ToUpper(c.Param("code")), "-", "_"))
	text, known := explanations[code]
	if !known {
		writeProblem(c, domain.Errorf(domain.CodeNotFound, "there is no problem of this kind"))
		return
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Header("Cache-Control", "public, max-age=3600")
	_ = problemPage.Execute(c.Writer, map[string]any{
		"Code": code, "Status": statuses[code], "Title": http.StatusText(statuses[code]), "Text": text, "Retryable": code.Retryable(),
	})
}
