package gateway

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"runrun/domain"
)

// callOutcomes are what may be known of each call afterwards.
var callOutcomes = map[string][]string{
	"confirm": {string(domain.OutcomePaid), string(domain.OutcomeDeclined), string(domain.OutcomeFault), string(domain.OutcomeUnknown)},
	"lookup": {
		string(domain.OutcomePaid), string(domain.OutcomeDeclined), string(domain.OutcomeUnconfirmed), string(domain.OutcomeMissing),
		string(domain.OutcomeUnknown),
	},
	"cancel": {
		string(domain.Refunded), string(domain.RefundDenied), string(domain.RefundLater), string(domain.RefundUnproven),
	},
	"transactions": {listed, notListed},
}

// Outcomes of a list of transactions.
const (
	listed    = "LISTED"
	notListed = "FAILED"
)

func byOutcome(call, outcome string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("call", call), attribute.String("outcome", outcome))
}

func (c *Client) count(ctx context.Context, call, outcome string) {
	c.calls.Add(ctx, 1, byOutcome(call, outcome))
}
