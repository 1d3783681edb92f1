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

// Gate decides in one round trip who may order at all: open yet, within the shopper's limit, units left. Who passes has a
// ticket, whose number is the place in the queue.
//
// It is advisory. The database decides again, so a gate that was lost, or seeded wrong, costs a refusal too late or too
// early, and never a unit. What is given out is pending until its order is written; what stays pending was abandoned.
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

// enter takes shoppers and their quantities in turn, and answers {what, number} for each: ADMITTED with the ticket, NOT_OPEN_YET
// with the opening time, or why not. A gate that is not there answers nothing.
var enter = redis.NewScript(`
local gate = redis.call('HMGET', KEYS[1], 'left', 'opens', 'closes', 'limit')
if not gate[1] then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, opens, closes, limit = tonumber(gate[1]), tonumber(gate[2]), tonumber(gate[3]), tonumber(gate[4])
local function admit(user, quantity)
  if opens > now then return 'NOT_OPEN_YET', opens end
  if closes > 0 and closes <= now then return 'CLOSED', closes end
  if limit > 0 and tonumber(redis.call('HGET', KEYS[2], user) or '0') + quantity > limit then return 'LIMIT_EXCEEDED', 0 end
  if left < quantity then return 'SOLD_OUT', 0 end
  left = redis.call('HINCRBY', KEYS[1], 'left', -quantity)
  redis.call('HINCRBY', KEYS[1], 'changes', 1)
  local ticket = redis.call('HINCRBY', KEYS[1], 'seq', 1)
  if limit > 0 then redis.call('HINCRBY', KEYS[2], user, quantity) end
  redis.call('ZADD', KEYS[3], now, ticket .. ':' .. quantity .. ':' .. user)
  return 'ADMITTED', ticket
end
local answers = {}
for i = 1, #ARGV, 2 do answers[#answers + 1] = {admit(ARGV[i], tonumber(ARGV[i + 1]))} end
return answers`)

// Enter asks for tickets, those of a product in one command and all in one round trip, and answers in the order of the entries. One
// that could not be asked for has an error of code Unavailable in its answer; then a ticket may have been issued that nobody has
// heard of, and stays pending.
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

// gateLine is who stands at the gate of one product.
type gateLine struct {
	product domain.ProductID
	entries []int // their numbers
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
		return domain.GateAnswer{Err: domain.Wrap(domain.Unavailable, err, "Redis does not answer")}
	}
	what, _ := answer[0].(string)
	number, _ := answer[1].(int64)
	switch what {
	case "ADMITTED":
		return domain.GateAnswer{Ticket: number}
	case string(domain.NotOpenYet):
		return domain.GateAnswer{Refusal: &domain.GateRefusal{Code: domain.NotOpenYet, OpensAt: fromMillis(number)}}
	}
	return domain.GateAnswer{Refusal: &domain.GateRefusal{Code: domain.Code(what)}}
}

// Every script that changes a gate first asks whether it is seeded: a Redis that came back empty would otherwise keep half a gate,
// which nobody may seed and nobody may enter.

// seed opens a gate that is not there; of several at once the first wins.
var seed = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'left', ARGV[1], 'seq', ARGV[2], 'opens', ARGV[3], 'closes', ARGV[4], 'limit', ARGV[5], 'changes', 0)
redis.call('DEL', KEYS[2], KEYS[3])
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1`)

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

var add = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'left', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1`)

// Add lets more in, since units were put on the shelf, or fewer (units < 0). A gate that is not there will be seeded right.
// Errors: Unavailable; then the reconciler mends it.
func (g *Gate) Add(ctx context.Context, product domain.ProductID, units int64) error {
	return unavailable(add.Run(ctx, g.client, gateKeys(product)[:1], units, productsChannel, string(product)).Err())
}

var written = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return redis.call('ZREM', KEYS[3], unpack(ARGV))`)

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
				written.Eval(ctx, p, gateKeys(product), some...)
			}
		}
		return nil
	})
	return unavailable(err)
}

func pendingMember(item domain.OrderItem, user domain.UserID) string {
	return fmt.Sprintf("%d:%d:%s", item.Ticket, item.Quantity, user)
}

// back takes an order's units back, once for every order, and tells everyone.
var back = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 0 or redis.call('SADD', KEYS[4], ARGV[1]) == 0 then return 0 end
redis.call('EXPIRE', KEYS[4], ARGV[5])
redis.call('ZREM', KEYS[3], ARGV[4])
redis.call('HINCRBY', KEYS[1], 'left', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 and redis.call('HINCRBY', KEYS[2], ARGV[2], -ARGV[3]) <= 0 then redis.call('HDEL', KEYS[2], ARGV[2]) end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1`)

// GiveBack lets an order's units in again: it was refused or released, or never written. It may be repeated.
// Errors: Unavailable; then the reconciler finds them.
func (g *Gate) GiveBack(ctx context.Context, order domain.OrderID, user domain.UserID, items []domain.OrderItem) error {
	_, err := g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, item := range items {
			if item.Ticket > 0 { // who came without a ticket took nothing
				back.Eval(ctx, p, gateKeys(item.ProductID), string(order), string(user), item.Quantity, pendingMember(item, user),
					int(givenBackFor.Seconds()), productsChannel, string(item.ProductID))
			}
		}
		return nil
	})
	return unavailable(err)
}

// snapshot drops the tickets that nobody has made an order of, so that their shoppers may have others, and answers
// {left, changes, limit, pending tickets, shoppers with their units}.
var snapshot = redis.NewScript(`
local gate = redis.call('HMGET', KEYS[1], 'left', 'changes', 'limit')
if not gate[1] then return {} end
local time = redis.call('TIME')
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', time[1] * 1000 - ARGV[1])) do
  local quantity, user = string.match(member, '^%d+:(%d+):(.*)$')
  if redis.call('HEXISTS', KEYS[2], user) == 1 then redis.call('HINCRBY', KEYS[2], user, -quantity) end
  redis.call('ZREM', KEYS[3], member)
end
local owned = {}
if tonumber(gate[3]) > 0 then owned = redis.call('HGETALL', KEYS[2]) end
return {gate[1], gate[2], gate[3], redis.call('ZRANGE', KEYS[3], 0, -1), owned}`)

// Snapshot drops a product's tickets that have been pending for longer than abandoned, and returns the gate's state; false if
// there is no gate.
// Errors: Unavailable.
func (g *Gate) Snapshot(ctx context.Context, product domain.ProductID, abandoned time.Duration) (domain.GateSnapshot, bool, error) {
	parts, err := snapshot.Run(ctx, g.client, gateKeys(product), abandoned.Milliseconds()).Slice()
	if err != nil || len(parts) == 0 {
		return domain.GateSnapshot{}, false, unavailable(err)
	}
	if len(parts) != 5 {
		return domain.GateSnapshot{}, false, domain.Errorf(domain.Unavailable, "Redis answers what was not asked")
	}
	taken := domain.GateSnapshot{Left: numberOf(parts[0]), Changes: numberOf(parts[1]), Limited: numberOf(parts[2]) > 0, Owned: map[domain.UserID]int64{}}
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

var correct = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 0 or redis.call('HGET', KEYS[1], 'changes') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'left', ARGV[2])
for i = 5, #ARGV, 2 do
  if tonumber(ARGV[i + 1]) > 0 then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) else redis.call('HDEL', KEYS[2], ARGV[i]) end
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`)

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

// correctOwned sets one shopper's count, with what that shopper's tickets of a moment ago may still become. It answers how many
// units those are.
var correctOwned = redis.NewScript(`
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
local time = redis.call('TIME')
local recent = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], time[1] * 1000 - ARGV[3], '+inf')) do
  local quantity, user = string.match(member, '^%d+:(%d+):(.*)$')
  if user == ARGV[1] then recent = recent + quantity end
end
local units = ARGV[2] + recent
if units > 0 then redis.call('HSET', KEYS[2], ARGV[1], units) else redis.call('HDEL', KEYS[2], ARGV[1]) end
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return recent`)

// CorrectOwned sets how many units of a product a shopper has ordered, holds and has bought, as the database says it. Tickets
// younger than recent count on top, since their orders may be on their way; it returns their units.
// Errors: Unavailable.
func (g *Gate) CorrectOwned(ctx context.Context, product domain.ProductID, user domain.UserID, units int64, recent time.Duration) (int64, error) {
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
	return domain.Wrap(domain.Unavailable, err, "Redis does not answer")
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// toMillis is 0 for the zero time.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
