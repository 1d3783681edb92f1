-- Takes an order's units back, once for every order, and tells everyone.
-- KEYS: the gate, shoppers' units, pending tickets, orders that gave back. ARGV: order, shopper, quantity, pending member,
-- seconds for which the order is remembered, channel, product.
if redis.call('HEXISTS', KEYS[1], 'left') == 0 or redis.call('SADD', KEYS[4], ARGV[1]) == 0 then return 0 end
redis.call('EXPIRE', KEYS[4], ARGV[5])
redis.call('ZREM', KEYS[3], ARGV[4])
redis.call('HINCRBY', KEYS[1], 'left', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 and redis.call('HINCRBY', KEYS[2], ARGV[2], -ARGV[3]) <= 0 then redis.call('HDEL', KEYS[2], ARGV[2]) end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
