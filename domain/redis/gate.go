package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"runrun/domain"
)

// Gate issues tickets for products. In one round trip it checks the opening time, the limit per shopper and the units left. The
// ticket's number is the position in the product's queue.
//
// The gate is advisory: the database decides every order. A gate that is lost or seeded wrong refuses too many or too few
// shoppers, but never oversells. A ticket is pending until its order is written; one that stays pending counts as abandoned.
type Gate struct {
	client redis.UniversalClient
}

// NewGate makes the gate that lives in a Redis.
func NewGate(client redis.UniversalClient) *Gate { return &Gate{client} }

// productsChannel carries the ids of products whose units came back.
const productsChannel = "runrun:products"

// gatesKey is the set of products that have a gate.
const gatesKey = "runrun:gates"

// givenBackFor is how long the gate remembers whose units it took back, so that a repetition changes nothing.
const givenBackFor = 24 * time.Hour

// gateKeys are a product's keys, all in one slot of a cluster: the gate itself, the shoppers' units, the pending tickets and
// the orders whose units came back.
func gateKeys(product domain.ProductID) []string {
	base := "runrun:gate:{" + string(product) + "}"
	return []string{base, base + ":owned", base + ":pending", base + ":back"}
}

// Enter requests a ticket for every entry and returns the answers in the order of the entries. It sends one command for each
// product, all in one round trip. If a command fails, the answers to its entries carry an error with code Unavailable; their
// tickets may have been issued all the same, and then stay pending until Snapshot drops them.
func (g *Gate) Enter(ctx context.Context, entries []domain.GateEntry) ([]domain.GateAnswer, error) {
	lines := linesOf(entries)
	g.enterThose(ctx, lines, enter.EvalSha)
	var unknown []*gateLine // the server of these has not seen the script yet, and has done nothing
	for _, line := range lines {
		if redis.HasErrorPrefix(line.command.Err(), "NOSCRIPT") {
			unknown = append(unknown, line)
		}
	}
	if len(unknown) > 0 {
		g.enterThose(ctx, unknown, enter.Eval)
	}
	answers := make([]domain.GateAnswer, len(entries))
	for _, line := range lines {
		each, err := line.command.Slice()
		for n, entry := range line.entries {
			answers[entry] = gateAnswer(each, n, err)
		}
	}
	return answers, nil
}

// gateLine is the command that requests tickets for all entries of one product.
type gateLine struct {
	product domain.ProductID
	entries []int // indexes into the entries of Enter
	args    []any // shopper, quantity, shopper, …
	command *redis.Cmd
}

func linesOf(entries []domain.GateEntry) []*gateLine {
	var lines []*gateLine
	of := map[domain.ProductID]*gateLine{}
	for n, e := range entries {
		line, there := of[e.Product]
		if !there {
			line = &gateLine{product: e.Product}
			of[e.Product], lines = line, append(lines, line)
		}
		line.entries, line.args = append(line.entries, n), append(line.args, string(e.User), e.Quantity)
	}
	return lines
}

// enterThose sends lines and keeps their commands; each has its own error.
func (g *Gate) enterThose(ctx context.Context, lines []*gateLine, eval func(context.Context, redis.Scripter, []string, ...any) *redis.Cmd) {
	_, _ = g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, line := range lines {
			line.command = eval(ctx, p, gateKeys(line.product), line.args...)
		}
		return nil
	})
}

// gateAnswer reads the answer to the n-th of a line.
func gateAnswer(line []any, n int, err error) domain.GateAnswer {
	if err == nil && len(line) == 0 {
		return domain.GateAnswer{} // there is no gate
	}
	var answer []any
	if n < len(line) {
		answer, _ = line[n].([]any)
	}
	if err != nil || len(answer) != 2 {
		return domain.GateAnswer{Err: domain.Wrap(domain.CodeUnavailable, err, "Redis does not answer")}
	}
	what, _ := answer[0].(string)
	number, _ := answer[1].(int64)
	switch what {
	case "ADMITTED":
		return domain.GateAnswer{Ticket: number}
	case string(domain.CodeNotOpenYet):
		return domain.GateAnswer{Refusal: &domain.GateRefusal{Code: domain.CodeNotOpenYet, OpensAt: fromMillis(number)}}
	}
	return domain.GateAnswer{Refusal: &domain.GateRefusal{Code: domain.Code(what)}}
}

// Seed opens a product's gate from the database, unless it is there.
// Errors: Unavailable.
func (g *Gate) Seed(ctx context.Context, s domain.GateSeed) error {
	args := []any{s.Left, s.LastTicket, toMillis(s.Product.OpensAt), toMillis(s.Product.ClosesAt), s.Product.LimitPerShopper}
	for user, units := range s.Owned {
		args = append(args, string(user), units)
	}
	err := seed.Run(ctx, g.client, gateKeys(s.Product.ID), args...).Err()
	if err == nil {
		err = g.client.SAdd(ctx, gatesKey, string(s.Product.ID)).Err()
	}
	return unavailable(err)
}

// Add admits more shoppers, since units were put on sale, or fewer (units < 0). A gate that is not there is seeded later.
// Errors: Unavailable; then the reconciler corrects it.
func (g *Gate) Add(ctx context.Context, product domain.ProductID, units int64) error {
	return unavailable(add.Run(ctx, g.client, gateKeys(product)[:1], units, productsChannel, string(product)).Err())
}

// Configure sets when a product's orders are taken, and how many units one shopper may have. A gate that is not there is seeded with it.
// Errors: Unavailable; then the reconciler corrects it.
func (g *Gate) Configure(ctx context.Context, product domain.ProductID, r domain.GateRules) error {
	return unavailable(configure.Run(ctx, g.client, gateKeys(product)[:1],
		toMillis(r.OpensAt), toMillis(r.ClosesAt), r.Limit, productsChannel, string(product)).Err())
}

// mostMembers bounds the arguments of one script: Lua unpacks them onto its stack.
const mostMembers = 500

// ConfirmTickets records that tickets have become orders: they are not pending any more.
// Errors: Unavailable; then they count twice until the reconciler looks.
func (g *Gate) ConfirmTickets(ctx context.Context, orders []domain.NewOrder) error {
	pending := map[domain.ProductID][]any{}
	for _, o := range orders {
		for _, item := range o.Items {
			if item.Ticket > 0 {
				pending[item.ProductID] = append(pending[item.ProductID], pendingMember(item, o.UserID))
			}
		}
	}
	_, err := g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for product, members := range pending {
			for some := range slices.Chunk(members, mostMembers) {
				confirm.Eval(ctx, p, gateKeys(product), some...)
			}
		}
		return nil
	})
	return unavailable(err)
}

func pendingMember(item domain.OrderItem, user domain.UserID) string {
	return fmt.Sprintf("%d:%d:%s", item.Ticket, item.Quantity, user)
}

// GiveBack lets an order's units in again: it was refused or released, or never written. It may be repeated.
// Errors: Unavailable; then the reconciler finds them.
func (g *Gate) GiveBack(ctx context.Context, order domain.OrderID, user domain.UserID, items []domain.OrderItem) error {
	_, err := g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, item := range items {
			if item.Ticket > 0 { // who came without a ticket took nothing
				giveBack.Eval(ctx, p, gateKeys(item.ProductID), string(order), string(user), item.Quantity, pendingMember(item, user),
					int(givenBackFor.Seconds()), productsChannel, string(item.ProductID))
			}
		}
		return nil
	})
	return unavailable(err)
}

// Snapshot drops a product's tickets that have been pending for longer than abandoned, and returns the gate's state; false if
// there is no gate.
// Errors: Unavailable.
func (g *Gate) Snapshot(ctx context.Context, product domain.ProductID, abandoned time.Duration) (domain.GateSnapshot, bool, error) {
	parts, err := snapshot.Run(ctx, g.client, gateKeys(product), abandoned.Milliseconds()).Slice()
	if err != nil || len(parts) == 0 {
		return domain.GateSnapshot{}, false, unavailable(err)
	}
	if len(parts) != 7 {
		return domain.GateSnapshot{}, false, domain.Errorf(domain.CodeUnavailable, "Redis answers what was not asked")
	}
	taken := domain.GateSnapshot{
		Left:    numberOf(parts[0]),
		Changes: numberOf(parts[1]),
		Limited: numberOf(parts[2]) > 0,
		Owned:   map[domain.UserID]int64{},
		Rules: domain.GateRules{
			OpensAt: fromMillis(numberOf(parts[5])), ClosesAt: fromMillis(numberOf(parts[6])), Limit: int(numberOf(parts[2])),
		},
	}
	pending, _ := parts[3].([]any)
	for _, member := range pending {
		taken.Pending = append(taken.Pending, pendingTicket(member))
	}
	owned, _ := parts[4].([]any)
	for n := 0; n+1 < len(owned); n += 2 {
		user, _ := owned[n].(string)
		taken.Owned[domain.UserID(user)] = numberOf(owned[n+1])
	}
	return taken, true, nil
}

// pendingTicket reads what pendingMember wrote.
func pendingTicket(member any) domain.PendingTicket {
	text, _ := member.(string)
	ticket, rest, _ := strings.Cut(text, ":")
	quantity, user, _ := strings.Cut(rest, ":")
	return domain.PendingTicket{Ticket: numberOf(ticket), Quantity: numberOf(quantity), User: domain.UserID(user)}
}

// numberOf reads a number that a script answered as text; 0 is what is none.
func numberOf(value any) int64 {
	text, _ := value.(string)
	number, _ := strconv.ParseInt(text, 10, 64)
	return number
}

// Correct sets what is left and what shoppers own, if nothing has happened at the gate since the snapshot, and reports whether
// it did.
// Errors: Unavailable.
func (g *Gate) Correct(ctx context.Context, product domain.ProductID, since domain.GateSnapshot, to domain.GateCorrection) (bool, error) {
	args := []any{strconv.FormatInt(since.Changes, 10), to.Left, productsChannel, string(product)}
	for user, units := range to.Owned {
		args = append(args, string(user), units)
	}
	done, err := correct.Run(ctx, g.client, gateKeys(product), args...).Int()
	return done == 1, unavailable(err)
}

// CorrectOwned sets how many units of a product a shopper has ordered, holds and has bought, as the database says it. Tickets
// younger than recent count on top, since their orders may be on their way; it returns their units.
// Errors: Unavailable.
func (g *Gate) CorrectOwned(
	ctx context.Context,
	product domain.ProductID,
	user domain.UserID,
	units int64,
	recent time.Duration,
) (int64, error) {
	pending, err := correctOwned.Run(ctx, g.client, gateKeys(product), string(user), units, recent.Milliseconds()).Int64()
	return pending, unavailable(err)
}

// Gates lists the products that have had a gate.
// Errors: Unavailable.
func (g *Gate) Gates(ctx context.Context) ([]domain.ProductID, error) {
	members, err := g.client.SMembers(ctx, gatesKey).Result()
	products := make([]domain.ProductID, 0, len(members))
	for _, member := range members {
		products = append(products, domain.ProductID(strings.TrimSpace(member)))
	}
	return products, unavailable(err)
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return domain.Wrap(domain.CodeUnavailable, err, "Redis does not answer")
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// toMillis is 0 for the zero time.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
