package rest

import (
	"context"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"runrun/api/auth"
	"runrun/domain"
	"runrun/domain/ops"
)

// Names of the security schemes.
const (
	bearer       = "bearer"
	ticketScheme = "ticket"
)

type callerKey struct{}

// callerOf returns the caller of an operation with security.
func callerOf(ctx context.Context) auth.Caller {
	c, _ := ctx.Value(callerKey{}).(auth.Caller)
	return c
}

// authenticate applies the table of rules, before the input is read.
func (a *API) authenticate() func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		rule := rules[ctx.Operation().OperationID]
		if !rule.token {
			next(ctx)
			return
		}
		caller, err := a.caller(ctx, rule)
		if err == nil {
			err = rule.allow(caller.Role)
		}
		if err != nil {
			writeProblem(humagin.Unwrap(ctx), err)
			return
		}
		ops.Annotate(ctx.Context(), slog.String("user_id", string(caller.ID)))
		if order := ctx.Param("id"); strings.HasPrefix(order, domain.OrderPrefix) {
			ops.Annotate(ctx.Context(), slog.String("order_id", order))
		}
		next(huma.WithValue(ctx, callerKey{}, caller))
	}
}

// caller returns the caller that the access token names, or a stream ticket where the operation accepts one.
func (a *API) caller(ctx huma.Context, rule access) (auth.Caller, error) {
	ticket := ctx.Query("ticket")
	if ticket == "" || !rule.ticket {
		return a.tokens.FromHeader(ctx.Header("Authorization"))
	}
	return a.tokens.VerifyStreamTicket(ticket, domain.OrderID(ctx.Param("id")))
}
