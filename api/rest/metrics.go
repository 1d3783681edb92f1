package rest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// measures say how many requests there are, how many fail and how long they take, by route.
type measures struct {
	seconds  metric.Float64Histogram
	inFlight metric.Int64UpDownCounter
}

func newMeasures() (measures, error) {
	meter := otel.Meter("runrun/http")
	seconds, err1 := meter.Float64Histogram("runrun_http_request_seconds",
		metric.WithDescription("Time until an answer was sent, by method, route and class of status. Streams are not in it."),
		metric.WithUnit("s"))
	inFlight, err2 := meter.Int64UpDownCounter("runrun_http_requests_in_flight",
		metric.WithDescription("Requests that are being answered, streams among them."))
	if err2 == nil {
		inFlight.Add(context.Background(), 0)
	}
	return measures{seconds, inFlight}, errors.Join(err1, err2)
}

// methods are those that a label may have.
var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

// methodOf is a request's method for labels and names. Clients may make up others, as many as they like: those are one.
func methodOf(r *http.Request) string {
	if slices.Contains(methods, r.Method) {
		return r.Method
	}
	return "_OTHER" // as OpenTelemetry names it
}

// measure measures a request. Its labels are bounded: a route is a template.
func (m measures) measure(c *gin.Context) {
	m.inFlight.Add(c, 1)
	defer m.inFlight.Add(c, -1)
	began := time.Now()
	c.Next()
	route := c.FullPath()
	switch {
	case strings.HasSuffix(route, "/events"):
		return
	case route == "":
		route = "none" // a page of the storefront, or nothing
	case c.Query("wait") != "":
		route += "?wait" // it takes as long as the caller likes
	}
	m.seconds.Record(c, time.Since(began).Seconds(), metric.WithAttributes(
		attribute.String("method", methodOf(c.Request)), attribute.String("route", route),
		attribute.String("status", strconv.Itoa(c.Writer.Status()/100)+"xx")))
}
