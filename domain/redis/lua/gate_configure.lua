-- Sets when orders are taken and how many units one shopper may have, and announces it.
-- KEYS: the gate. ARGV: opens and closes (ms, 0 is none), limit (0 is none), channel, product.
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'opens', ARGV[1], 'closes', ARGV[2], 'limit', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
