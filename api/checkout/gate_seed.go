package checkout

import (
	"context"

	"runrun/domain"
)

// ensureSeeded seeds a product's gate from the database; of many that ask at once one does. line is the product's place in the order.
// Errors: UnknownProduct, Unavailable; Overloaded if the gate does not answer.
func (a *Admission) ensureSeeded(ctx context.Context, product domain.ProductID, line int) error {
	_, err, _ := a.seeding.Do(string(product), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
		defer cancel()
		seed, err := a.seed(ctx, product, line)
		if err != nil {
			return nil, err
		}
		if err := a.gate.Seed(ctx, seed); err != nil {
			return nil, domain.Wrap(domain.CodeOverloaded, err,
				"no ticket could be issued for product "+string(product)+"; nothing was ordered, try again in a moment")
		}
		return nil, nil //nolint:nilnil // the gate is the result
	})
	return err
}

// seed reads what a gate has to know.
// Errors: UnknownProduct, Unavailable.
func (a *Admission) seed(ctx context.Context, product domain.ProductID, line int) (domain.GateSeed, error) {
	products, err := a.counts.ProductsByID(ctx, []domain.ProductID{product})
	if err != nil {
		return domain.GateSeed{}, err
	}
	p, found := products[product]
	if !found {
		return domain.GateSeed{}, unknownProduct(line)
	}
	seed := domain.GateSeed{Product: p}
	claims, err := a.counts.Claims(ctx, product, nil)
	if err != nil {
		return seed, err
	}
	seed.Left = claims.Unclaimed
	if seed.LastTicket, err = a.counts.LastTicket(ctx, product); err != nil {
		return seed, err
	}
	if p.LimitPerShopper > 0 {
		seed.Owned, err = a.counts.Owned(ctx, product)
	}
	return seed, err
}
