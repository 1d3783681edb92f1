package rest

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"runrun/api/auth"
	"runrun/domain"
)

// Names of the security schemes.
const (
	bearer       = "bearer"
	ticketScheme = "ticket"
)

// secured marks an operation that needs an access token.
var secured = []map[string][]string{{bearer: {}}}

type callerKey struct{}

// callerOf returns the caller of an operation with security.
func callerOf(ctx context.Context) auth.Caller {
	c, _ := ctx.Value(callerKey{}).(auth.Caller)
	return c
}

// authenticate demands a token for the operations that declare security, before their input is read.
func (a *API) authenticate() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if len(ctx.Operation().Security) == 0 {
			next(ctx)
			return
		}
		caller, err := a.caller(ctx)
		if err != nil {
			writeProblem(humagin.Unwrap(ctx), err)
			return
		}
		next(huma.WithValue(ctx, callerKey{}, caller))
	}
}

// caller returns the caller that the access token names, or a stream ticket where the operation accepts one.
func (a *API) caller(ctx huma.Context) (auth.Caller, error) {
	ticket := ctx.Query("ticket")
	acceptsTickets := slices.ContainsFunc(ctx.Operation().Security,
		func(scheme map[string][]string) bool { return scheme[ticketScheme] != nil })
	if ticket == "" || !acceptsTickets {
		return a.tokens.FromHeader(ctx.Header("Authorization"))
	}
	return a.tokens.VerifyStreamTicket(ticket, domain.OrderID(ctx.Param("id")))
}
