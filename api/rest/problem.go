package rest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"runrun/api/checkout"
	"runrun/domain"
)

// statuses is the table of HTTP statuses; a test holds it complete.
var statuses = map[domain.Code]int{
	domain.CodeInternal:           http.StatusInternalServerError,
	CodeMalformedRequest:          http.StatusBadRequest,
	domain.CodeValidation:         http.StatusUnprocessableEntity,
	CodePayloadTooLarge:           http.StatusRequestEntityTooLarge,
	CodeUnsupportedMediaType:      http.StatusUnsupportedMediaType,
	CodeMethodNotAllowed:          http.StatusMethodNotAllowed,
	CodeNotAcceptable:             http.StatusNotAcceptable,
	domain.CodeUnauthenticated:    http.StatusUnauthorized,
	domain.CodeTokenInvalid:       http.StatusUnauthorized,
	domain.CodeTokenExpired:       http.StatusUnauthorized,
	domain.CodeLoginFailed:        http.StatusUnauthorized,
	domain.CodeVerificationFailed: http.StatusUnprocessableEntity,
	domain.CodeEmailNotVerified:   http.StatusConflict,
	domain.CodeForbidden:          http.StatusForbidden,
	domain.CodeNotFound:           http.StatusNotFound,
	domain.CodeUnknownProduct:     http.StatusUnprocessableEntity,
	domain.CodeIdempotencyMissing: http.StatusBadRequest,
	domain.CodeIdempotencyReused:  http.StatusUnprocessableEntity,
	domain.CodeSoldOut:            http.StatusConflict,
	domain.CodeLimitExceeded:      http.StatusConflict,
	domain.CodeNotOpenYet:         http.StatusConflict,
	domain.CodeClosed:             http.StatusConflict,
	domain.CodeOrderState:         http.StatusConflict,
	domain.CodeAmountMismatch:     http.StatusUnprocessableEntity,
	domain.CodePaymentInProgress:  http.StatusConflict,
	domain.CodePaymentDeclined:    http.StatusPaymentRequired,
	domain.CodePaymentUnavailable: http.StatusServiceUnavailable,
	domain.CodeConflict:           http.StatusConflict,
	domain.CodeFenced:             http.StatusServiceUnavailable,
	domain.CodeTooManyRequests:    http.StatusTooManyRequests,
	domain.CodeBreakerOpen:        http.StatusServiceUnavailable,
	domain.CodeOverloaded:         http.StatusServiceUnavailable,
	domain.CodeUnavailable:        http.StatusServiceUnavailable,
}

// problem is an error as RFC 9457 describes it, application/problem+json, with our stable code.
type problem struct {
	Type       string              `json:"type" doc:"The page that explains the code: /problems/ and the code in small letters." example:"/problems/sold-out"`
	Title      string              `json:"title" doc:"The HTTP status in words."`
	Status     int                 `json:"status" doc:"The HTTP status."`
	Detail     string              `json:"detail,omitempty" doc:"What went wrong, for people."`
	Code       domain.Code         `json:"code" doc:"What went wrong, for programs. Stable."`
	Retryable  bool                `json:"retryable" doc:"Whether the same request may succeed later."`
	TraceID    string              `json:"traceId,omitempty" doc:"Names this request in our logs."`
	Errors     []domain.FieldError `json:"errors,omitempty" doc:"Each fault of the input."`
	replayed   bool
	retryAfter time.Duration // 0 is the usual
	OpensAt    *time.Time    `json:"orderingOpensAt,omitempty" doc:"With NOT_OPEN_YET: when it does."`

	OrderStatus  domain.OrderStatus `json:"orderStatus,omitempty" doc:"With an order that cannot be paid or canceled, or whose payment was declined: where it stands now."`
	OrderReason  string             `json:"orderReason,omitempty" doc:"With orderStatus: why."`
	DeclineCode  string             `json:"declineCode,omitempty" doc:"With PAYMENT_DECLINED: the gateway's code."`
	AttemptsLeft *int               `json:"attemptsLeft,omitempty" doc:"With PAYMENT_DECLINED and PAYMENT_UNAVAILABLE: how often the order may still be paid."`
}

// Error makes a problem an error.
func (p *problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus tells huma the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType tells huma the media type.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells huma when to come again, and how to authenticate.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if p.Retryable && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests) {
		h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(cmp.Or(p.retryAfter, retryAfterSeconds*time.Second).Seconds())))))
	}
	switch p.Code {
	case domain.CodeTokenInvalid, domain.CodeTokenExpired: // RFC 6750, 3.1
		h.Set("WWW-Authenticate", `Bearer realm="runrun", error="invalid_token"`)
	case domain.CodeUnauthenticated, domain.CodeLoginFailed:
		h.Set("WWW-Authenticate", `Bearer realm="runrun"`)
	}
	return h
}

// problemOf returns the problem that a caller may see of err. INTERNAL, which any error without a code of ours becomes,
// is logged with its text, and the caller gets a general message. Other 5xx are logged too, except open breakers and
// overload.
func problemOf(ctx context.Context, err error) *problem {
	var already *problem
	if errors.As(err, &already) {
		return already
	}
	var e *domain.Error
	if !errors.As(err, &e) {
		e = domain.Wrap(domain.CodeOf(err), err, "")
	}
	p := &problem{
		Type:      problemType(e.Code),
		Status:    statuses[e.Code],
		Code:      e.Code,
		Detail:    e.Message,
		Retryable: e.Code.Retryable(),
		Errors:    e.Fields,
		TraceID:   traceOf(ctx),
	}
	p.addTime(e)
	p.addOrder(err)
	if e.Code == domain.CodeInternal {
		slog.ErrorContext(ctx, "request failed: internal error", "error", err)
		p.Detail = "an internal error; the request may have been carried out: look at its result before you send it again"
	} else if p.Status >= http.StatusInternalServerError && e.Code != domain.CodeBreakerOpen && e.Code != domain.CodeOverloaded {
		// Open breakers and overload come in thousands: metrics count them.
		slog.WarnContext(ctx, "request failed: service unavailable", "code", p.Code, "error", err)
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// addTime adds when the same request may succeed.
func (p *problem) addTime(e *domain.Error) {
	switch {
	case e.RetryAt.IsZero():
	case e.Code == domain.CodeNotOpenYet:
		p.OpensAt = &e.RetryAt
	default:
		p.retryAfter = time.Until(e.RetryAt)
	}
}

// addOrder adds where the order stands, if the error is about one.
func (p *problem) addOrder(err error) {
	var about *checkout.OrderError
	if errors.As(err, &about) {
		p.OrderStatus, p.OrderReason = about.Order.Status, about.Order.Reason
		p.DeclineCode, p.AttemptsLeft = about.DeclineCode, about.AttemptsLeft
	}
}

// traceOf is the id under which a request stands in the logs.
func traceOf(ctx context.Context) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	return ""
}

// codesOfHuma are the errors that huma finds before a handler runs.
var codesOfHuma = map[int]domain.Code{
	http.StatusBadRequest:            CodeMalformedRequest,
	http.StatusRequestEntityTooLarge: CodePayloadTooLarge,
	http.StatusUnsupportedMediaType:  CodeUnsupportedMediaType,
	http.StatusUnprocessableEntity:   domain.CodeValidation,
	http.StatusNotAcceptable:         CodeNotAcceptable,
	http.StatusRequestTimeout:        CodeMalformedRequest,
}

// Errors that huma finds are written in our form. The hook is global to huma, and so is this.
func init() { //nolint:gochecknoinits // huma has no other place for it
	huma.ValidateStrictCasing = true // see strictJSON
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		background := context.Background()
		if ctx != nil {
			background = ctx.Context()
		}
		return fromHuma(background, status, message, errs)
	}
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return fromHuma(context.Background(), status, message, errs)
	}
}

func fromHuma(ctx context.Context, status int, message string, errs []error) huma.StatusError {
	if status == 0 { // asked for the form of our errors, for the API's description
		return &problem{}
	}
	if message == "cannot read request body" { // huma calls it a 500; it is the caller's connection
		status = http.StatusBadRequest
	}
	code, known := codesOfHuma[status]
	if !known {
		return problemOf(ctx, domain.Wrap(domain.CodeInternal, errors.Join(errs...), message))
	}
	e := &domain.Error{Code: code, Message: message}
	for _, err := range errs {
		var ours *domain.Error
		if errors.As(err, &ours) {
			return problemOf(ctx, ours)
		}
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			if strings.HasPrefix(detail.Message, duplicateKey) {
				e.Code = domain.CodeValidation
			}
			e.Fields = append(e.Fields, fieldOf(detail))
		}
	}
	return problemOf(ctx, e)
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// fieldOf says where a fault is: in the body by JSON pointer ("body.items[0].quantity" of huma is "/items/0/quantity"), outside
// of it by place and name.
func fieldOf(detail *huma.ErrorDetail) domain.FieldError {
	if pointer, found := strings.CutPrefix(detail.Message, duplicateKey); found {
		return domain.FieldError{Pointer: pointer, Detail: "named twice"}
	}
	rest, inBody := strings.CutPrefix(detail.Location, "body")
	if !inBody {
		place, name, _ := strings.Cut(detail.Location, ".")
		return domain.FieldError{In: place, Name: name, Detail: detail.Message}
	}
	rest = strings.NewReplacer("~", "~0", "/", "~1").Replace(rest)
	return domain.FieldError{Pointer: strings.ReplaceAll(index.ReplaceAllString(rest, ".$1"), ".", "/"), Detail: detail.Message}
}

// writeProblem answers outside of huma: unknown paths, panics.
func writeProblem(c *gin.Context, err error) {
	p := problemOf(c.Request.Context(), err)
	for name, values := range p.GetHeaders() {
		c.Header(name, values[0])
	}
	c.Header("Content-Type", p.ContentType(""))
	c.AbortWithStatusJSON(p.Status, p)
}
