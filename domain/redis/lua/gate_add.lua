-- Admits more shoppers (units > 0), or fewer, and announces it. KEYS: the gate. ARGV: units, channel, product.
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'left', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'changes', 1)
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
