package dispatch

import (
	"cmp"
	"slices"

	"runrun/domain"
)

// fairQueue holds orders in ticket order within a product, round robin between products: tickets of two products cannot be compared,
// and a drop must not starve the orders of another. A basket waits with its first product. The zero value is empty.
type fairQueue struct {
	products map[domain.ProductID]*line
	rotation []domain.ProductID // the products that have orders; the first is next
	length   int
}

// line are the orders of one product, by ticket.
type line struct{ orders []*domain.Order }

// productOf is the product with which an order waits.
func productOf(o *domain.Order) domain.ProductID {
	if len(o.Items) == 0 {
		return ""
	}
	return o.Items[0].ProductID
}

// push inserts an order by ticket: at the end of its product's line, as a rule.
func (q *fairQueue) push(o *domain.Order) {
	product := productOf(o)
	if q.products == nil {
		q.products = map[domain.ProductID]*line{}
	}
	waiting := q.products[product]
	if waiting == nil {
		waiting = &line{}
		q.products[product] = waiting
		q.rotation = append(q.rotation, product)
	}
	at, _ := slices.BinarySearchFunc(waiting.orders, o, byTicket)
	waiting.orders = slices.Insert(waiting.orders, at, o)
	q.length++
}

// pop removes and returns the first order of the next product. The queue must not be empty.
func (q *fairQueue) pop() *domain.Order {
	product := q.rotation[0]
	q.rotation = q.rotation[1:]
	waiting := q.products[product]
	first := waiting.orders[0]
	waiting.orders[0], waiting.orders = nil, waiting.orders[1:]
	if len(waiting.orders) == 0 {
		delete(q.products, product)
	} else {
		q.rotation = append(q.rotation, product)
	}
	q.length--
	return first
}

// position returns an order's place in its product's line, from 1, and how many orders of all products are started up to it; false
// if it does not wait here.
func (q *fairQueue) position(o *domain.Order) (position, taken int, found bool) {
	waiting := q.products[productOf(o)]
	if waiting == nil {
		return 0, 0, false
	}
	at, found := slices.BinarySearchFunc(waiting.orders, o, byTicket)
	if !found {
		return 0, 0, false
	}
	for _, other := range q.products {
		taken += min(len(other.orders), at+1)
	}
	return at + 1, taken, true
}

// byTicket sorts the orders of a product by ticket; those without one come last, by age, which their id tells.
func byTicket(a, b *domain.Order) int {
	if (a.Ticket == 0) != (b.Ticket == 0) {
		return cmp.Compare(b.Ticket, a.Ticket)
	}
	return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.ID, b.ID))
}
