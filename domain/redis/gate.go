package redis

import (
	"context"
	"fmt"
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

// enter answers {what, number}: ADMITTED with the ticket, NOT_OPEN_YET with the opening time, or why not.
var enter = redis.NewScript(`
local gate = redis.call('HMGET', KEYS[1], 'left', 'opens', 'closes', 'limit')
if not gate[1] then return {'UNSEEDED', 0} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local opens, closes, limit = tonumber(gate[2]), tonumber(gate[3]), tonumber(gate[4])
if opens > now then return {'NOT_OPEN_YET', opens} end
if closes > 0 and closes <= now then return {'CLOSED', closes} end
local quantity = tonumber(ARGV[2])
if limit > 0 and tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0') + quantity > limit then return {'LIMIT_EXCEEDED', 0} end
if tonumber(gate[1]) < quantity then return {'SOLD_OUT', 0} end
redis.call('HINCRBY', KEYS[1], 'left', -quantity)
redis.call('HINCRBY', KEYS[1], 'changes', 1)
local ticket = redis.call('HINCRBY', KEYS[1], 'seq', 1)
if limit > 0 then redis.call('HINCRBY', KEYS[2], ARGV[1], quantity) end
redis.call('ZADD', KEYS[3], now, ticket .. ':' .. quantity .. ':' .. ARGV[1])
return {'ADMITTED', ticket}`)

// Enter asks for a ticket for some units of a product. A nil refusal with ticket 0 means that the gate is not seeded.
// Errors: Unavailable.
func (g *Gate) Enter(ctx context.Context, product domain.ProductID, user domain.UserID, quantity int) (int64, *domain.GateRefusal, error) {
	answer, err := enter.Run(ctx, g.client, gateKeys(product), string(user), quantity).Slice()
	if err != nil || len(answer) != 2 {
		return 0, nil, domain.Because(domain.Unavailable, err, "Redis does not answer")
	}
	what, _ := answer[0].(string)
	number, _ := answer[1].(int64)
	switch what {
	case "ADMITTED":
		return number, nil, nil
	case "UNSEEDED":
		return 0, nil, nil
	case string(domain.NotOpenYet):
		return 0, &domain.GateRefusal{Code: domain.NotOpenYet, OpensAt: fromMillis(number)}, nil
	}
	return 0, &domain.GateRefusal{Code: domain.Code(what)}, nil
}

// seed opens a gate that is not there; of several at once the first wins.
var seed = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
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
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
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
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return redis.call('ZREM', KEYS[3], ARGV[1])`)

// Written says that tickets have become orders: they are not pending any more.
// Errors: Unavailable; then they count twice until the reconciler looks.
func (g *Gate) Written(ctx context.Context, orders []domain.NewOrder) error {
	_, err := g.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, o := range orders {
			for _, item := range o.Items {
				if item.Ticket > 0 {
					written.Eval(ctx, p, gateKeys(item.ProductID), pendingMember(item, o.UserID))
				}
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
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('SADD', KEYS[4], ARGV[1]) == 0 then return 0 end
redis.call('EXPIRE', KEYS[4], ARGV[5])
redis.call('ZREM', KEYS[3], ARGV[4])
redis.call('HINCRBY', KEYS[1], 'left', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then redis.call('HINCRBY', KEYS[2], ARGV[2], -ARGV[3]) end
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

// look drops the tickets that nobody has made an order of, so that their shoppers may have others, and reports.
var look = redis.NewScript(`
local gate = redis.call('HMGET', KEYS[1], 'left', 'changes')
if not gate[1] then return {0, 0, -1} end
local time = redis.call('TIME')
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', time[1] * 1000 - ARGV[1])) do
  local quantity, user = string.match(member, '^%d+:(%d+):(.*)$')
  if redis.call('HEXISTS', KEYS[2], user) == 1 then redis.call('HINCRBY', KEYS[2], user, -quantity) end
  redis.call('ZREM', KEYS[3], member)
end
local seen = {tonumber(gate[1]), 0, tonumber(gate[2])}
for _, member in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  local ticket, quantity = string.match(member, '^(%d+):(%d+)')
  seen[2] = seen[2] + tonumber(quantity)
  table.insert(seen, tonumber(ticket))
end
return seen`)

// Look drops a product's tickets that have been pending for longer than abandoned, and says what the gate believes; false if
// there is no gate.
// Errors: Unavailable.
func (g *Gate) Look(ctx context.Context, product domain.ProductID, abandoned time.Duration) (domain.GateLook, bool, error) {
	numbers, err := look.Run(ctx, g.client, gateKeys(product), abandoned.Milliseconds()).Int64Slice()
	if err != nil || len(numbers) < 3 {
		return domain.GateLook{}, false, domain.Because(domain.Unavailable, err, "Redis does not answer")
	}
	return domain.GateLook{Left: numbers[0], Pending: numbers[1], Changes: numbers[2], Tickets: numbers[3:]}, numbers[2] >= 0, nil
}

var mend = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'changes') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'left', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1`)

// Mend sets what is left, if nothing has happened at the gate since the look; it says whether it did.
// Errors: Unavailable.
func (g *Gate) Mend(ctx context.Context, product domain.ProductID, seen domain.GateLook, left int64) (bool, error) {
	done, err := mend.Run(ctx, g.client, gateKeys(product), strconv.FormatInt(seen.Changes, 10), left, productsChannel, string(product)).Int()
	return done == 1, unavailable(err)
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
	return domain.Because(domain.Unavailable, err, "Redis does not answer")
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// toMillis is 0 for the zero time.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
